"""What can be imported: for each kind how a row becomes a record, and where it goes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, get_args

from core.courses import Course
from core.exchange import jobposting, um
from core.exchange.table import Columns, columns_of
from core.records import EVENT_ADAPTER, AuditAttributes, Event, Place, Talent, Vacancy
from core.store import PutOutcome, Store

Content = dict[str, object]


class ImportKind(StrEnum):
    """What a file holds."""

    TALENTS = "talents"
    VACANCIES = "vacancies"
    EVENTS = "events"
    AUDIT = "audit"
    PLACES = "places"
    COURSES = "courses"
    UM_TALENTS = "um-talents"
    UM_VACANCIES = "um-vacancies"
    JOBPOSTING = "jobposting"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one kind is imported.

    Attributes:
        columns: what a table's columns may be; ``None`` where only JSON can hold it.
        record: from a row's content to a record. Raises ``ValidationError`` or ``RecordInvalid``.
        put: writes a batch in one transaction.
        kept_in_rejects: names of fields that a rejects file may keep, at any depth; ``None`` for all. Where this is
            set, a row that could not be parsed is not kept at all.
    """

    columns: Columns | None
    record: Callable[[Content, datetime], Any]
    put: Callable[[Store, Sequence[Any], datetime], list[PutOutcome]]
    kept_in_rejects: frozenset[str] | None = None


def _put_talents(store: Store, records: Sequence[Talent], now: datetime) -> list[PutOutcome]:
    return store.put_talents(records, now=now)


def _put_vacancies(store: Store, records: Sequence[Vacancy], now: datetime) -> list[PutOutcome]:
    return store.put_vacancies(records, now=now)


def _put_events(store: Store, records: Sequence[Event], now: datetime) -> list[PutOutcome]:
    return store.put_events(records, now=now)


def _put_audit(store: Store, records: Sequence[AuditAttributes], now: datetime) -> list[PutOutcome]:
    return store.put_audit(records, now=now)


def _put_places(store: Store, records: Sequence[Place], now: datetime) -> list[PutOutcome]:
    return store.put_places(records, now=now)


def _put_courses(store: Store, records: Sequence[Course], _: datetime) -> list[PutOutcome]:
    return store.put_courses(records)


RECIPES: Final[Mapping[ImportKind, Recipe]] = {
    ImportKind.TALENTS: Recipe(columns_of(Talent), lambda content, _: Talent.model_validate(content), _put_talents),
    ImportKind.VACANCIES: Recipe(
        columns_of(Vacancy), lambda content, _: Vacancy.model_validate(content), _put_vacancies
    ),
    ImportKind.EVENTS: Recipe(
        columns_of(*get_args(get_args(Event)[0])),
        lambda content, _: EVENT_ADAPTER.validate_python(content),
        _put_events,
    ),
    ImportKind.AUDIT: Recipe(
        columns_of(AuditAttributes, open_ended=True),
        lambda content, _: AuditAttributes.model_validate(content),
        _put_audit,
    ),
    ImportKind.PLACES: Recipe(columns_of(Place), lambda content, _: Place.model_validate(content), _put_places),
    ImportKind.COURSES: Recipe(columns_of(Course), lambda content, _: Course.model_validate(content), _put_courses),
    ImportKind.UM_TALENTS: Recipe(
        None,
        lambda content, now: Talent.model_validate(um.talent(content, today=now.date())),
        _put_talents,
        kept_in_rejects=um.TALENT_FIELDS,
    ),
    ImportKind.UM_VACANCIES: Recipe(
        None, lambda content, _: Vacancy.model_validate(um.vacancy(content)), _put_vacancies
    ),
    ImportKind.JOBPOSTING: Recipe(
        None, lambda content, _: Vacancy.model_validate(jobposting.vacancy(content)), _put_vacancies
    ),
}
