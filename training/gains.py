"""What each shown pair turned out to be worth, those that are still at work included."""

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from ranking.outcomes import PAIR, LabelDefinition, Outcome, utc_instant
from training.shown import GAIN, Grade

Floats = npt.NDArray[np.float64]


def expected_gains(frame: pd.DataFrame, placements: pd.DataFrame, *, as_of: datetime, label: LabelDefinition) -> Floats:
    """The gain of each pair (n,), for judging; of a running placement what is to be expected.

    A placement that runs is worth a signature, and the rest of the way times its chance to get there: by Kaplan-Meier
    over all placements, P(still there when the hours are full | still there now). That chance knows nothing of who
    they are, so it favours no ranker; without it recent lists could not be judged, for there failures are known and
    successes are not yet.

    Args:
        frame: shown pairs with their grade.
        placements: of :func:`ranking.outcomes.placements`.
        as_of: the cut-off of both.
        label: what counts as lasting.
    """
    gains = np.asarray(GAIN)[np.maximum(frame["grade"].to_numpy(dtype=np.int64), Grade.SHOWN)]
    start = placements["starts_on"].astype("datetime64[us]")
    until = placements["resolved_at"].fillna(pd.Timestamp(utc_instant(as_of)))
    days = np.maximum((until - start).dt.days.to_numpy(dtype=np.float64), 0.0)
    still_there = _Survival(days, (placements["outcome"] == Outcome.ENDED).to_numpy())
    needed = np.ceil(label.hours / placements["hours_per_week"].to_numpy(dtype=np.float64)) * 7.0
    chance = still_there.after(np.fmax(needed, days)) / still_there.after(days)
    held = placements[PAIR].assign(chance=chance, running=(placements["outcome"] == Outcome.CENSORED).to_numpy())
    found = frame[PAIR].merge(held, how="left", on=PAIR)
    running = found["running"].eq(True).to_numpy()
    worth = GAIN[Grade.PLACED] + (GAIN[Grade.RETAINED] - GAIN[Grade.PLACED]) * found["chance"].to_numpy()
    return np.where(running, worth, gains)


class _Survival:
    """Kaplan-Meier estimate of P(not ended by a day); the last value holds beyond the data, and is never 0."""

    def __init__(self, days: Floats, ended: npt.NDArray[np.bool_]) -> None:
        order = np.lexsort((~ended, days))  # of one day the ends first
        at_risk = np.arange(len(days), 0, -1)
        self._days = days[order]
        self._left = np.concatenate(([1.0], np.maximum(np.cumprod(1.0 - ended[order] / at_risk), 1e-6)))

    def after(self, days: Floats) -> Floats:
        """P(not ended by these days)."""
        left: Floats = self._left[np.searchsorted(self._days, days, side="right")]
        return left
