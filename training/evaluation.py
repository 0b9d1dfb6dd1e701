"""Ranking quality per list, beside baselines, with bootstrap intervals over lists."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from ranking.trees import RankingTable
from training.shown import GAIN, Grade

Floats = npt.NDArray[np.float64]

K = 10
RESAMPLES = 2_000
BOOTSTRAP_UNTIL = 5_000
SEED = 20_241_101  # of the bootstrap and the random baseline; any fixed number would do


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over lists with its bootstrap interval, at 95 % unless told."""

    value: float
    low: float
    high: float
    n_lists: int

    def to_json(self) -> dict[str, float]:
        """As the command line and the report print it."""
        return {"value": self.value, "low": self.low, "high": self.high, "n_lists": self.n_lists}


def ndcg_per_list(table: RankingTable, scores: Floats, *, k: int = K, gains: Floats | None = None) -> Floats:
    """nDCG@k (Järvelin & Kekäläinen 2002) of each list.

    Args:
        table: g lists, each of at least two rows.
        scores: (n,) higher is earlier; equal scores share their expected value.
        k: cut.
        gains: (n,) what each row is worth; None for what its grade is worth by :data:`training.shown.GAIN`.

    Returns:
        (g,) values; NaN for a list in which nothing came of anyone: no order of it is better than another.
    """
    gains = np.asarray(GAIN)[table.grades] if gains is None else gains
    found, best = _dcg(table.group_sizes, scores, gains, k), _dcg(table.group_sizes, gains, gains, k)
    result = np.full(len(best), np.nan)
    np.divide(found, best, out=result, where=best > 0)
    return result


def _dcg(sizes: npt.NDArray[np.int64], scores: Floats, gains: Floats, k: int) -> Floats:
    """DCG@k of each list (g,), all at once; scikit-learn's checks cost a hundred times the sum itself.

    Rows of a list with the same score each get the mean gain of those rows: the expected value over their orders
    (McSherry & Najork 2008), as ``sklearn.metrics.ndcg_score`` has it.
    """
    number, place, order = _ranked(sizes, scores)
    discount = np.where(place < k, 1.0 / np.log2(place + 2.0), 0.0)
    alike = (np.diff(number, prepend=-1) == 0) & (np.diff(scores[order], prepend=np.nan) == 0)
    tie = np.cumsum(~alike) - 1
    mean = np.bincount(tie, gains[order]) / np.bincount(tie)
    return np.bincount(number, discount * mean[tie], minlength=len(sizes)).astype(np.float64)


def _ranked(
    sizes: npt.NDArray[np.int64], scores: Floats
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List (n,) and place in it from 0 (n,) of rows list by list, best first; and the rows (n,) in that order."""
    number = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((-scores, number))  # stable: equal scores go by row
    return number, np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes), order


def reciprocal_rank_per_list(table: RankingTable, scores: Floats) -> Floats:
    """1 / place of the first placed talent of each list (g,); NaN where nobody was placed."""
    number, place, order = _ranked(table.group_sizes, scores)
    result = np.full(len(table.group_sizes), np.nan)
    hits = table.grades[order] >= Grade.PLACED
    np.fmax.at(result, number[hits], 1.0 / (place[hits] + 1.0))
    return result


def estimate(values: Floats, *, level: float = 0.95) -> Estimate:
    """Mean of the lists that have a value, with an interval over lists at a level of confidence.

    A percentile bootstrap up to ``BOOTSTRAP_UNTIL`` lists. The mean of more lists than that is normal to well within
    the noise of the bootstrap, at a thousandth of its time.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    if len(known) > BOOTSTRAP_UNTIL:
        half = NormalDist().inv_cdf((1.0 + level) / 2.0) * float(known.std(ddof=1)) / len(known) ** 0.5
        return Estimate(float(known.mean()), float(known.mean()) - half, float(known.mean()) + half, len(known))
    draws = np.random.default_rng(SEED).integers(len(known), size=(RESAMPLES, len(known)))
    low, high = np.quantile(known[draws].mean(axis=1), ((1.0 - level) / 2.0, (1.0 + level) / 2.0))
    return Estimate(float(known.mean()), float(low), float(high), len(known))


def random_scores(n: int) -> Floats:
    """Scores (n,) of chance: what any ranker must beat."""
    return np.random.default_rng(SEED).random(n)
