"""Coordinates of postcode areas. A few thousand rows: read whole."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.records import Place
from core.store import revisions
from core.store.engine import Database
from core.store.fingerprint import digest
from core.store.revisions import Revision
from core.store.schema import PlaceRow
from core.store.values import ChangeKind, PutOutcome


class PlaceBook:
    """Reads and writes places."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, places: Sequence[Place], *, now: datetime) -> list[PutOutcome]:
        """Writes all places in one transaction, in order; each change gets a sequence number."""
        with self._database.writing() as connection:
            known = read(connection)
            present = frozenset(known)
            first_seq = revisions.highest_seq(connection) + 1
            outcomes: list[PutOutcome] = []
            appended: list[Revision] = []
            changed: dict[str, Place] = {}
            for place in places:
                key, before = place.postcode, known.get(place.postcode)
                if before == place:
                    outcomes.append(PutOutcome.UNCHANGED)
                    continue
                outcomes.append(PutOutcome.CREATED if before is None else PutOutcome.UPDATED)
                content = place.model_dump_json()
                seq = first_seq + len(appended)
                appended.append(Revision(seq, ChangeKind.PLACE.value, key, content, digest(content), None, now))
                known[key] = changed[key] = place
            revisions.append(connection, appended)
            stale = [key for key in changed if key in present]
            if stale:
                connection.execute(sa.delete(PlaceRow).where(PlaceRow.postcode.in_(stale)))
            if changed:
                connection.execute(sa.insert(PlaceRow), [place.model_dump() for place in changed.values()])
        return outcomes

    def all(self) -> dict[str, Place]:
        """All places by four-digit postcode."""
        with self._database.reading() as connection:
            return read(connection)


def read(connection: Connection) -> dict[str, Place]:
    """All places by four-digit postcode."""
    rows = connection.execute(sa.select(PlaceRow.__table__).order_by(PlaceRow.postcode)).mappings()
    return {row["postcode"]: Place.model_validate(dict(row)) for row in rows}
