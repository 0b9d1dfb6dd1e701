"""Splits by time: learn from the past, tune on what came next, judge on what came after that."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from ranking.outcomes import utc_instant
from training.dataset import FeatureRows

# A list younger than this may still lead to a proposal or a signature. Placements that run are no reason to wait
# longer: training.gains says what they are worth.
SETTLED_AFTER = np.timedelta64(42, "D")
TRAIN_SHARE, TUNE_SHARE = 0.5, 0.2


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """Three periods without overlap, in order of time.

    Attributes:
        tune_from: first moment of the tuning period.
        test_from: first moment of the test period; labels of the two earlier periods are as known then.
        test_until: last moment of the test period.
    """

    tune_from: np.datetime64
    test_from: np.datetime64
    test_until: np.datetime64

    def train(self, shown_at: pd.Series) -> npt.NDArray[np.bool_]:
        """Rows of the training period."""
        return shown_at.to_numpy() < self.tune_from

    def tune(self, shown_at: pd.Series) -> npt.NDArray[np.bool_]:
        """Rows of the tuning period."""
        at = shown_at.to_numpy()
        return (at >= self.tune_from) & (at < self.test_from)

    def test(self, shown_at: pd.Series) -> npt.NDArray[np.bool_]:
        """Rows of the test period."""
        at = shown_at.to_numpy()
        return (at >= self.test_from) & (at <= self.test_until)


def split_by_time(shown: pd.DataFrame, as_of: datetime) -> TimeSplit:
    """Cuts the lists that have had their time, by when they were shown.

    Args:
        shown: has list_id and shown_at; when too few are settled, all lists are used.
        as_of: the cut-off.
    """
    starts = shown.groupby("list_id")["shown_at"].min().sort_values().to_numpy()
    settled = starts[starts <= utc_instant(as_of) - SETTLED_AFTER]
    used = settled if len(settled) >= len(starts) / 3 else starts
    tune_from = used[int(len(used) * TRAIN_SHARE)]
    test_from = used[int(len(used) * (TRAIN_SHARE + TUNE_SHARE))]
    return TimeSplit(tune_from, test_from, used[-1])


def without_entities(rows: FeatureRows, test: pd.DataFrame) -> FeatureRows:
    """The rows that share no talent and no vacancy with a test period."""
    shared = rows.frame["talent_id"].isin(test["talent_id"]) | rows.frame["vacancy_id"].isin(test["vacancy_id"])
    return rows.where(~shared.to_numpy())
