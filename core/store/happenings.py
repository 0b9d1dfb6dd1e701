"""Following the outcome history: what was appended since one looked, and what pages tell of a few people.

Events have no rising number, so a follower compares two figures: how many there are, and when the last was written.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from core.records import Event
from core.store import events
from core.store.engine import Database
from core.store.schema import EventRow
from core.vocabulary import EventKind

MAX_OF_PERSON: Final = 500
"""Events of one person that a page may show: the newest."""
MAX_PEOPLE: Final = 100
_DOUBTS: Final = '%"doubts":true%'


@dataclass(frozen=True, slots=True)
class HistoryStamp:
    """How much had happened when one looked.

    Attributes:
        count: events.
        recorded_at: when the last was written; None when there are none.
    """

    count: int
    recorded_at: datetime | None


class Happenings:
    """Reads of the outcome history for pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """Number of events; cheap enough to ask for every page."""
        with self._database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(EventRow)).scalar_one())

    def stamp(self) -> HistoryStamp:
        """Where a follower starts; ask before reading the events themselves."""
        with self._database.reading() as connection:
            # Two questions, for each has a quick answer of its own.
            count = connection.execute(sa.select(sa.func.count()).select_from(EventRow)).scalar_one()
            recorded_at = connection.execute(sa.select(sa.func.max(EventRow.recorded_at))).scalar_one()
        return HistoryStamp(int(count), recorded_at)

    def since(self, stamp: HistoryStamp) -> set[str] | None:
        """Ids of the people of whom events were written after a stamp.

        Returns:
            None when that cannot be told, and all has to be read again: events were erased, or written under a clock
            that ran behind.
        """
        if stamp.recorded_at is None:
            return None
        later = EventRow.recorded_at > stamp.recorded_at
        n_all = sa.select(sa.func.count()).select_from(EventRow)
        with self._database.reading() as connection:
            n_before = connection.execute(n_all).scalar_one() - connection.execute(n_all.where(later)).scalar_one()
            if n_before != stamp.count:
                return None
            return set(connection.scalars(sa.select(EventRow.talent_id).where(later)))

    def doubting(self, talent_ids: Collection[str] | None = None) -> set[str]:
        """Ids of the aftercare calls that told of doubts (``extra.doubts``), of some people or of all."""
        query = sa.select(EventRow.event_id).where(
            EventRow.kind == EventKind.CHECKPOINT.value, EventRow.details.like(_DOUBTS)
        )
        if talent_ids is not None:
            query = query.where(EventRow.talent_id.in_(talent_ids))
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    def of_talent(self, talent_id: str) -> list[Event]:
        """The last ``MAX_OF_PERSON`` events of a person but for where they were shown, newest first."""
        return self._read([EventRow.talent_id == talent_id, EventRow.kind != EventKind.SHOWN.value], MAX_OF_PERSON)

    def support_of(self, talent_ids: Collection[str]) -> list[Event]:
        """What support these people got, newest first.

        Raises:
            ValueError: more people than ``MAX_PEOPLE``.
        """
        if len(talent_ids) > MAX_PEOPLE:
            raise ValueError(f"{len(talent_ids)} is more than the {MAX_PEOPLE} of one page; ask for fewer")
        wanted = [EventRow.talent_id.in_(talent_ids), EventRow.kind == EventKind.SUPPORT.value]
        return self._read(wanted, MAX_OF_PERSON)

    def _read(self, wanted: list[sa.ColumnElement[bool]], limit: int) -> list[Event]:
        with self._database.reading() as connection:
            return events.newest(connection, wanted, limit=limit)
