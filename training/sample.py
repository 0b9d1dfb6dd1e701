"""Less than everything where everything is more than is needed: samples of large histories, the same in every run."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.store import EventColumns
from training.dataset import FeatureRows
from training.shown import list_sizes

MAX_JUDGED_ROWS = 100_000
"""Shown pairs from which a candidate is chosen: some seven thousand lists, of which intervals are a percent wide."""
MAX_LINEAR_ROWS = 50_000
"""Rows of a regression on tens of columns: a thousand for each weight."""
MAX_PLACEMENTS = 10_000
"""Placements that the chance of staying is learned from."""
SEED = 20_241_101  # any fixed number would do


def whole_lists(rows: FeatureRows, most: int = MAX_JUDGED_ROWS) -> FeatureRows:
    """Whole lists drawn at random, in order, of ``most`` rows together; all rows where there are no more than that."""
    if len(rows.frame) <= most:
        return rows
    sizes = list_sizes(rows.frame["list_id"])
    order = np.random.default_rng(SEED).permutation(len(sizes))
    taken = np.zeros(len(sizes), dtype=bool)
    taken[order[np.cumsum(sizes[order]) <= most]] = True
    return rows.where(np.repeat(taken, sizes))


def events_of(events: EventColumns, rows: FeatureRows) -> EventColumns:
    """The events of the vacancies in a sample: what became of its pairs, and of others for the same vacancies."""
    return events.where(pd.Series(events.vacancy_id).isin(rows.frame["vacancy_id"].unique()).to_numpy())


def drawn(n: int, most: int) -> npt.NDArray[np.int64]:
    """Numbers of ``most`` of n rows drawn at random, in order; all of them where there are no more than that."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(SEED).choice(n, size=most, replace=False))
