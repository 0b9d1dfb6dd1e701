"""What an employer's and a sector's earlier placements say, as of any moment, without the placement at hand.

A placement counts for the employer and the sector that its vacancy had at the signature: who takes a vacancy over later
does not take over how others fared.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.records import Vacancy
from core.store import EventColumns, Store, VacancyOwner
from ranking.outcomes import DEFAULT_LABEL, LABELS, utc_instant
from ranking.resolutions import resolutions

Floats = npt.NDArray[np.float64]

# Beta prior with the weight of four placements: one failure does not make a bad employer.
PRIOR_STRENGTH = 4.0
PRIOR_RATE = 0.5

_TURN = ("known_at", "resolved", "retained")


@dataclass(frozen=True, slots=True)
class HistoryFeatures:
    """Smoothed rates and counts of resolved placements before a moment, or each (n,) before n moments."""

    employer_retention: float | Floats
    employer_placements: float | Floats
    sector_retention: float | Floats


@dataclass(frozen=True, slots=True)
class _Track:
    """Turns in what was known of one key's placements, in order of the moment at which they became known."""

    known_at: npt.NDArray[np.datetime64]  # (n,)
    resolved_before: Floats  # (n + 1,) running count of placements with a known outcome
    retained_before: Floats  # (n + 1,) and of those that were retained

    def counts(self, moment: np.datetime64) -> tuple[int, float]:
        seen = int(np.searchsorted(self.known_at, moment, side="left"))
        return int(self.resolved_before[seen]), float(self.retained_before[seen])


@dataclass(frozen=True, slots=True)
class PlacementHistory:
    """Outcomes per employer and per sector, asked as of a time.

    Only what was known strictly before the moment counts. The placement that is being predicted is resolved later, so
    it is never its own evidence.
    """

    employers: Mapping[str, _Track]
    sectors: Mapping[str, _Track]
    overall: _Track

    @classmethod
    def build(cls, turns: pd.DataFrame, owners: Sequence[VacancyOwner | None]) -> Self:
        """Groups turns by employer and sector.

        Args:
            turns: of :func:`ranking.resolutions.resolutions`, by known_at.
            owners: (n,) whose the vacancy of each turn was at the signature; None where it is gone.
        """
        employer = [owner.employer_id if owner else None for owner in owners]
        sector = [owner.sector if owner else None for owner in owners]
        return cls(_tracks(turns, employer), _tracks(turns, sector), _track(turns))

    def features(self, vacancy: Vacancy, when: np.datetime64) -> HistoryFeatures:
        """The history of a vacancy's employer and sector before ``when`` (UTC)."""
        everyone, retained = self.overall.counts(when)
        base = (retained + PRIOR_STRENGTH * PRIOR_RATE) / (everyone + PRIOR_STRENGTH)
        sector_rate, _ = _smoothed(self.sectors.get(vacancy.sector or ""), when, base)
        employer_rate, count = _smoothed(self.employers.get(vacancy.employer.employer_id or ""), when, sector_rate)
        return HistoryFeatures(employer_rate, float(count), sector_rate)

    def features_at(self, vacancy: Vacancy, moments: npt.NDArray[np.datetime64]) -> HistoryFeatures:
        """The same before each of n moments, such as those of a vacancy's lists."""
        if (moments == moments[0]).all():  # a vacancy with one list, as most have
            return self.features(vacancy, moments[0])
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


def _track(turns: pd.DataFrame) -> _Track:
    return _running(*(turns[name].to_numpy() for name in _TURN))


def _running(known_at: npt.NDArray[np.datetime64], resolved: Floats, retained: Floats) -> _Track:
    resolved_before, retained_before = (np.concatenate([[0.0], np.cumsum(one)]) for one in (resolved, retained))
    return _Track(known_at.astype("datetime64[us]"), resolved_before, retained_before)


def _tracks(turns: pd.DataFrame, keys: Sequence[str | None]) -> dict[str, _Track]:
    numbers, names = pd.factorize(np.asarray(keys, dtype=object))  # -1 is nobody's
    order = np.argsort(numbers, kind="stable")
    columns = [turns[name].to_numpy()[order] for name in _TURN]
    edges = np.searchsorted(numbers[order], np.arange(len(names) + 1)).tolist()
    return {
        str(name): _running(*(column[start:end] for column in columns))
        for name, start, end in zip(names, edges, edges[1:], strict=False)
    }


def read_history(store: Store, events: EventColumns, *, as_of: datetime) -> PlacementHistory:
    """The history as known at a moment; the one way, for training and serving.

    Features mean the same whatever label a ranker learns, so outcomes are always by the usual one.

    Args:
        store: of which the vacancies are read.
        events: all events, or those of ``OUTCOME_KINDS``; those after ``as_of`` are not looked at.
        as_of: the moment; the history can be asked as of any earlier one.
    """
    turns = resolutions(events, as_of=as_of, label=LABELS[DEFAULT_LABEL])
    held: dict[str, list[VacancyOwner]] = defaultdict(list)
    for owner in store.vacancy_owners(turns["vacancy_id"].unique().tolist()):
        held[owner.vacancy_id].append(owner)
    moments = turns["placed_at"].to_numpy(dtype="datetime64[us]")
    owners = [_valid(held[key], moment) for key, moment in zip(turns["vacancy_id"], moments, strict=True)]
    return PlacementHistory.build(turns, owners)


def _valid(revisions: Sequence[VacancyOwner], moment: np.datetime64) -> VacancyOwner | None:
    """The revision that held at a moment, as the store reads it; None when the vacancy is gone."""
    if len(revisions) < 2:  # then there is nothing to choose
        return revisions[0] if revisions else None
    since = [np.datetime64("NaT") if one.valid_from is None else utc_instant(one.valid_from) for one in revisions]
    valid = [one for one, start in zip(revisions, since, strict=True) if not start > moment]
    return valid[-1] if valid else revisions[int(np.argmin(np.array(since)))]
