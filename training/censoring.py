"""Weights that make known outcomes stand for those still open (IPCW, Robins & Rotnitzky 1992)."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

MAX_WEIGHT = 5.0  # of one placement, so that a single rare survivor does not decide


def progress_weights(placed: pd.DataFrame, cutoff: np.datetime64) -> Floats:
    """1 / P(still observed when the outcome was known), with the share of the way to the label's hours as the clock.

    Of part-timers nobody has arrived when full-timers have; on a clock of days their successes could never be known
    and no weight could stand for them, on this one others stand for them.

    Args:
        placed: starts_on, resolved_at (NaT while running, or after the cut-off), days_needed.
        cutoff: datetime64[us], UTC.
    """
    days, censored = follow_up_days(placed, cutoff)
    # Arriving late is arriving: slow timecards must not look like a longer way.
    return inverse_censoring(np.minimum(days / placed["days_needed"].to_numpy(), 1.0), censored)


def follow_up_days(placed: pd.DataFrame, cutoff: np.datetime64) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Days (n,) from the start until the outcome was known or else the cut-off, and which outcomes were open then."""
    start = placed["starts_on"].astype("datetime64[us]")
    open_ = ~(placed["resolved_at"] <= pd.Timestamp(cutoff)).to_numpy()
    until = placed["resolved_at"].mask(open_, pd.Timestamp(cutoff))
    return np.maximum((until - start).dt.days.to_numpy(dtype=np.float64), 0.0), open_


def inverse_censoring(durations: Floats, censored: npt.NDArray[np.bool_]) -> Floats:
    """1 / P(not censored before the duration), by Kaplan-Meier, capped at ``MAX_WEIGHT``: (n,)."""
    order = np.lexsort((censored, durations))  # of one moment the known outcomes first, whatever the order of the rows
    at_risk = np.arange(len(durations), 0, -1)
    survival = np.cumprod(1.0 - censored[order] / at_risk)
    observed = np.empty(len(durations))
    observed[order] = np.concatenate(([1.0], survival[:-1]))  # just before the moment
    return np.minimum(1.0 / np.maximum(observed, 1.0 / MAX_WEIGHT), MAX_WEIGHT)
