"""What the store hands out and reports: small unchangeable values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from core.courses import Course
from core.records import Talent, Vacancy
from core.shortlists import Shortlist

R = TypeVar("R", Talent, Vacancy)


class PutOutcome(StrEnum):
    """What a write did to one record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    """An event id that exists with other content: events are append-only, nothing was overwritten."""


class ChangeKind(StrEnum):
    """What kind of record a revision is of."""

    TALENT = "talent"
    VACANCY = "vacancy"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Stored(Generic[R]):
    """A record as it is stored.

    Attributes:
        record: the content; ``updated_at`` is always there, in UTC.
        etag: short hash of the content, for concurrent writers.
        seq: sequence number of this revision, unique over all kinds, rising.
        valid_from: since when this revision holds; ``None`` means since ever.
    """

    record: R
    etag: str
    seq: int
    valid_from: datetime | None


@dataclass(frozen=True, slots=True)
class VacancyOwner:
    """Whose a vacancy was, by one of its revisions.

    Attributes:
        vacancy_id: of the vacancy.
        employer_id: of the employer; None where that is unknown.
        sector: code of the sector; None where that is unknown.
        valid_from: since when this revision holds; ``None`` means since ever.
    """

    vacancy_id: str
    employer_id: str | None
    sector: str | None
    valid_from: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One revision, for readers that follow.

    Attributes:
        seq: its sequence number.
        kind: what kind of record changed.
        id: which one (a place's id is its postcode).
        erased: the person was erased: drop everything derived from them.
    """

    seq: int
    kind: ChangeKind
    id: str
    erased: bool


@dataclass(frozen=True, slots=True)
class CourseStamp:
    """What the catalogue holds, as two numbers that change when it does.

    Attributes:
        count: courses.
        seq: number of the last change; 0 when empty.
    """

    count: int
    seq: int


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A part of the catalogue.

    Attributes:
        courses: of this page, by title.
        total: how many there are on all pages together.
    """

    courses: list[Course]
    total: int


@dataclass(frozen=True, slots=True)
class KeptShortlist:
    """A shortlist as it was given, and what was kept beside it.

    Attributes:
        shortlist: the answer.
        features: what it was computed from, with the notes that were added since.
    """

    shortlist: Shortlist
    features: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What an erasure removed, as numbers of rows, and the sequence number that tells followers.

    Attributes:
        talent_id: who was erased.
        seq: sequence number of the tombstone, which holds the id and no content.
        talents: current records (0 or 1).
        revisions: earlier and current contents.
        events: outcome events.
        audit: audit attributes (0 or 1).
        shortlists: shortlists from which the person's entries and features were taken out.
    """

    talent_id: str
    seq: int
    talents: int
    revisions: int
    events: int
    audit: int
    shortlists: int
