"""Splits by time: learn from the past, tune on what came next, judge on what came after that."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from ranking.outcomes import utc_instant

# 1,040 hours take 26 weeks at full time and 35 at 30 hours. Lists younger than this have few successes yet but
# already failures; judging on them would reward picking nobody. Longer would leave too few lists to judge on.
MATURE_AFTER = np.timedelta64(30 * 7, "D")
TRAIN_SHARE, TUNE_SHARE = 0.55, 0.15


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
    """Cuts the lists that have had time to mature, by when they were shown.

    Args:
        shown: has list_id and shown_at; when nothing is mature yet, all lists are used.
        as_of: the cut-off.
    """
    starts = shown.groupby("list_id")["shown_at"].min().sort_values().to_numpy()
    mature = starts[starts <= utc_instant(as_of) - MATURE_AFTER]
    used = mature if len(mature) >= len(starts) / 3 else starts
    tune_from = used[int(len(used) * TRAIN_SHARE)]
    test_from = used[int(len(used) * (TRAIN_SHARE + TUNE_SHARE))]
    return TimeSplit(tune_from, test_from, used[-1])
