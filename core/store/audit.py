"""The vault of protected attributes: written by import, read by the fairness audit, joined to nothing."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.records import AuditAttributes
from core.store.engine import Database
from core.store.schema import AuditRow
from core.store.values import PutOutcome

IDS_PER_QUERY: Final = 1_000
READ_BATCH: Final = 2_000


class AuditVault:
    """Reads and writes audit attributes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, records: Sequence[AuditAttributes], *, now: datetime) -> list[PutOutcome]:
        """Writes all records in one transaction, in order; of two for one person the later wins."""
        with self._database.writing() as connection:
            known = _contents(connection, [record.talent_id for record in records])
            present = frozenset(known)
            outcomes: list[PutOutcome] = []
            changed: dict[str, str] = {}
            for record in records:
                key, content = record.talent_id, record.model_dump_json(exclude_none=True)
                if known.get(key) == content:
                    outcomes.append(PutOutcome.UNCHANGED)
                    continue
                outcomes.append(PutOutcome.UPDATED if key in known else PutOutcome.CREATED)
                known[key] = changed[key] = content
            fresh = [(key, text) for key, text in changed.items() if key not in present]
            stale = [(key, text) for key, text in changed.items() if key in present]
            if fresh:
                connection.execute(
                    sa.insert(AuditRow),
                    [{"talent_id": key, "content": text, "recorded_at": now} for key, text in fresh],
                )
            if stale:
                connection.execute(
                    sa.update(AuditRow)
                    .where(AuditRow.talent_id == sa.bindparam("key"))
                    .values(content=sa.bindparam("text"), recorded_at=now),
                    [{"key": key, "text": text} for key, text in stale],
                )
        return outcomes

    def stream(self) -> Iterator[AuditAttributes]:
        """All records by talent_id, a batch in memory at a time."""
        after = ""
        while True:
            query = (
                sa.select(AuditRow.talent_id, AuditRow.content)
                .where(AuditRow.talent_id > after)
                .order_by(AuditRow.talent_id)
                .limit(READ_BATCH)
            )
            with self._database.reading() as connection:
                rows = connection.execute(query).all()
            yield from (AuditAttributes.model_validate_json(row.content) for row in rows)
            if len(rows) < READ_BATCH:
                return
            after = rows[-1].talent_id


def attributes_of(connection: Connection, talent_id: str) -> AuditAttributes | None:
    """What the vault holds on one person, for their own export."""
    content = _contents(connection, [talent_id]).get(talent_id)
    return None if content is None else AuditAttributes.model_validate_json(content)


def _contents(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    wanted = list(dict.fromkeys(ids))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), IDS_PER_QUERY):
        rows = connection.execute(
            sa.select(AuditRow.talent_id, AuditRow.content).where(
                AuditRow.talent_id.in_(wanted[start : start + IDS_PER_QUERY])
            )
        )
        found.update((row.talent_id, row.content) for row in rows)
    return found
