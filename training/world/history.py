"""Two years at the desk: shortlists, signatures and aftercare, in the order in which they happened."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.world.aftercare import NOTES, RETAINED_HOURS, Stay, draw_stay, draw_support, follow
from training.world.firms import Job
from training.world.legacy import Desk, Showing
from training.world.outcomes import Market
from training.world.people import NOTHING

SECOND_TRY = 0.6  # chance that an unfilled vacancy gets another list, three weeks later
MAX_LISTS = 2
YOUNG_DAYS = 42  # vacancies younger than this at the end of history
YOUNG_UNTOUCHED = 0.8  # share of those that nobody has made a list for
# Hour of the day by kind, so that what follows on the same day is also later.
HOUR = {
    "shown": 9, "proposed": 10, "checkpoint": 10, "declined": 12, "interviewed": 14, "placed": 15, "support": 16,
    "hours": 17, "ended": 18,
}  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """One event before it gets its id: when, between whom, and its own fields (days where the record has dates)."""

    day: int
    kind: str
    job: int
    talent: int
    shortlist: int
    minute: int
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """What happened, sorted by time, and how it ended for each vacancy (placements signed within history)."""

    happenings: list[Happening]
    placements: dict[int, int]
    counts: dict[str, int]


class _Chronicle:
    """Follows showings into events."""

    def __init__(self, market: Market, desk: Desk, rng: np.random.Generator, n_days: int) -> None:
        self.market, self.desk, self.rng, self.n_days = market, desk, rng, n_days
        self.counts = dict.fromkeys(("shown", "proposed", "placements", "retained", "censored"), 0)
        self.placements: dict[int, int] = {}

    def tell(self, job: Job, showings: list[Showing]) -> Iterator[Happening]:
        for showing in showings:
            for day, kind, fields in self._steps(job, showing):
                if day <= self.n_days:
                    self._count(kind)
                    yield Happening(
                        day, kind, job.number, showing.talent, showing.shortlist, int(self.rng.integers(60)), fields
                    )

    def _count(self, kind: str) -> None:
        if kind in self.counts:
            self.counts[kind] += 1

    def _steps(self, job: Job, showing: Showing) -> list[tuple[int, str, dict[str, Any]]]:
        day = showing.day
        steps: list[tuple[int, str, dict[str, Any]]] = [(day, "shown", {"rank": showing.rank})]
        no = {"by": showing.by, "reason": showing.reason if self.rng.random() < 0.7 else ""}
        if showing.reached == "shown":
            return [*steps, (day + 1, "declined", no)] if showing.by else steps
        if showing.reached == "late":
            return steps
        day += int(self.rng.integers(1, 5))
        steps.append((day, "proposed", {}))
        day += int(self.rng.integers(1, 6))
        if showing.reached in {"refused", "proposed"}:
            return [*steps, (day, "declined", no)]
        steps.append((day, "interviewed", {}))
        day += int(self.rng.integers(1, 9))
        if showing.reached == "interviewed":
            return [*steps, (day, "declined", no)]
        return steps + self._appointment(job, showing.talent, day)

    def _appointment(self, job: Job, talent: int, signed: int) -> list[tuple[int, str, dict[str, Any]]]:
        """Signs, and lives through what follows. The end of the job frees the talent again."""
        rng, people = self.rng, self.market.people
        starts = max(signed + int(rng.integers(2, 15)), min(job.starts, signed + 30))
        support = draw_support(rng, newcomer=bool(people.experience[talent, 0] == NOTHING))
        one = self.market.rows(np.array([talent]))
        fit = one.fit(job)
        chance = float(one.p_retained(job, fit, support=bool(support))[0])
        stay = draw_stay(rng, starts, float(fit.hours[0]), chance)
        self.desk.busy_until[talent] = stay.ends
        signed_on = {
            "starts_on": starts,
            "contract_hours_per_week": stay.contract_hours,
            "contract_ends_on": stay.contract_ends,
        }
        steps: list[tuple[int, str, dict[str, Any]]] = [(signed, "placed", signed_on)]
        if support:
            given = starts + int(rng.integers(0, 14))
            if given < stay.ends:
                steps.append((given, "support", {"support": support, "note": NOTES[support]}))
        after = follow(rng, stay, self.n_days)
        if signed <= self.n_days:
            self._close(job, stay, reported=any(kind == "ended" for _, kind, _ in after))
        return steps + after

    def _close(self, job: Job, stay: Stay, *, reported: bool) -> None:
        """Counts a placement as the records of history show it: an end that nobody reported yet is still running."""
        self.placements[job.number] = self.placements.get(job.number, 0) + 1
        days = min(stay.ends, self.n_days) - stay.starts
        if stay.cards_every:
            days = days if stay.ends <= self.n_days else days // stay.cards_every * stay.cards_every
        else:
            days = (days if reported else self.n_days - stay.starts) // 7 * 7
        retained = stay.rate * days / 7 >= RETAINED_HOURS
        self.counts["placements"] += 1
        self.counts["retained"] += retained
        self.counts["censored"] += not retained and not reported


def live_through(market: Market, jobs: list[Job], rng: np.random.Generator, n_days: int) -> History:
    """Plays the desk day by day over all vacancies.

    Returns:
        All events up to and including day ``n_days``, sorted by time, ties in the order of the story.
    """
    desk = Desk(market, rng, n_days)
    chronicle = _Chronicle(market, desk, rng, n_days)
    queue = [(job.opened + int(rng.integers(1, 10)), job.number, 1) for job in jobs]
    untouched = {job.number for job in jobs if job.opened > n_days - YOUNG_DAYS and rng.random() < YOUNG_UNTOUCHED}
    heapq.heapify(queue)
    seen: dict[int, set[int]] = {}
    left = {job.number: job.positions for job in jobs}
    happenings: list[Happening] = []
    while queue:
        day, number, turn = heapq.heappop(queue)
        if day > n_days or number in untouched:
            continue
        job = jobs[number - 1]
        showings = desk.handle(job, day, seen.setdefault(number, set()), left[number])
        left[number] -= sum(showing.reached == "placed" for showing in showings)
        happenings.extend(chronicle.tell(job, showings))
        if left[number] > 0 and turn < MAX_LISTS and rng.random() < SECOND_TRY:
            heapq.heappush(queue, (day + int(rng.integers(18, 28)), number, turn + 1))
    happenings.sort(key=lambda h: (h.day, HOUR[h.kind], h.minute))
    return History(happenings, chronicle.placements, chronicle.counts)
