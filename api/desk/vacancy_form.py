"""The form of a vacancy: what stands in it for a record, and the record that was typed into it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from pydantic import ValidationError

from api.desk import words
from api.desk.site import catalogue
from core.records import MAX_LIST_ITEMS, MAX_YEAR, MIN_YEAR, Location, Place, Vacancy
from core.sectors import Sector, sector_of
from core.vocabulary import BEHAVIOURS_NL, Transport
from ranking.dutch import LANGUAGE_NL
from ranking.reading.reader import MAX_CHARS

LICENCES: Final = ("AM", "A", "B", "BE", "C1", "C", "CE", "D", "T")
EDUCATION: Final = ("1", "2", "3", "4", "5", "6")
LEVELS: Final = ("0", "1", "2", "3", "4")
MAX_LANGUAGES: Final = 8
MAX_LINE: Final = 120
MAX_POSITIONS: Final = 1_000
MAX_HOURS: Final = 100
YES, NO = "ja", "nee"
LISTS: Final = ("skills_required", "skills_desired", "certificates_required", "training_offered")
DATES: Final = ("starts_on", "contract_ends_on", "closes_on")
_DUTCH_DATE: Final = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_NUMBER: Final = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_POSTCODE: Final = re.compile(r"([1-9]\d{3})\s?([A-Za-z]{2})?")


class Typed:
    """What stands in a form, by field: as typed, or as proposed.

    Args:
        values: of each field; more than one where boxes are ticked.
    """

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = {name: [_clean(value) for value in given] for name, given in values.items()}

    def one(self, name: str) -> str:
        """The text of a field; empty when there is none."""
        return next(iter(self._values.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        """The boxes that are ticked."""
        return self._values.get(name, [])

    def lines(self, name: str) -> list[str]:
        """The lines of a text that are not blank."""
        return [line.strip() for line in self.one(name).split("\n") if line.strip()]


def _clean(value: str) -> str:
    """Browsers end lines with two characters, and nobody means NUL."""
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


async def _typed(request: Request) -> Typed:
    form = await request.form()
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return Typed(values)


TypedForm = Annotated[Typed, Depends(_typed)]
"""Parameter type of routes that a form is sent to."""


def typed_of(vacancy: Vacancy) -> Typed:
    """What the form shows for a record."""
    values: dict[str, list[str]] = {
        "title": [vacancy.title],
        "occupation": [vacancy.occupation or ""],
        "employer": [vacancy.employer.name],
        "sector": [_section(vacancy.sector)],
        "positions": [str(vacancy.positions)],
        "place": [vacancy.location.postcode or ""],
        "irregular_hours": [{True: YES, False: NO, None: ""}[vacancy.irregular_hours]],
        "education_level_min": [str(vacancy.education_level_min or "")],
        "licences_required": vacancy.licences_required,
        "transport_required": [way.value for way in vacancy.transport_required],
        "behaviours": [str(one.code) for one in vacancy.behaviours],
        "description": [vacancy.description],
    }
    for name in ("hours_min", "hours_max"):
        hours = getattr(vacancy, name)
        values[name] = ["" if hours is None else words.number(hours, 2)]
    for name in DATES:
        day = getattr(vacancy, name)
        values[name] = [f"{day:%d-%m-%Y}" if day else ""]
    for name in LISTS:
        values[name] = ["\n".join(getattr(vacancy, name))]
    for place, language in enumerate(vacancy.languages_required[:MAX_LANGUAGES]):
        values[f"language_{place}"] = [language.code]
        for name, level in (("spoken", language.spoken), ("written", language.written)):
            values[f"{name}_{place}"] = ["" if level is None else str(level)]
    return Typed(values)


def _section(code: str | None) -> str:
    sector = sector_of(code)
    return "" if sector is Sector.UNKNOWN else sector.value


@dataclass(frozen=True, slots=True)
class Basis:
    """What a record keeps that the form does not show.

    Attributes:
        record: before the form; for a new vacancy only its id, employer and sector.
        places: the book of places.
        sectors: codes that stand for a section here: of the record itself, of the employer's last vacancy.
    """

    record: Vacancy
    places: Mapping[str, Place]
    sectors: tuple[str | None, ...] = ()


def vacancy_of(typed: Typed, basis: Basis) -> tuple[Vacancy | None, dict[str, str]]:
    """The record that was typed.

    Args:
        typed: the form.
        basis: what the form does not show.

    Returns:
        The record, or None; and by field what has to be mended, in Dutch. The record says that a person checked it
        against its text.
    """
    form = _Reading(typed)
    fields: dict[str, Any] = {
        "title": form.line("title", needed=True),
        "occupation": form.line("occupation") or None,
        "employer": {**basis.record.employer.model_dump(), "name": form.line("employer")},
        "sector": _sector(typed.one("sector"), basis),
        "positions": form.positions(),
        "hours_min": form.hours("hours_min"),
        "hours_max": form.hours("hours_max"),
        "irregular_hours": {YES: True, NO: False}.get(typed.one("irregular_hours")),
        "education_level_min": form.code("education_level_min", EDUCATION),
        "licences_required": [one for one in typed.all("licences_required") if one],
        "transport_required": [way for way in Transport if way.value in typed.all("transport_required")],
        "behaviours": [{"code": code} for code in BEHAVIOURS_NL if str(code) in typed.all("behaviours")],
        "languages_required": form.languages(),
        "location": form.location(basis),
        "description": form.text("description"),
        **{name: form.day(name) for name in DATES},
        **{name: form.items(name) for name in LISTS},
    }
    form.compare(fields)
    if form.errors:
        return None, form.errors
    kept = basis.record.model_dump(include={"vacancy_id", "status", "extra"})
    try:
        return Vacancy.model_validate(kept | fields | {"text_checked": True}), {}
    except ValidationError as error:
        t = catalogue()
        return None, {_field(one["loc"]): t("new_vacancy.error.other") for one in error.errors()}


def _field(where: tuple[int | str, ...]) -> str:
    """The field of the form that a part of the record stands in."""
    name = str(where[0]) if where else "title"
    return {"location": "place", "languages_required": "language_0"}.get(name, name)


def _sector(section: str, basis: Basis) -> str | None:
    """A code that is known and lies in the section says more than the section's letter."""
    codes = (basis.record.sector, *basis.sectors)
    return next((code for code in codes if code and _section(code) == section), section or None)


