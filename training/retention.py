"""Fits the retention head: P(lasts | placed) from resolved placements, weighted for those still running."""

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression

from ranking.features import FEATURE_NAMES
from ranking.outcomes import Outcome, utc_instant
from ranking.retention import RetentionHead
from training.dataset import FeatureRows

Floats = npt.NDArray[np.float64]

MIN_PLACEMENTS = 60
"""Resolved placements below which a probability would be a guess."""
RESAMPLES = 40
STRENGTH = 0.05  # inverse of the L2 penalty: strong, for some hundred rows and thirty columns
MAX_WEIGHT = 5.0  # of one placement, so that a single rare survivor does not decide


def fit_retention(rows: FeatureRows, placements: pd.DataFrame, *, as_of: datetime, seed: int) -> RetentionHead | None:
    """Learns from placements whose outcome is known.

    Open placements are censored. Dropping them would leave too many failures, which show themselves sooner, so the
    resolved ones are weighted by the inverse probability of being resolved by now (IPCW, Robins & Rotnitzky 1992).

    Args:
        rows: features of shown pairs; those that were placed are used.
        placements: of :func:`ranking.outcomes.placements`, at the same cut-off.
        as_of: the cut-off.
        seed: of the resampling.

    Returns:
        The head; None when fewer than ``MIN_PLACEMENTS`` placements are resolved, or all ended alike.
    """
    placed = rows.frame.reset_index(names="row").merge(
        placements[["vacancy_id", "talent_id", "starts_on", "resolved_at"]], on=["vacancy_id", "talent_id"]
    )
    resolved = placed[placed["outcome"].isin([Outcome.RETAINED, Outcome.ENDED])]
    lasted = (resolved["outcome"] == Outcome.RETAINED).to_numpy()
    if len(resolved) < MIN_PLACEMENTS or len(set(lasted)) == 1:
        return None
    features = rows.features[resolved["row"].to_numpy()]
    weights = censoring_weights(placed, as_of)[resolved.index.to_numpy()]
    median, scale = _scaling(features)
    standard = np.clip((np.where(np.isnan(features), median, features) - median) / scale, -4.0, 4.0)
    return RetentionHead(FEATURE_NAMES, median, scale, _resampled(standard, lasted, weights, seed=seed), len(resolved))


def censoring_weights(placed: pd.DataFrame, as_of: datetime) -> Floats:
    """1 / P(still observed at the time the outcome was known), by Kaplan-Meier on the follow-up time.

    Args:
        placed: starts_on, resolved_at (NaT while running).
        as_of: the cut-off.

    Returns:
        One weight per row, capped at ``MAX_WEIGHT``.
    """
    start = placed["starts_on"].astype("datetime64[us]")
    until = placed["resolved_at"].fillna(pd.Timestamp(utc_instant(as_of)))
    days = np.maximum((until - start).dt.days.to_numpy(dtype=np.float64), 0.0)
    censored = placed["resolved_at"].isna().to_numpy()
    order = np.lexsort((censored, days))  # of one day the known outcomes first, whatever the order of the rows
    at_risk = np.arange(len(days), 0, -1)
    survival = np.cumprod(1.0 - censored[order] / at_risk)
    observed = np.empty(len(days))
    observed[order] = np.concatenate(([1.0], survival[:-1]))  # just before the moment
    return np.minimum(1.0 / np.maximum(observed, 1.0 / MAX_WEIGHT), MAX_WEIGHT)


def _scaling(features: Floats) -> tuple[Floats, Floats]:
    """Median and spread of each column; a column that is never known or never varies gets 0 and 1."""
    known = ~np.isnan(features)
    median, scale = np.zeros(features.shape[1]), np.ones(features.shape[1])
    for column in np.flatnonzero(known.any(axis=0)):
        values = features[known[:, column], column]
        median[column] = np.median(values)
        scale[column] = values.std() or 1.0
    return median, scale


def _resampled(standard: Floats, lasted: npt.NDArray[np.bool_], weights: Floats, *, seed: int) -> Floats:
    """Coefficients (RESAMPLES, f + 1) of regressions on bootstrap samples of the placements."""
    rng = np.random.default_rng(seed)
    fitted: list[Floats] = []
    while len(fitted) < RESAMPLES:
        draw = rng.integers(len(standard), size=len(standard))
        if lasted[draw].all() or not lasted[draw].any():
            continue
        model = LogisticRegression(C=STRENGTH, max_iter=500)
        model.fit(standard[draw], lasted[draw], sample_weight=weights[draw])
        fitted.append(np.append(model.coef_[0], model.intercept_[0]))
    return np.array(fitted)
