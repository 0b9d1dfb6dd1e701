"""Ranking quality per list, beside baselines, with bootstrap intervals over lists."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import ndcg_score

from ranking.features import FEATURE_NAMES
from ranking.trees import RankingTable
from training.shown import GAIN, Grade

Floats = npt.NDArray[np.float64]

K = 10
RESAMPLES = 2_000
SEED = 20_241_101  # of the bootstrap and the random baseline; any fixed number would do


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over lists with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float
    n_lists: int

    def to_json(self) -> dict[str, float]:
        """As the command line and the report print it."""
        return {"value": self.value, "low": self.low, "high": self.high, "n_lists": self.n_lists}


def ndcg_per_list(table: RankingTable, scores: Floats, *, k: int = K) -> Floats:
    """nDCG@k (Järvelin & Kekäläinen 2002) of each list, with the gains of :data:`training.shown.GAIN`.

    Args:
        table: g lists, each of at least two rows.
        scores: (n,) higher is earlier; equal scores share their expected value.
        k: cut.

    Returns:
        (g,) values; NaN for a list in which nothing came of anyone: no order of it is better than another.
    """
    gains = np.asarray(GAIN)[table.grades]
    result = np.full(len(table.group_sizes), np.nan)
    start = 0
    for number, size in enumerate(table.group_sizes):
        span = slice(start, start + size)
        if gains[span].any():
            result[number] = ndcg_score(gains[None, span], scores[None, span], k=k)
        start += size
    return result


def reciprocal_rank_per_list(table: RankingTable, scores: Floats) -> Floats:
    """1 / place of the first placed talent of each list (g,); NaN where nobody was placed."""
    result = np.full(len(table.group_sizes), np.nan)
    start = 0
    for number, size in enumerate(table.group_sizes):
        span = slice(start, start + size)
        order = np.argsort(-scores[span], kind="stable")
        hits = np.flatnonzero(table.grades[span][order] >= Grade.PLACED)
        if len(hits):
            result[number] = 1.0 / (hits[0] + 1)
        start += size
    return result


def estimate(values: Floats) -> Estimate:
    """Mean of the lists that have a value, with a percentile bootstrap over lists."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    draws = np.random.default_rng(SEED).integers(len(known), size=(RESAMPLES, len(known)))
    low, high = np.percentile(known[draws].mean(axis=1), (2.5, 97.5))
    return Estimate(float(known.mean()), float(low), float(high), len(known))


def baseline_scores(table: RankingTable) -> dict[str, Floats]:
    """Scores (n,) of rankers that learn nothing: what a learned one must beat."""
    column = {name: table.features[:, number] for number, name in enumerate(FEATURE_NAMES)}
    return {
        "random": np.random.default_rng(SEED).random(len(table)),
        "similarity": column["similarity"],
        "coverage": _coverage(column),
    }


def _coverage(column: Mapping[str, Floats]) -> Floats:
    """A transparent score one could do by hand: shares of what is asked that is there, unknown counts half."""

    def known(name: str, otherwise: float) -> Floats:
        return np.where(np.isnan(column[name]), otherwise, column[name])

    near = 1.0 - np.clip(known("travel_share", 0.5), 0.0, 1.0)
    return (
        2.0 * known("skill_mean", 0.5)
        + known("behaviour_fit", 0.5)
        + known("interest_task", 0.0)
        + near
        + known("hours_overlap", 0.5)
        - known("irregular_refused", 0.0)
    )
