"""What an employer's and a sector's earlier placements say, as of any moment, without the placement at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.records import Vacancy
from ranking.outcomes import Outcome

Floats = npt.NDArray[np.float64]

# Beta prior with the weight of four placements: one failure does not make a bad employer.
PRIOR_STRENGTH = 4.0
PRIOR_RATE = 0.5


@dataclass(frozen=True, slots=True)
class HistoryFeatures:
    """Smoothed rates and counts of resolved placements before a moment, or each (n,) before n moments."""

    employer_retention: float | Floats
    employer_placements: float | Floats
    sector_retention: float | Floats


@dataclass(frozen=True, slots=True)
class _Track:
    """Resolved placements of one key in order of the moment at which their outcome became known."""

    resolved_at: npt.NDArray[np.datetime64]
    retained_before: npt.NDArray[np.float64]  # (n + 1,) running count of retained

    def counts(self, moment: np.datetime64) -> tuple[int, float]:
        seen = int(np.searchsorted(self.resolved_at, moment, side="left"))
        return seen, float(self.retained_before[seen])


@dataclass(frozen=True, slots=True)
class PlacementHistory:
    """Outcomes per employer and per sector, asked as of a time.

    Only outcomes known strictly before the moment count. The placement that is being predicted is resolved later,
    so it is never its own evidence.
    """

    employers: Mapping[str, _Track]
    sectors: Mapping[str, _Track]
    overall: _Track

    @classmethod
    def build(cls, placements: pd.DataFrame, vacancies: Mapping[str, Vacancy]) -> Self:
        """Groups the resolved placements of :func:`ranking.outcomes.placements`."""
        resolved = placements[placements["outcome"] != Outcome.CENSORED].sort_values("resolved_at", kind="stable")
        owners = [vacancies.get(vacancy_id) for vacancy_id in resolved["vacancy_id"]]
        employer = [owner.employer.employer_id if owner else None for owner in owners]
        sector = [owner.sector if owner else None for owner in owners]
        return cls(_tracks(resolved, employer), _tracks(resolved, sector), _track(resolved))

    def features(self, vacancy: Vacancy, when: np.datetime64) -> HistoryFeatures:
        """The history of a vacancy's employer and sector before ``when`` (UTC)."""
        everyone, retained = self.overall.counts(when)
        base = (retained + PRIOR_STRENGTH * PRIOR_RATE) / (everyone + PRIOR_STRENGTH)
        sector_rate, _ = _smoothed(self.sectors.get(vacancy.sector or ""), when, base)
        employer_rate, count = _smoothed(self.employers.get(vacancy.employer.employer_id or ""), when, sector_rate)
        return HistoryFeatures(employer_rate, float(count), sector_rate)

    def features_at(self, vacancy: Vacancy, moments: npt.NDArray[np.datetime64]) -> HistoryFeatures:
        """The same before each of n moments, such as those of a vacancy's lists."""
        distinct, where = np.unique(moments, return_inverse=True)
        found = [self.features(vacancy, moment) for moment in distinct]
        columns = [[getattr(one, name) for one in found] for name in HistoryFeatures.__slots__]
        return HistoryFeatures(*(np.array(column)[where] for column in columns))


def _smoothed(track: _Track | None, when: np.datetime64, prior: float) -> tuple[float, int]:
    """Rate with the prior's weight of PRIOR_STRENGTH placements, and the number of placements."""
    if track is None:
        return prior, 0
    count, retained = track.counts(when)
    return (retained + PRIOR_STRENGTH * prior) / (count + PRIOR_STRENGTH), count


def _track(rows: pd.DataFrame) -> _Track:
    retained = (rows["outcome"] == Outcome.RETAINED).to_numpy(dtype=np.float64)
    return _Track(rows["resolved_at"].to_numpy(dtype="datetime64[us]"), np.concatenate([[0.0], np.cumsum(retained)]))


def _tracks(resolved: pd.DataFrame, keys: list[str | None]) -> dict[str, _Track]:
    grouped = resolved.assign(key=np.asarray(keys, dtype=object)).dropna(subset="key").groupby("key", sort=True)
    return {str(key): _track(rows) for key, rows in grouped}