class _Reading:
    """Reads fields and keeps what is wrong with them."""

    def __init__(self, typed: Typed) -> None:
        self._typed = typed
        self.errors: dict[str, str] = {}

    def wrong(self, field: str, key: str, **values: object) -> None:
        self.errors.setdefault(field, catalogue()(f"new_vacancy.error.{key}", **values))

    def line(self, field: str, *, needed: bool = False) -> str:
        text = " ".join(self._typed.one(field).split())
        if needed and not text:
            self.wrong(field, f"{field}_missing")
        if len(text) > MAX_LINE:
            self.wrong(field, "line_long", n=MAX_LINE)
        return text

    def text(self, field: str) -> str:
        text = self._typed.one(field)
        if len(text) > MAX_CHARS:
            self.wrong(field, "text_long", n=words.number(len(text) - MAX_CHARS))
        return text

    def code(self, field: str, known: Sequence[str]) -> int | None:
        chosen = self._typed.one(field)
        return int(chosen) if chosen in known else None

    def positions(self) -> int:
        text = (self._typed.one("positions") or "1").replace(".", "")  # 1.000 is a thousand
        if not text.isdecimal() or not 1 <= int(text[:9]) <= MAX_POSITIONS:
            self.wrong("positions", "positions")
            return 1
        return int(text)

    def hours(self, field: str) -> float | None:
        text = self._typed.one(field).casefold().removesuffix("uur").strip()
        if not text:
            return None
        hours = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else -1.0
        if not 0 <= hours <= MAX_HOURS:
            self.wrong(field, "hours")
            return None
        return hours

    def day(self, field: str) -> date | None:
        text = self._typed.one(field)
        if not text:
            return None
        day = day_of(text)
        if day is None:
            self.wrong(field, "day")
        return day

    def items(self, field: str) -> list[str]:
        lines = self._typed.lines(field)
        too_long = next((number for number, line in enumerate(lines, start=1) if len(line) > MAX_LINE), None)
        if too_long is not None:
            self.wrong(field, "item_long", line=too_long, n=MAX_LINE)
        if len(lines) > MAX_LIST_ITEMS:
            self.wrong(field, "items_many", n=MAX_LIST_ITEMS)
        return lines

    def languages(self) -> list[dict[str, object]]:
        found: dict[str, dict[str, object]] = {}
        for place in range(MAX_LANGUAGES):
            code = self._typed.one(f"language_{place}")
            levels = {name: self.code(f"{name}_{place}", LEVELS) for name in ("spoken", "written")}
            if not code and any(level is not None for level in levels.values()):
                self.wrong(f"language_{place}", "language_missing")
            if code in found:
                self.wrong(f"language_{place}", "language_twice")
            if code:
                found[code] = {"code": code, **levels}
        return list(found.values())

    def location(self, basis: Basis) -> Location:
        typed, before = self._typed.one("place"), basis.record.location
        if typed == (before.postcode or ""):
            return before  # also where only coordinates are known
        if not typed:
            return Location()
        written = _POSTCODE.fullmatch(typed)
        if written:
            return Location(postcode=written[1] + (written[2] or ""))
        areas = [place.postcode for place in basis.places.values() if place.place.casefold() == typed.casefold()]
        if len(areas) == 1:
            return Location(postcode=areas[0])
        self.wrong("place", "place_many" if areas else "place_unknown")
        return Location()

    def compare(self, fields: Mapping[str, Any]) -> None:
        """What fits by itself and not together."""
        checks: Iterable[tuple[str, str, Callable[[Any, Any], bool]]] = (
            ("hours_min", "hours_max", lambda low, high: low <= high),
            ("starts_on", "contract_ends_on", lambda start, end: start < end),
        )
        for first, last, fits in checks:
            low, high = fields[first], fields[last]
            if low is not None and high is not None and not fits(low, high):
                self.wrong(last, f"{last}_before")


def day_of(text: str) -> date | None:
    """A date as Dutch people type it (31-1-2026) or as browsers send it (2026-01-31); None when it is no date."""
    written = _DUTCH_DATE.fullmatch(text.strip())
    try:
        day = date(int(written[3]), int(written[2]), int(written[1])) if written else date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if MIN_YEAR <= day.year <= MAX_YEAR else None


def languages(typed: Typed) -> list[tuple[str, str]]:
    """Codes and names to choose from, by name; with those of the form that are not in our list."""
    t = catalogue()
    known = sorted(LANGUAGE_NL.items(), key=lambda item: item[1])
    own = filter(None, (typed.one(f"language_{place}") for place in range(MAX_LANGUAGES)))
    return known + [(code, t("vacancies.language_other")) for code in own if code not in LANGUAGE_NL]
