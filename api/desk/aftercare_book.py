"""The queue of aftercare, kept in memory: read once a day, and then only of the people of whom something came in."""

import threading
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Depends, Request

from api.desk.words import ZONE
from core.store import HistoryStamp, Store
from ranking.aftercare import Queue, queue
from ranking.in_care import Pair, Placement, in_care
from ranking.outcomes import OUTCOME_KINDS

MAX_FOLLOWED: Final = 300
"""People of whom something came in, beyond which reading everything again is quicker."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read.

    Attributes:
        seen: the day, the number of events and of the last change; while these stay, nothing is read.
        stamp: where to follow from.
        placements: those that aftercare looks after.
        queue: made of them.
    """

    seen: tuple[date, int, int]
    stamp: HistoryStamp
    placements: dict[Pair, Placement]
    queue: Queue


class AftercareBook:
    """The placements that are looked after, and the queue. Safe to share between threads.

    Args:
        store: whose history is followed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: _Kept | None = None

    def queue(self, now: datetime) -> Queue:
        """What there is to do today."""
        return self._current(now).queue

    def placements(self, now: datetime) -> dict[Pair, Placement]:
        """The placements that aftercare looks after today; not to be changed."""
        return self._current(now).placements

    def _current(self, now: datetime) -> _Kept:
        today = now.astimezone(ZONE).date()
        seen = (today, self._store.happenings.count(), self._store.last_seq())
        kept = self._kept
        if kept is None or kept.seen != seen:
            with self._lock:
                if self._kept is None or self._kept.seen != seen:
                    self._kept = self._read(seen, self._kept)
                kept = self._kept
        return kept

    def _read(self, seen: tuple[date, int, int], before: _Kept | None) -> _Kept:
        """Everything, or on the same day only what came in; the stamp is taken first, so that nothing is missed."""
        stamp = self._store.happenings.stamp()
        # All that is told today counts today, whatever the hour.
        as_of = datetime.combine(seen[0] + timedelta(days=1), time(), ZONE)
        told = self._store.happenings.since(before.stamp) if before and before.seen[0] == seen[0] else None
        if before is None or told is None or len(told) > MAX_FOLLOWED:
            events = self._store.event_columns(kinds=OUTCOME_KINDS)
            placements = in_care(events, as_of=as_of, doubts=self._store.happenings.doubting())
        elif told:
            events = self._store.event_columns(kinds=OUTCOME_KINDS, talent_ids=told)
            others = {pair: one for pair, one in before.placements.items() if one.talent_id not in told}
            placements = others | in_care(events, as_of=as_of, doubts=self._store.happenings.doubting(told))
        else:
            placements = before.placements
        return _Kept(seen, stamp, placements, queue(placements.values(), seen[0]))


async def _book_of(request: Request) -> AftercareBook:
    """The book that the lifespan made."""
    book: AftercareBook = request.state.aftercare
    return book


OpenBook = Annotated[AftercareBook, Depends(_book_of)]
"""Parameter type of endpoints that use the book."""
