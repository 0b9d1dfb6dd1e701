"""A vacancy in Dutch words: each field with what stands in it, and what is still to be asked."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from api.desk import words
from api.desk.site import catalogue
from api.desk.words import ZONE
from core.records import Language, Location, Place, Vacancy
from core.sectors import Sector, sector_of
from core.vocabulary import BEHAVIOURS_NL
from ranking.dutch import LANGUAGE_NL
from ranking.vacancy_list import VacancyState

_ASKED_FOR: Final = ("hours_min", "irregular_hours", "starts_on", "location", "education_level_min")
"""Without these a list is less good: they are named when they are not known."""
_TOLD_IN_DAYS: Final = 14
_TOLD_IN_WEEKS: Final = 70


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a vacancy.

    Attributes:
        field: name in the record.
        name: in Dutch.
        items: what stands in it, in Dutch.
        read: whether it was read from the text and nobody checked it yet.
    """

    field: str
    name: str
    items: list[str]
    read: bool = False


def facts_of(vacancy: Vacancy, places: Mapping[str, Place], read: Collection[str] = ()) -> list[Fact]:
    """Every field that is known, in the order in which a matchmaker asks for them.

    Args:
        vacancy: with what was read from its text.
        places: the book of places.
        read: names of the fields that were read.
    """
    told: dict[str, list[str]] = {
        "occupation": [vacancy.occupation or ""],
        "positions": [words.number(vacancy.positions)],
        "hours_min": [hours_words(vacancy)],
        "irregular_hours": [irregular_words(irregular=vacancy.irregular_hours)],
        "starts_on": [_day(vacancy.starts_on)],
        "contract_ends_on": [_day(vacancy.contract_ends_on)],
        "closes_on": [_day(vacancy.closes_on)],
        "location": [place_words(vacancy.location, places)],
        "transport_required": [catalogue().label(way) for way in vacancy.transport_required],
        "education_level_min": [education_words(vacancy.education_level_min)],
        "licences_required": vacancy.licences_required,
        "certificates_required": vacancy.certificates_required,
        "languages_required": [language_words(one) for one in vacancy.languages_required],
        "skills_required": vacancy.skills_required,
        "skills_desired": vacancy.skills_desired,
        "behaviours": [BEHAVIOURS_NL[one.code] for one in vacancy.behaviours if one.code in BEHAVIOURS_NL],
        "training_offered": vacancy.training_offered,
        "sector": [sector_words(vacancy.sector)],
    }
    also_read = {"hours_min"} if "hours_max" in read else set()
    return [
        Fact(field, fact_name(field), known, field in {*read, *also_read})
        for field, items in told.items()
        if (known := [item for item in items if item])
    ]


def not_known(facts: Collection[Fact]) -> list[str]:
    """Names of the fields that are worth asking the employer about."""
    known = {fact.field for fact in facts}
    return [fact_name(field).lower() for field in _ASKED_FOR if field not in known]


def fact_name(field: str) -> str:
    """What a field is called."""
    return catalogue()(f"vacancies.fact.{field}")


def hours_words(vacancy: Vacancy) -> str:
    """``32 tot 38 uur in de week``."""
    low, high = (None if one is None else words.number(one, 2) for one in (vacancy.hours_min, vacancy.hours_max))
    t = catalogue()
    if low and high and low != high:
        return t("vacancies.hours.between", low=low, high=high)
    if low and high:
        return t("vacancies.hours.exactly", n=low)
    if low:
        return t("vacancies.hours.from", n=low)
    return t("vacancies.hours.until", n=high) if high else ""


def irregular_words(*, irregular: bool | None) -> str:
    """Whether the hours are irregular."""
    if irregular is None:
        return ""
    return catalogue()("vacancies.irregular.yes" if irregular else "vacancies.irregular.no")


def education_words(level: int | None) -> str:
    """A level of education by the schools that lead to it."""
    return "" if level is None else catalogue()(f"vacancies.education.{level}")


def language_words(language: Language) -> str:
    """``Nederlands (spreken: goed)``."""
    t = catalogue()
    name = LANGUAGE_NL.get(language.code) or t("vacancies.language_other")
    levels = [
        t(f"vacancies.language.{kind}", level=t(f"vacancies.level.{level}"))
        for kind, level in (("spoken", language.spoken), ("written", language.written))
        if level is not None
    ]
    return f"{name} ({', '.join(levels)})" if levels else name


def place_words(location: Location, places: Mapping[str, Place]) -> str:
    """``3111 AB Schiedam``."""
    if location.postcode is None:
        return catalogue()("vacancies.place_on_map") if location.lat is not None else ""
    place = places.get(location.pc4 or "")
    return " ".join(filter(None, (location.postcode[:4], location.postcode[4:], place.place if place else "")))


def sector_words(code: str | None) -> str:
    """A branch of industry; empty when it is not known."""
    sector = sector_of(code)
    return "" if sector is Sector.UNKNOWN else catalogue().label(sector)


def age_words(state: VacancyState, since: datetime, now: datetime) -> str:
    """``3 weken open``, ``2 dagen geleden vervuld``."""
    t = catalogue()
    days = max((_today(now) - _today(since)).days, 0)
    if days == 0:
        return t(f"vacancies.today.{state.value}")
    unit, n = (
        ("days", days) if days < _TOLD_IN_DAYS
        else ("weeks", days // 7) if days < _TOLD_IN_WEEKS
        else ("months", days * 12 // 365)
    )  # fmt: skip
    return t(f"vacancies.since.{state.value}", age=t.n(f"vacancies.age.{unit}", n))


def today_of(clock: Callable[[], datetime]) -> date:
    """Today by the clock of the Netherlands."""
    return _today(clock())


def _today(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


def _day(value: date | None) -> str:
    return words.day(value) if value else ""
