"""The outcome history: append-only, so that what a model learned from can always be shown again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from pydantic_core import from_json, to_json
from sqlalchemy.engine import Connection, RowMapping

from core.records import EVENT_ADAPTER, Event
from core.store.engine import Database
from core.store.fingerprint import digest
from core.store.schema import EventRow, columns_of
from core.store.values import PutOutcome
from core.vocabulary import EventKind

IDS_PER_QUERY: Final = 1_000
READ_BATCH: Final = 2_000
# Free text and what only people read: kept together, out of the columns that training scans.
_DETAILS: Final = {"reason", "support", "note", "text", "extra"}
_OWN: Final = {"declined_by", "details", "fingerprint", "recorded_at"}
_SHARED: Final = tuple(name for name in columns_of(EventRow) if name not in _OWN)


class EventLog:
    """Appends and reads events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, events: Sequence[Event], *, now: datetime) -> list[PutOutcome]:
        """Appends what is new, in one transaction; what is there stays as it is."""
        with self._database.writing() as connection:
            known = _fingerprints(connection, [event.event_id for event in events])
            outcomes: list[PutOutcome] = []
            fresh: list[dict[str, object]] = []
            for event in events:
                fingerprint = digest(event.model_dump_json(exclude_defaults=True))
                before = known.get(event.event_id)
                if before is None:
                    known[event.event_id] = fingerprint
                    fresh.append(_to_row(event, fingerprint, now))
                    outcomes.append(PutOutcome.CREATED)
                else:
                    outcomes.append(PutOutcome.UNCHANGED if before == fingerprint else PutOutcome.REFUSED)
            if fresh:
                connection.execute(sa.insert(EventRow), fresh)
        return outcomes

    def stream(self, *, until: datetime | None, talent_id: str | None, vacancy_id: str | None) -> Iterator[Event]:
        """Events that match every condition given, by (occurred_at, event_id), a batch in memory at a time."""
        query = sa.select(EventRow.__table__).order_by(EventRow.occurred_at, EventRow.event_id).limit(READ_BATCH)
        if until is not None:
            query = query.where(EventRow.occurred_at <= until)
        if talent_id is not None:
            query = query.where(EventRow.talent_id == talent_id)
        if vacancy_id is not None:
            query = query.where(EventRow.vacancy_id == vacancy_id)
        part = query
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(part).mappings().all()
            yield from (_to_event(row) for row in rows)
            if len(rows) < READ_BATCH:
                return
            last = rows[-1]
            # occurred_at is spelled out beside the pair, so that SQLite too walks its index from there.
            part = query.where(
                EventRow.occurred_at >= last["occurred_at"],
                sa.or_(EventRow.occurred_at > last["occurred_at"], EventRow.event_id > last["event_id"]),
            )


def of_person(connection: Connection, talent_id: str) -> list[Event]:
    """All events of one person, by (occurred_at, event_id), for their own export."""
    rows = connection.execute(
        sa.select(EventRow.__table__)
        .where(EventRow.talent_id == talent_id)
        .order_by(EventRow.occurred_at, EventRow.event_id)
    )
    return [_to_event(row) for row in rows.mappings()]


def of_vacancy(connection: Connection, vacancy_id: str, *, without: EventKind, limit: int) -> list[Event]:
    """The last events of one vacancy but those of a kind, by (occurred_at, event_id)."""
    rows = connection.execute(
        sa.select(EventRow.__table__)
        .where(EventRow.vacancy_id == vacancy_id, EventRow.kind != without.value)
        .order_by(EventRow.occurred_at.desc(), EventRow.event_id.desc())
        .limit(limit)
    )
    return [_to_event(row) for row in rows.mappings()][::-1]


def newest(connection: Connection, wanted: Sequence[sa.ColumnElement[bool]], *, limit: int) -> list[Event]:
    """The last events that meet every condition, newest first."""
    query = sa.select(EventRow.__table__).where(*wanted)
    rows = connection.execute(query.order_by(EventRow.occurred_at.desc(), EventRow.event_id.desc()).limit(limit))
    return [_to_event(row) for row in rows.mappings()]


def _fingerprints(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    wanted = list(dict.fromkeys(ids))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), IDS_PER_QUERY):
        rows = connection.execute(
            sa.select(EventRow.event_id, EventRow.fingerprint).where(
                EventRow.event_id.in_(wanted[start : start + IDS_PER_QUERY])
            )
        )
        found.update((row.event_id, row.fingerprint) for row in rows)
    return found


def _to_row(event: Event, fingerprint: str, now: datetime) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(event, name, None) for name in _SHARED}
    details = event.model_dump(include=_DETAILS, exclude_defaults=True)
    row["declined_by"] = getattr(event, "by", None)
    row["details"] = to_json(details).decode() if details else None
    row["fingerprint"] = fingerprint
    row["recorded_at"] = now
    return row


def _to_event(row: RowMapping) -> Event:
    """The event as it came: a column that its kind does not have is NULL, and so left out."""
    content = {name: row[name] for name in _SHARED if row[name] is not None}
    if row["declined_by"] is not None:
        content["by"] = row["declined_by"]
    if row["details"] is not None:
        content.update(from_json(row["details"]))
    return EVENT_ADAPTER.validate_python(content)
