"""Talents and vacancies: one repository for both, for they live the same life."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, NamedTuple

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import Connection

from core.errors import Conflict, NotFound, StoreUnavailable
from core.records import Talent, Vacancy
from core.store import revisions
from core.store.engine import Database
from core.store.fingerprint import Encoded, encode
from core.store.revisions import ContentRow, Revision
from core.store.schema import RevisionRow, TalentRow, VacancyRow
from core.store.values import ChangeKind, PutOutcome, R, Stored

READ_BATCH: Final = 1_000  # records a query while streaming: some 2 MB in memory
IDS_PER_QUERY: Final = 1_000  # well under the bound variables that either database takes


@dataclass(frozen=True, slots=True)
class RecordKind(Generic[R]):
    """How a kind of record is stored.

    Attributes:
        kind: its name in the revisions.
        model: its contract.
        head: the table of latest revisions.
        id_of: its id.
        filters: the columns that lists filter on.
    """

    kind: ChangeKind
    model: type[R]
    head: type[TalentRow | VacancyRow]
    id_of: Callable[[R], str]
    filters: Callable[[R], Mapping[str, object]]


TALENTS: Final[RecordKind[Talent]] = RecordKind(
    ChangeKind.TALENT,
    Talent,
    TalentRow,
    id_of=lambda record: record.talent_id,
    filters=lambda record: {"active": record.active},
)
VACANCIES: Final[RecordKind[Vacancy]] = RecordKind(
    ChangeKind.VACANCY,
    Vacancy,
    VacancyRow,
    id_of=lambda record: record.vacancy_id,
    filters=lambda record: {"status": record.status.value},
)


class _Head(NamedTuple):
    """What is compared before a write."""

    etag: str
    fingerprint: str
    updated_at: datetime


class Records(Generic[R]):
    """Reads and writes one kind of record."""

    def __init__(self, database: Database, kind: RecordKind[R]) -> None:
        self._database = database
        self._kind: RecordKind[R] = kind
        self._history = revisions.with_content(kind.kind)
        self._current = revisions.latest(kind.head)

    def put_many(self, records: Sequence[R], *, now: datetime) -> list[PutOutcome]:
        """Writes all records in one transaction, in order; of two with one id the later wins."""
        with self._database.writing() as connection:
            return self._put(connection, records, now)

    def put(
        self, record: R, *, now: datetime, if_match: str | None, if_none_match: bool
    ) -> tuple[Stored[R], PutOutcome]:
        """Writes one record where the caller's assumption about the present one holds."""
        key = self._kind.id_of(record)
        with self._database.writing() as connection:
            head = self._heads(connection, [key]).get(key)
            self._check_assumption(key, head, if_match=if_match, if_none_match=if_none_match)
            (outcome,) = self._put(connection, [record], now)
            return self._read(connection, key, None), outcome

    def get(self, key: str, *, as_of: datetime | None) -> Stored[R]:
        """Reads one record."""
        with self._database.reading() as connection:
            return self._read(connection, key, as_of)

    def by_id(self, ids: Iterable[str], *, as_of: datetime | None) -> dict[str, Stored[R]]:
        """Reads the named records; a name that is not there is left out."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Stored[R]] = {}
        with self._database.reading() as connection:
            for start in range(0, len(wanted), IDS_PER_QUERY):
                part = wanted[start : start + IDS_PER_QUERY]
                if as_of is None:
                    query = self._current.where(self._kind.head.id.in_(part))
                else:
                    query = revisions.valid_at(self._kind.kind, RevisionRow.id.in_(part), as_of)
                found.update((row.id, self._stored(row)) for row in connection.execute(query))
        return found

    def page(self, *, limit: int, after: str | None, only: sa.ColumnElement[bool] | None = None) -> list[Stored[R]]:
        """Up to ``limit`` current records whose id comes after ``after``, by id."""
        head = self._kind.head
        query = self._current.order_by(head.id).limit(limit)
        if after is not None:
            query = query.where(head.id > after)
        if only is not None:
            query = query.where(only)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [self._stored(row) for row in rows]

    def stream(self, *, as_of: datetime | None) -> Iterator[Stored[R]]:
        """All records by id, a batch in memory at a time.

        Each batch is a transaction of its own: a slow consumer holds nothing up. A record written meanwhile may or
        may not be in; whoever needs to know takes ``last_seq`` first and follows the changes after it.
        """
        after = ""
        while True:
            batch = self._batch(after, as_of)
            yield from batch
            if len(batch) < READ_BATCH:
                return
            after = self._kind.id_of(batch[-1].record)

    def history(self) -> Iterator[Stored[R]]:
        """Every revision that has content, ordered by id, then seq."""
        row = RevisionRow
        after: tuple[str, int] = ("", 0)
        while True:
            query = (
                self._history.where(sa.tuple_(row.id, row.seq) > sa.tuple_(*after))
                .order_by(row.id, row.seq)
                .limit(READ_BATCH)
            )
            with self._database.reading() as connection:
                rows = connection.execute(query).all()
            yield from (self._stored(found) for found in rows)
            if len(rows) < READ_BATCH:
                return
            after = (rows[-1].id, rows[-1].seq)

    def history_of(self, ids: Iterable[str]) -> Iterator[Stored[R]]:
        """Every revision of the named records that has content, ordered by id, then seq."""
        return (self._stored(found) for found in self.contents_of(ids))

    def contents_of(self, ids: Iterable[str]) -> Iterator[ContentRow]:
        """The same as it is stored, not read into records."""
        wanted, row = sorted(set(ids)), RevisionRow
        for start in range(0, len(wanted), IDS_PER_QUERY):
            query = self._history.where(row.id.in_(wanted[start : start + IDS_PER_QUERY])).order_by(row.id, row.seq)
            with self._database.reading() as connection:
                rows = connection.execute(query).all()
            yield from rows

    def count(self, only: sa.ColumnElement[bool] | None) -> int:
        """Number of current records."""
        query = sa.select(sa.func.count()).select_from(self._kind.head)
        if only is not None:
            query = query.where(only)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def revisions_of(self, connection: Connection, key: str) -> list[Stored[R]]:
        """Every revision of one record that has content, oldest first."""
        query = self._history.where(RevisionRow.id == key).order_by(RevisionRow.seq)
        return [self._stored(found) for found in connection.execute(query)]

    def _batch(self, after: str, as_of: datetime | None) -> list[Stored[R]]:
        if as_of is None:
            return self.page(limit=READ_BATCH, after=after)
        head = self._kind.head
        with self._database.reading() as connection:
            # Whoever has a revision with content has a current one: heads bound the batch cheaply.
            ids = connection.scalars(
                sa.select(head.id).where(head.id > after).order_by(head.id).limit(READ_BATCH)
            ).all()
            if not ids:
                return []
            query = revisions.valid_at(self._kind.kind, RevisionRow.id.between(ids[0], ids[-1]), as_of)
            return [self._stored(row) for row in connection.execute(query)]

    def _read(self, connection: Connection, key: str, as_of: datetime | None) -> Stored[R]:
        if as_of is None:
            query = self._current.where(self._kind.head.id == key)
        else:
            query = revisions.valid_at(self._kind.kind, RevisionRow.id == key, as_of)
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"there is no {self._kind.kind} {key}; check the id or import the record first")
        return self._stored(row)

    def _stored(self, row: ContentRow) -> Stored[R]:
        key, content, etag, seq, valid_from = row
        try:
            record = self._kind.model.model_validate_json(content)
        except ValidationError as error:
            raise StoreUnavailable(
                f"{self._kind.kind} {key} was stored under another contract ({error.error_count()} fields differ); "
                "start the version of Kansrijk that wrote it, or import the record again"
            ) from error
        return Stored(record, etag, seq, valid_from)

    def _heads(self, connection: Connection, ids: Sequence[str]) -> dict[str, _Head]:
        head = self._kind.head
        found: dict[str, _Head] = {}
        for start in range(0, len(ids), IDS_PER_QUERY):
            rows = connection.execute(
                sa.select(head.id, head.etag, head.fingerprint, head.updated_at).where(
                    head.id.in_(ids[start : start + IDS_PER_QUERY])
                )
            )
            found.update((row.id, _Head(row.etag, row.fingerprint, row.updated_at)) for row in rows)
        return found

    def _check_assumption(self, key: str, head: _Head | None, *, if_match: str | None, if_none_match: bool) -> None:
        name = f"{self._kind.kind} {key}"
        if if_none_match and head is not None:
            raise Conflict(f"{name} exists already; read it first, then write with its ETag")
        if if_match is not None and head is None:
            raise Conflict(f"{name} does not exist; write without If-Match to create it")
        if if_match is not None and head is not None and if_match != head.etag:
            raise Conflict(f"{name} was changed by someone else; read it again, then write with its new ETag")

    def _put(self, connection: Connection, records: Sequence[R], now: datetime) -> list[PutOutcome]:
        keys = [self._kind.id_of(record) for record in records]
        heads = self._heads(connection, list(dict.fromkeys(keys)))
        present = set(heads)
        first_seq = revisions.highest_seq(connection) + 1
        outcomes: list[PutOutcome] = []
        appended: list[Revision] = []
        rows: dict[str, dict[str, object]] = {}
        for key, record in zip(keys, records, strict=True):
            encoded = encode(record, now=now)
            head = heads.get(key)
            outcome = _compare(head, encoded, dated=record.updated_at is not None)
            outcomes.append(outcome)
            if outcome is PutOutcome.UNCHANGED:
                continue
            seq = first_seq + len(appended)
            valid_from = record.updated_at or (None if head is None else now)
            appended.append(Revision(seq, self._kind.kind.value, key, encoded.content, encoded.etag, valid_from, now))
            heads[key] = _Head(encoded.etag, encoded.fingerprint, encoded.updated_at)
            rows[key] = {"id": key, "seq": seq, **heads[key]._asdict(), **self._kind.filters(record)}
        revisions.append(connection, appended)
        self._write_heads(connection, rows, present)
        return outcomes

    def _write_heads(self, connection: Connection, rows: Mapping[str, Mapping[str, object]], present: set[str]) -> None:
        head = self._kind.head
        fresh = [row for key, row in rows.items() if key not in present]
        known = [{"key": key, **row} for key, row in rows.items() if key in present]
        if fresh:
            connection.execute(sa.insert(head), fresh)
        if known:
            changed: dict[str, sa.BindParameter[object]] = {
                name: sa.bindparam(name) for name in known[0] if name not in {"key", "id"}
            }
            # The binds carry no table of their own: one statement, run for each row.
            connection.execute(sa.update(head).where(head.id == sa.bindparam("key")).values(changed), known)


def _compare(head: _Head | None, encoded: Encoded, *, dated: bool) -> PutOutcome:
    """What writing ``encoded`` over ``head`` does; a date that we filled in ourselves is no change."""
    if head is None:
        return PutOutcome.CREATED
    same = head.etag == encoded.etag if dated else head.fingerprint == encoded.fingerprint
    return PutOutcome.UNCHANGED if same else PutOutcome.UPDATED
