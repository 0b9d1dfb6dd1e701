"""A person's rights over their data: erasure and export (GDPR articles 15, 17 and 20)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.errors import NotFound
from core.records import Talent
from core.store import audit, events, revisions, shortlists
from core.store.engine import Database
from core.store.records import Records
from core.store.revisions import Revision
from core.store.schema import AuditRow, Base, EventRow, RevisionRow, ShortlistTalentRow, TalentRow
from core.store.values import ChangeKind, ErasureReport, Stored


class Privacy:
    """Erases and exports what is held on one person."""

    def __init__(self, database: Database, talents: Records[Talent]) -> None:
        self._database = database
        self._talents = talents

    def erase(self, talent_id: str, *, now: datetime) -> ErasureReport:
        """Removes a person from every table in one transaction and leaves a tombstone for followers."""
        with self._database.writing() as connection:
            _check_known(connection, talent_id)
            seq = revisions.highest_seq(connection) + 1
            report = ErasureReport(
                talent_id,
                seq,
                talents=_delete(connection, TalentRow, TalentRow.id == talent_id),
                revisions=_delete(
                    connection,
                    RevisionRow,
                    sa.and_(RevisionRow.kind == ChangeKind.TALENT.value, RevisionRow.id == talent_id),
                ),
                events=_delete(connection, EventRow, EventRow.talent_id == talent_id),
                audit=_delete(connection, AuditRow, AuditRow.talent_id == talent_id),
                shortlists=shortlists.erase_person(connection, talent_id),
            )
            tombstone = Revision(seq, ChangeKind.TALENT.value, talent_id, None, None, None, now)
            revisions.append(connection, [tombstone])
        self._database.scrub()
        return report

    def export(self, talent_id: str) -> dict[str, object]:
        """Everything held on a person, as JSON values."""
        with self._database.reading() as connection:
            _check_known(connection, talent_id)
            history = self._talents.revisions_of(connection, talent_id)
            attributes = audit.attributes_of(connection, talent_id)
            return {
                "talent_id": talent_id,
                "talent": history[-1].record.model_dump(mode="json") if history else None,
                "revisions": [_revision(stored) for stored in history],
                "events": [event.model_dump(mode="json") for event in events.of_person(connection, talent_id)],
                "audit": None if attributes is None else attributes.model_dump(mode="json"),
                "shortlists": shortlists.part_of(connection, talent_id),
            }


def _check_known(connection: Connection, talent_id: str) -> None:
    """A person is known by any trace: events and audit attributes may be there without the talent."""
    for column in (TalentRow.id, EventRow.talent_id, AuditRow.talent_id, ShortlistTalentRow.talent_id):
        if connection.execute(sa.select(column).where(column == talent_id).limit(1)).first() is not None:
            return
    raise NotFound(f"nothing is held on talent {talent_id}; check the id")


def _delete(connection: Connection, table: type[Base], condition: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.delete(table).where(condition)).rowcount


def _revision(stored: Stored[Talent]) -> dict[str, Any]:
    return {
        "seq": stored.seq,
        "valid_from": None if stored.valid_from is None else stored.valid_from.isoformat(),
        "record": stored.record.model_dump(mode="json"),
    }
