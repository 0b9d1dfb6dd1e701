"""A person in talents-first form: what they say and can do before what is missing; what is unknown is to be asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from api.desk.site import catalogue
from api.desk.vacancy_facts import education_words, irregular_words, language_words
from api.desk.words import day, number
from core.records import Experience, Place, Talent
from core.vocabulary import BEHAVIOURS_NL, BehaviourLevel

T = TypeVar("T")

_LEARNING: Final = (BehaviourLevel.INSUFFICIENT, BehaviourLevel.ABSENT)
_MONTHS_A_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Told:
    """Something about a person.

    Attributes:
        key: of its name, in the table ``fact`` of the catalogue.
        items: what is known, in Dutch; empty when nothing is.
        is_none: it is known that there is none, which is not the same as unknown.
    """

    key: str
    items: Sequence[str]
    is_none: bool = False

    @property
    def is_unknown(self) -> bool:
        """Nobody told: to be asked, and never a no."""
        return not self.items and not self.is_none


@dataclass(frozen=True, slots=True)
class Profile:
    """A person, talents first.

    Attributes:
        own_words: as they wrote it.
        very_good, good: behaviours in words, by how well they are mastered.
        learning: behaviours that can grow.
        told: everything else, in the order in which one reads it.
    """

    own_words: str
    very_good: Sequence[str]
    good: Sequence[str]
    learning: Sequence[str]
    told: Sequence[Told]


def profile_of(talent: Talent, places: Mapping[str, Place]) -> Profile:
    """The profile that a page shows; never a postcode, a name or an attribute that is protected."""
    by_level = {level: _behaviours(talent, level) for level in BehaviourLevel}
    return Profile(
        own_words=talent.presentation,
        very_good=by_level[BehaviourLevel.GOOD],
        good=by_level[BehaviourLevel.SUFFICIENT],
        learning=[name for level in _LEARNING for name in by_level[level]],
        told=[
            Told("skills", talent.skills),
            Told("interests", talent.interests),
            Told("preferred_occupations", talent.preferred_occupations),
            _listed("experience", talent.experience, _experience),
            _listed("certificates", talent.certificates, str),
            _listed("licences", talent.licences, lambda code: catalogue()("talent.licence", code=code)),
            _listed("languages", talent.languages, language_words),
            Told("education", _filled(education_words(talent.education_level))),
            Told("lives_in", _filled(town_of(talent, places))),
            Told("travel", _travel(talent)),
            _listed("transport", talent.transport, catalogue().label),
            Told("hours", _filled(_hours(talent))),
            Told("irregular", _filled(irregular_words(irregular=talent.irregular_hours))),
            Told("available", _filled(_available(talent))),
            Told("route", [catalogue().label(talent.route)] if talent.route else []),
        ],
    )


def town_of(talent: Talent, places: Mapping[str, Place]) -> str:
    """Where somebody lives, as a town; empty when unknown."""
    place = places.get(talent.location.pc4 or "")
    return (place.place or place.municipality if place else "") or talent.municipality or ""


def _behaviours(talent: Talent, level: BehaviourLevel) -> list[str]:
    return [BEHAVIOURS_NL[one.code] for one in talent.behaviours if one.level == level and one.code in BEHAVIOURS_NL]


def _listed(key: str, values: Sequence[T] | None, said: Callable[[T], str]) -> Told:
    """A list of which an empty one says none, and None that nobody told."""
    return Told(key, [said(value) for value in values or []], is_none=values is not None and not values)


def _filled(text: str) -> list[str]:
    return [text] if text else []


def _experience(past: Experience) -> str:
    t = catalogue()
    if past.months is None:
        length = ""
    elif past.months < 2 * _MONTHS_A_YEAR:
        length = t.n("talent.months", past.months)
    else:
        length = t.n("talent.years", past.months // _MONTHS_A_YEAR)
    name = f"{past.occupation} ({length})" if past.occupation and length else past.occupation or length
    return ": ".join(filter(None, (name, past.text)))


def _travel(talent: Talent) -> list[str]:
    t, told = catalogue(), []
    if talent.max_travel_km is not None:
        told.append(t("talent.travel_km", n=number(talent.max_travel_km)))
    if talent.max_travel_minutes is not None:
        told.append(t("talent.travel_minutes", n=number(talent.max_travel_minutes)))
    return told


def _hours(talent: Talent) -> str:
    t = catalogue()
    low, high = (None if one is None else number(one, 1) for one in (talent.hours_min, talent.hours_max))
    if low and high and low != high:
        return t("talent.hours_between", low=low, high=high)
    if low and high:
        return t("talent.hours_exactly", n=low)
    if low:
        return t("talent.hours_from", n=low)
    return t("talent.hours_until", n=high) if high else ""


def _available(talent: Talent) -> str:
    t, first, last = catalogue(), talent.available_from, talent.available_until
    if first and last:
        return t("talent.available_between", first=day(first), last=day(last))
    if first:
        return t("talent.available_from", day=day(first))
    return t("talent.available_until", day=day(last)) if last else ""
