"""What the overview counts, kept in memory: read once a day, then only of people of whom something came in."""

import threading
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

import numpy as np
from fastapi import Depends, Request

from api.desk.words import ZONE
from api.service import Ranking, Service
from core.errors import Unavailable
from core.records import Talent
from core.sectors import sector_of
from core.store import HistoryStamp, Store, Stored
from core.vocabulary import Route
from ranking.outcomes import DEFAULT_LABEL, LABELS, Stage
from ranking.progress import Pairs, Trade, grouped, pairs_of

MAX_FOLLOWED: Final = 300
"""People of whom something came in, beyond which reading everything again is quicker."""
Pair = tuple[str, str]
"""Ids of a vacancy and a talent."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What there is to count, until something happens.

    Attributes:
        pairs: not to be changed.
        n_vacancies: brought in, whatever became of them.
        read_at: when it was read.
        answers: what pages made of it, by what was asked; goes with it.
    """

    pairs: Pairs
    n_vacancies: int
    read_at: datetime
    answers: dict[Hashable, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read.

    Attributes:
        seen: the day, the number of events and of the last change; while these stay, nothing is read.
        stamp: where to follow from.
        trades: by pair, for placements from work to work; kept as long as nothing is read anew.
        counted: made of them.
    """

    seen: tuple[date, int, int]
    stamp: HistoryStamp
    trades: Mapping[Pair, Trade]
    counted: Counted


class OverviewBook:
    """The pairs of people and vacancies that the overview counts. Safe to share between threads.

    A page that is asked for after an event shows that event: the number of events is looked at each time.
    """

    def __init__(self, service: Service) -> None:
        self._store: Store = service.store
        self._ranking: Ranking = service.ranking
        self._lock = threading.Lock()
        self._kept: _Kept | None = None

    def counted(self, now: datetime) -> Counted:
        """What there is to count now."""
        seen = (now.astimezone(ZONE).date(), self._store.happenings.count(), self._store.last_seq())
        kept = self._kept
        if kept is None or kept.seen != seen:
            with self._lock:
                if self._kept is None or self._kept.seen != seen:
                    self._kept = self._read(seen, self._kept, now)
                kept = self._kept
        return kept.counted

    def _read(self, seen: tuple[date, int, int], before: _Kept | None, now: datetime) -> _Kept:
        """Everything, or on the same day only what came in; the stamp is taken first, so that nothing is missed."""
        stamp = self._store.happenings.stamp()
        told = self._store.happenings.since(before.stamp) if before and before.seen[0] == seen[0] else None
        if before is None or told is None or len(told) > MAX_FOLLOWED:
            pairs, trades = self._grouped(self._pairs(None, now), {})
        else:
            pairs = before.counted.pairs
            known = {pair: trade for pair, trade in before.trades.items() if pair[1] not in told}
            others = pairs.where(np.array([one not in told for one in pairs.talent_id.tolist()], dtype=bool))
            fresh = self._pairs(told, now)
            if before.seen[2] == seen[2]:  # people and vacancies are as they were
                fresh, trades = self._grouped(fresh, known)
                pairs = Pairs.concatenate([others, fresh])
            else:
                pairs, trades = self._grouped(Pairs.concatenate([others, fresh]), known)
        return _Kept(seen, stamp, trades, Counted(pairs, len(self._store.desk.vacancies()), now))

    def _pairs(self, talent_ids: Iterable[str] | None, now: datetime) -> Pairs:
        only = None if talent_ids is None else sorted(talent_ids)
        events = self._store.event_columns(until=now, talent_ids=only)
        return pairs_of(events, as_of=now, label=LABELS[DEFAULT_LABEL])

    def _grouped(self, pairs: Pairs, known: Mapping[Pair, Trade]) -> tuple[Pairs, dict[Pair, Trade]]:
        """The pairs with what they are grouped by, and what is known of trades now."""
        people, vacancies = self._store.people.lines(), self._store.desk.vacancies()
        routes = {key: line.route for key, line in people.items()}
        trades = {**known, **self._trades(pairs, routes, known)}
        municipalities = {key: line.municipality for key, line in people.items()}
        sectors = {line.vacancy_id: sector_of(line.sector) for line in vacancies}
        return grouped(pairs, routes, municipalities, sectors, trades), trades

    def _trades(
        self, pairs: Pairs, routes: Mapping[str, Route | None], known: Mapping[Pair, Trade]
    ) -> dict[Pair, Trade]:
        """Whether the work of each placement from work to work is what the person did before they were placed."""
        placed = pairs.where(pairs.stage >= Stage.PLACED)
        keys = zip(placed.vacancy_id, placed.talent_id, placed.placed_at.tolist(), strict=True)
        rows = [
            (vacancy_id, talent_id, at.replace(tzinfo=UTC))
            for vacancy_id, talent_id, at in keys
            if routes.get(talent_id) is Route.WORK_TO_WORK and (vacancy_id, talent_id) not in known
        ]
        done = self._done(rows)
        names = {line.vacancy_id: (line.occupation or "", line.title) for line in self._store.desk.vacancies()}
        work = {key: tuple(filter(None, names.get(key, ()))) for key, _, _ in rows}
        asked = [row for row in rows if done[row[:2]] and work[row[0]]]
        try:
            same = self._ranking.same_trade([(done[row[:2]], work[row[0]]) for row in asked])
        except Unavailable:  # no index yet: unknown, until it is there and something is read again
            return {}
        return {row[:2]: Trade.SAME if found else Trade.OTHER for row, found in zip(asked, same, strict=True)}

    def _done(self, rows: Sequence[tuple[str, str, datetime]]) -> dict[Pair, tuple[str, ...]]:
        """What the people of these placements had done before, as their record told it when they were placed."""
        revisions: dict[str, list[Stored[Talent]]] = {}
        for stored in self._store.talent_revisions({talent_id for _, talent_id, _ in rows}):
            revisions.setdefault(stored.record.talent_id, []).append(stored)
        return {
            (vacancy_id, talent_id): _occupations(revisions.get(talent_id, ()), at)
            for vacancy_id, talent_id, at in rows
        }


def _occupations(revisions: Sequence[Stored[Talent]], at: datetime) -> tuple[str, ...]:
    """Earlier occupations by the last revision that held at a moment, or else the first, as the store reads it."""
    held = [item for item in revisions if item.valid_from is None or item.valid_from <= at]
    record = (held or list(revisions[:1]))[-1:]
    return tuple(work.occupation for item in record for work in item.record.experience or () if work.occupation)


async def _book_of(request: Request) -> OverviewBook:
    """The book that the lifespan made."""
    book: OverviewBook = request.state.overview
    return book


OpenOverview = Annotated[OverviewBook, Depends(_book_of)]
"""Parameter type of endpoints that use the book."""
