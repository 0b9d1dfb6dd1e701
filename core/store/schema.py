"""The tables, typed. One schema for SQLite and PostgreSQL; ``migrations/`` creates it.

Three choices hold everywhere:

* An instant is a 64-bit integer of microseconds since 1970 in UTC, a date an integer of days. Both databases then
  store the same value, sort it the same way, lose no precision, and hand it to numpy without a Python object each.
* An id is compared by its bytes (collation ``C``), so that "ordered by id" means the same in both.
* A record's content is JSON *text*: it is read whole or not at all, and what was written comes back byte for byte.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, ForeignKey, Index, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = EPOCH.date().toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)
ETAG_CHARS: Final = 24


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 in UTC of an aware instant."""
    return (instant - EPOCH) // _MICROSECOND


def to_days(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Microseconds."""
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """In UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Day(TypeDecorator[date]):
    """A date, stored as days since 1970-01-01."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Days."""
        return None if value is None else to_days(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        """A date."""
        return None if value is None else date.fromordinal(value + _EPOCH_DAY)


# Bounded by the contract (1-64 ASCII characters); compared by bytes on PostgreSQL too.
IdColumn: Final = String(64).with_variant(String(64, collation="C"), "postgresql")
# On SQLite an INTEGER primary key is the row's own address; a BIGINT would need an index beside.
SeqColumn: Final = BigInteger().with_variant(Integer(), "sqlite")
SortText: Final = Text().with_variant(Text(collation="C"), "postgresql")
Word: Final = String(32)
Etag: Final = String(ETAG_CHARS)

# Constraint names are fixed, so that a migration can name what it changes on both databases.
_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Holds the metadata of all tables."""

    metadata = MetaData(naming_convention=_NAMES)


class RevisionRow(Base):
    """Every change to a talent, vacancy or place, in order; append-only but for erasure.

    ``seq`` is dealt by the store under its write lock, not by the database (see ``engine.py``). ``content`` is NULL
    in a tombstone: what is left of an erased person, so that followers drop them too. ``valid_from`` NULL means
    "since ever".
    """

    __tablename__ = "revisions"
    __table_args__ = (Index(None, "kind", "id", "seq"),)

    seq: Mapped[int] = mapped_column(SeqColumn, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Word)
    id: Mapped[str] = mapped_column(IdColumn)
    content: Mapped[str | None] = mapped_column(Text)
    etag: Mapped[str | None] = mapped_column(Etag)
    valid_from: Mapped[datetime | None] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class TalentRow(Base):
    """The latest revision of each talent, with what lists filter on.

    ``fingerprint`` is the hash of the content without ``updated_at``, ``etag`` of the content with it.
    """

    __tablename__ = "talents"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[str] = mapped_column(IdColumn, primary_key=True)
    seq: Mapped[int] = mapped_column(SeqColumn, ForeignKey("revisions.seq"), unique=True)
    etag: Mapped[str] = mapped_column(Etag)
    fingerprint: Mapped[str] = mapped_column(Etag)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    active: Mapped[bool] = mapped_column(index=True)


class VacancyRow(Base):
    """The latest revision of each vacancy, with what lists filter on."""

    __tablename__ = "vacancies"
    __table_args__ = (Index(None, "status", "id"), {"sqlite_with_rowid": False})

    id: Mapped[str] = mapped_column(IdColumn, primary_key=True)
    seq: Mapped[int] = mapped_column(SeqColumn, ForeignKey("revisions.seq"), unique=True)
    etag: Mapped[str] = mapped_column(Etag)
    fingerprint: Mapped[str] = mapped_column(Etag)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(Word)


class PlaceRow(Base):
    """Coordinates of a four-digit postcode area."""

    __tablename__ = "places"

    postcode: Mapped[str] = mapped_column(String(4), primary_key=True)
    place: Mapped[str] = mapped_column(Text)
    municipality: Mapped[str] = mapped_column(Text)
    lat: Mapped[float]
    lon: Mapped[float]


class CourseRow(Base):
    """A course of the catalogue: its content, with what lists filter on and order by (in small letters).

    ``seq`` rises with every change, so that a reader who keeps the catalogue sees that it changed.
    """

    __tablename__ = "courses"

    course_id: Mapped[str] = mapped_column(IdColumn, primary_key=True)
    seq: Mapped[int] = mapped_column(SeqColumn, unique=True)
    active: Mapped[bool]
    title: Mapped[str] = mapped_column(SortText)
    words: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)


class EventRow(Base):
    """What happened, append-only. Numbers and dates in columns for training; free text and extras in ``details``."""

    __tablename__ = "events"
    __table_args__ = (Index(None, "occurred_at", "event_id"),)

    event_id: Mapped[str] = mapped_column(IdColumn, primary_key=True)
    kind: Mapped[str] = mapped_column(Word)
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    vacancy_id: Mapped[str] = mapped_column(IdColumn, index=True)
    talent_id: Mapped[str] = mapped_column(IdColumn, index=True)
    shortlist_id: Mapped[str | None] = mapped_column(IdColumn)
    rank: Mapped[int | None] = mapped_column(Integer)
    starts_on: Mapped[date | None] = mapped_column(Day)
    contract_ends_on: Mapped[date | None] = mapped_column(Day)
    ended_on: Mapped[date | None] = mapped_column(Day)
    contract_hours_per_week: Mapped[float | None]
    total_hours: Mapped[float | None]
    correction: Mapped[bool | None]
    moment: Mapped[str | None] = mapped_column(Word)
    still_working: Mapped[bool | None]
    declined_by: Mapped[str | None] = mapped_column(Word)
    details: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Etag)
    recorded_at: Mapped[datetime] = mapped_column(Instant, index=True)


class AuditRow(Base):
    """Protected attributes, in a vault of their own: nothing joins to this table."""

    __tablename__ = "audit_attributes"

    talent_id: Mapped[str] = mapped_column(IdColumn, primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class ShortlistRow(Base):
    """A shortlist exactly as it was given, with the features that were used."""

    __tablename__ = "shortlists"
    __table_args__ = (Index(None, "vacancy_id", "created_at"),)

    shortlist_id: Mapped[str] = mapped_column(IdColumn, primary_key=True)
    vacancy_id: Mapped[str | None] = mapped_column(IdColumn)
    created_at: Mapped[datetime] = mapped_column(Instant)
    content: Mapped[str] = mapped_column(Text)
    features: Mapped[str] = mapped_column(Text)


class ShortlistTalentRow(Base):
    """Who stands on which shortlist (entries and near misses): the way from a person to their shortlists."""

    __tablename__ = "shortlist_talents"
    __table_args__ = ({"sqlite_with_rowid": False},)

    talent_id: Mapped[str] = mapped_column(IdColumn, primary_key=True)
    shortlist_id: Mapped[str] = mapped_column(
        IdColumn, ForeignKey("shortlists.shortlist_id"), primary_key=True, index=True
    )


class VectorRow(Base):
    """The embedding cache: little-endian float32 components by encoder version and hash of the text."""

    __tablename__ = "vectors"

    encoder_version: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    vector: Mapped[bytes]


class UserRow(Base):
    """Who may log in."""

    __tablename__ = "users"

    user_id: Mapped[str] = mapped_column(IdColumn, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(Word)
    municipality: Mapped[str | None] = mapped_column(String(120))
    employer_id: Mapped[str | None] = mapped_column(IdColumn)
    subject: Mapped[str | None] = mapped_column(String(64), unique=True)
    active: Mapped[bool]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    signed_in_at: Mapped[datetime | None] = mapped_column(Instant)


class SessionRow(Base):
    """Who is logged in. Of the token only a hash: who reads the table cannot use it."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(IdColumn, ForeignKey("users.user_id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class SignInAttemptsRow(Base):
    """Attempts that did not succeed (yet), by hash of the name that was typed; ``all`` counts those of everybody."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)


def columns_of(row: type[Base]) -> dict[str, Any]:
    """The columns of a table by name, in order of declaration."""
    return dict(row.__table__.columns.items())
