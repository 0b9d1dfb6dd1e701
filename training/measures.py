"""What a ranking is measured by, each as one number per list, so that rankers can be compared list by list.

nDCG shares out ties as scikit-learn's does (a test holds them together). ranx and ir_measures are not used: they know
whole grades only and break ties by id; here a running placement is worth a fraction, and plain rankers tie often.
"""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ranking.outcomes import Outcome
from ranking.trees import RankingTable
from training.evaluation import ndcg_per_list, reciprocal_rank_per_list
from training.shown import GAIN, Grade

Floats = npt.NDArray[np.float64]

FIRST = 5
"""Places of retained-precision: as many people as a matchmaker calls on a day."""


class Measure(StrEnum):
    """Names as they stand in reports.

    ``ndcg_at_10`` and ``mrr_placed`` count lists of which something came. ``retained_precision_at_5`` is the share of
    the first five (of a shorter list: of all) who are known to have lasted, over all lists. A placement that still
    runs is not known to last, so this can only be too low; ``_expected`` counts it by its chance to get there
    (:mod:`training.gains`), ``_at_most`` as if it will. The truth lies between the first and the last.
    """

    NDCG = "ndcg_at_10"
    RECIPROCAL_RANK = "mrr_placed"
    RETAINED = "retained_precision_at_5"
    RETAINED_EXPECTED = "retained_precision_at_5_expected"
    RETAINED_AT_MOST = "retained_precision_at_5_at_most"


def measured(
    table: RankingTable, gains: Floats, outcomes: npt.NDArray[np.object_], scores: Floats
) -> dict[Measure, Floats]:
    """All measures of a ranking, each (g,) with NaN where a list says nothing.

    Args:
        table: g lists of n rows.
        gains: (n,) of :func:`training.gains.expected_gains`.
        outcomes: (n,) :class:`Outcome` of each row's placement, missing without one.
        scores: (n,) higher is earlier.
    """
    retained = (outcomes == Outcome.RETAINED).astype(np.float64)
    running = outcomes == Outcome.CENSORED
    chance = (gains - GAIN[Grade.PLACED]) / (GAIN[Grade.RETAINED] - GAIN[Grade.PLACED])
    return {
        Measure.NDCG: ndcg_per_list(table, scores, gains=gains),
        Measure.RECIPROCAL_RANK: reciprocal_rank_per_list(table, scores),
        Measure.RETAINED: mean_of_first(table, scores, retained),
        Measure.RETAINED_EXPECTED: mean_of_first(table, scores, np.where(running, chance, retained)),
        Measure.RETAINED_AT_MOST: mean_of_first(table, scores, np.where(running, 1.0, retained)),
    }


def mean_of_first(table: RankingTable, scores: Floats, worth: Floats, *, k: int = FIRST) -> Floats:
    """Mean worth (g,) of the first k of each list, of all where a list is shorter; equal scores go by row.

    Args:
        table: g lists of n rows.
        scores: (n,) higher is earlier.
        worth: (n,) what each row counts for.
        k: places.
    """
    number = np.repeat(np.arange(len(table.group_sizes)), table.group_sizes)
    order = np.lexsort((-scores, number))  # stable: list by list, best first
    place = np.arange(len(order)) - np.repeat(np.cumsum(table.group_sizes) - table.group_sizes, table.group_sizes)
    counted = place < k
    total = np.bincount(number[order][counted], worth[order][counted], minlength=len(table.group_sizes))
    return np.asarray(total / np.minimum(table.group_sizes, k), dtype=np.float64)
