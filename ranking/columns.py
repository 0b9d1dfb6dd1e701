"""Talents as typed columns: what the eligibility rules and the features read, without a Python loop per pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt

from core.records import Place, Talent
from core.vocabulary import BEHAVIOUR_CODE_MIN
from embeddings.views import BEHAVIOUR_WEIGHT
from ranking.conduct import N_BEHAVIOURS, told_behaviours
from ranking.likings import talent_likings
from ranking.travel import TRANSPORT_ORDER

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

# Examined behaviours at 0 that stand beside the known ones: two good marks are not yet a good character.
LEVEL_PRIOR = 3.0

# The languages that vacancies in the region ask for get a column; a demand for another one excludes nobody.
LANGUAGE_ORDER = ("nld", "eng", "deu", "fra", "pol", "tur", "ara", "spa", "por", "ukr", "ron", "bul")

_KNOWN_FIELDS = (
    "presentation", "behaviours", "skills", "interests", "preferred_occupations", "experience", "education_level",
    "certificates", "licences", "languages", "max_travel_km", "transport", "hours_min", "hours_max",
    "irregular_hours", "available_from",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TalentColumns:
    """n talents, one row each, in the order of the corpus they belong to.

    Floats are NaN and dates are NaT where unknown. ``licences``, ``certificates`` are tuples of texts or None.
    """

    education: Floats  # (n,) level 1-6
    lat: Floats  # (n,) degrees
    lon: Floats  # (n,) degrees
    max_km: Floats  # (n,) kilometres
    max_minutes: Floats  # (n,) minutes
    transport: Bools  # (n, len(TRANSPORT_ORDER)); an all-false row is unknown or none
    transport_known: Bools  # (n,)
    hours_min: Floats  # (n,) hours per week
    hours_max: Floats  # (n,) hours per week
    irregular: Floats  # (n,) 1 yes, 0 no
    available_from: Days  # (n,) datetime64[D]
    available_until: Days  # (n,) datetime64[D]
    active: Bools  # (n,)
    behaviours: Floats  # (n, N_BEHAVIOURS) weight by level
    behaviour_level: Floats  # (n,) mean weight of all examined ones, drawn to 0 where few are
    behaviours_told: Bools  # (n, N_BEHAVIOURS) whether the presentation says so
    likings: Floats  # (n, themes) taste for kinds of work, in the order of ranking.likings.themes
    spoken: Floats  # (n, len(LANGUAGE_ORDER)) level 0-4
    written: Floats  # (n, len(LANGUAGE_ORDER)) level 0-4
    experience_months: Floats  # (n,); 0 is known to have none
    completeness: Floats  # (n,) share of the profile's fields that are filled
    licences: npt.NDArray[np.object_]  # (n,) tuple[str, ...] or None
    certificates: npt.NDArray[np.object_]  # (n,) tuple[str, ...] or None

    def __len__(self) -> int:
        return len(self.education)

    def take(self, rows: npt.NDArray[np.int64]) -> Self:
        """The columns of some rows, in their order."""
        return type(self)(*(getattr(self, name)[rows] for name in self.__slots__))

    @classmethod
    def build(cls, talents: Sequence[Talent], places: Mapping[str, Place]) -> Self:
        """Reads records into columns; coordinates come from the record, else from its postcode.

        Args:
            talents: n records.
            places: coordinates by four-digit postcode.
        """
        located = [
            coordinates(talent.location.pc4, talent.location.lat, talent.location.lon, places) for talent in talents
        ]
        behaviours = _behaviours(talents)
        return cls(
            education=_floats([talent.education_level for talent in talents]),
            lat=_floats([lat for lat, _ in located]),
            lon=_floats([lon for _, lon in located]),
            max_km=_floats([talent.max_travel_km for talent in talents]),
            max_minutes=_floats([talent.max_travel_minutes for talent in talents]),
            transport=np.array(
                [[way in (talent.transport or ()) for way in TRANSPORT_ORDER] for talent in talents],
                dtype=bool,
            ).reshape(len(talents), len(TRANSPORT_ORDER)),
            transport_known=np.array([talent.transport is not None for talent in talents], dtype=bool),
            hours_min=_floats([talent.hours_min for talent in talents]),
            hours_max=_floats([talent.hours_max for talent in talents]),
            irregular=_floats([talent.irregular_hours for talent in talents]),
            available_from=_days([talent.available_from for talent in talents]),
            available_until=_days([talent.available_until for talent in talents]),
            active=np.array([talent.active for talent in talents], dtype=bool),
            behaviours=behaviours,
            behaviour_level=_level(behaviours),
            behaviours_told=np.array([told_behaviours(talent.presentation) for talent in talents], dtype=bool).reshape(
                len(talents), N_BEHAVIOURS
            ),
            likings=talent_likings(talents),
            spoken=_languages(talents, "spoken"),
            written=_languages(talents, "written"),
            experience_months=_floats([_months(talent) for talent in talents]),
            completeness=np.array([_completeness(talent) for talent in talents], dtype=np.float64),
            licences=_tuples([talent.licences for talent in talents]),
            certificates=_tuples([talent.certificates for talent in talents]),
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Rows of several tables under one another."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


def coordinates(
    pc4: str | None, lat: float | None, lon: float | None, places: Mapping[str, Place]
) -> tuple[float | None, float | None]:
    """Own coordinates when given, else those of the postcode area, else unknown."""
    if lat is not None and lon is not None:
        return lat, lon
    place = places.get(pc4) if pc4 else None
    return (place.lat, place.lon) if place else (None, None)


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def _days(values: Sequence[date | None]) -> Days:
    return np.array([np.datetime64("NaT") if value is None else value for value in values], dtype="datetime64[D]")


def _tuples(values: Sequence[Sequence[str] | None]) -> npt.NDArray[np.object_]:
    result = np.empty(len(values), dtype=np.object_)
    for row, value in enumerate(values):
        result[row] = None if value is None else tuple(value)
    return result


def _behaviours(talents: Sequence[Talent]) -> Floats:
    weights = np.full((len(talents), N_BEHAVIOURS), np.nan)
    for row, talent in enumerate(talents):
        for behaviour in talent.behaviours:
            weights[row, behaviour.code - BEHAVIOUR_CODE_MIN] = BEHAVIOUR_WEIGHT.get(behaviour.level, np.nan)
    return weights


def _level(behaviours: Floats) -> Floats:
    """Mean of the known weights with the weight of ``LEVEL_PRIOR`` middling ones; NaN where none is known."""
    known = ~np.isnan(behaviours)
    count = known.sum(axis=1)
    total = np.zeros(len(behaviours))
    for column in range(N_BEHAVIOURS):  # one after another: numpy's own sum goes in another order for a single row
        total += np.where(known[:, column], behaviours[:, column], 0.0)
    return np.where(count > 0, total / (count + LEVEL_PRIOR), np.nan)


def _languages(talents: Sequence[Talent], skill: str) -> Floats:
    levels = np.full((len(talents), len(LANGUAGE_ORDER)), np.nan)
    column = {code: index for index, code in enumerate(LANGUAGE_ORDER)}
    for row, talent in enumerate(talents):
        if talent.languages == []:
            levels[row] = 0.0  # an empty list says "none"
        for language in talent.languages or ():
            level = getattr(language, skill)
            if language.code in column and level is not None:
                levels[row, column[language.code]] = level
    return levels


def _months(talent: Talent) -> float | None:
    """Months of work as far as they were counted; unknown when there was work and none of it was counted."""
    if talent.experience is None:
        return None
    counted = [item.months for item in talent.experience if item.months is not None]
    return None if talent.experience and not counted else float(sum(counted))


def _completeness(talent: Talent) -> float:
    filled = sum(getattr(talent, name) not in (None, "", []) for name in _KNOWN_FIELDS)
    return filled / len(_KNOWN_FIELDS)
