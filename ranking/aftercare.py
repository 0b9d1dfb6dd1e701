"""Aftercare: which calls are due, and which placements support may help. Pure: events in, calls out.

Nothing here may ever order people: that somebody needs help is no reason to show them lower. No feature and no
training code imports this module, and a test says so. It looks at what is known *in the placement* (calls, hours, the
contract) and at nothing that a person is.

Which calls are due, for a placement that still runs:

- a call falls due on the day that :func:`due_on` gives, and was made when a ``checkpoint`` of its moment came after the
  signature;
- one call answers all before it: a moment that an answered one follows is not asked any more, and when several wait
  only the latest is to be made, with the others named as missed. It is as late as the first of them;
- after 1,040 hours the question is answered: only the call before the contract's end is still made, until that end;
- after an end that was announced no call falls due.
"""

from calendar import monthrange
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from core.store import EventColumns
from core.vocabulary import CheckpointMoment, EventKind, SupportKind
from ranking.outcomes import DEFAULT_LABEL, LABELS, Ending, Outcome, placements, utc_instant

NEEDED_HOURS: Final = LABELS[DEFAULT_LABEL].hours
AHEAD: Final = timedelta(days=14)  # how far the list of coming calls looks
LOST: Final = timedelta(days=60)  # for so long after a call that found nobody at work, help is offered
MISSED: Final = timedelta(days=14)  # a call that waits longer is itself a sign
SOON: Final = timedelta(days=92)  # a quarter: time enough to talk about the next contract
BEHIND: Final = 0.8  # of the contract's hours
BEHIND_WEEKS: Final = 4  # before that the timecards say little

Pair = tuple[str, str]
"""A placement: vacancy_id and talent_id."""


class HoursFrom(StrEnum):
    """How the hours so far are known."""

    TIMECARDS = "timecards"
    CONTRACT = "contract"


class Worry(StrEnum):
    """Why support may help, what weighs most first."""

    NOT_AT_WORK = "not_at_work"
    LEAVING = "leaving"
    DOUBTS = "doubts"
    HOURS_BEHIND = "hours_behind"
    CONTRACT_PASSED = "contract_passed"
    CONTRACT_SHORT = "contract_short"
    CALL_MISSED = "call_missed"


WOULD_HELP: Final[Mapping[Worry, tuple[SupportKind, ...]]] = {
    Worry.NOT_AT_WORK: (SupportKind.JOB_COACH, SupportKind.WORK_TRIAL),
    Worry.LEAVING: (SupportKind.JOB_COACH, SupportKind.WORK_TRIAL),
    Worry.DOUBTS: (SupportKind.JOB_COACH, SupportKind.TRAINING),
    Worry.HOURS_BEHIND: (SupportKind.JOB_COACH, SupportKind.TRAVEL),
    Worry.CONTRACT_PASSED: (),  # first ask: nobody knows yet whether there is anything to support
    Worry.CONTRACT_SHORT: (SupportKind.WAGE_SUBSIDY, SupportKind.TRAINING),
    Worry.CALL_MISSED: (),
}
"""What may help against what, for people to consider."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A placement that aftercare looks after: it runs, or a call found that it does not any more.

    Attributes:
        vacancy_id: of the job.
        talent_id: of the person.
        starts_on: first day.
        hours_per_week: of the contract.
        contract_ends_on: None without an end.
        ends_on: the end that was told, ahead or past; None when nobody told.
        runs: the person still works there, as far as known.
        hours: worked so far.
        hours_from: how these are known.
        carded_on: day of the last timecard; None without.
        retained: the 1,040 hours are there.
        calls: moments that were answered since the signature, each with the day of its last call.
        doubts: the last call told of doubts.
        reason_is_open: a call found nobody at work, and nobody told since when or why.
    """

    vacancy_id: str
    talent_id: str
    starts_on: date
    hours_per_week: float
    contract_ends_on: date | None
    ends_on: date | None
    runs: bool
    hours: float
    hours_from: HoursFrom
    carded_on: date | None
    retained: bool
    calls: Mapping[CheckpointMoment, date]
    doubts: bool
    reason_is_open: bool

    @property
    def pair(self) -> Pair:
        """What names it."""
        return self.vacancy_id, self.talent_id


@dataclass(frozen=True, slots=True)
class Call:
    """A call to make.

    Attributes:
        placement: about what.
        moment: which call.
        due_on: its day.
        waits_since: the day of the first call that was missed, or its own.
        missed: earlier moments that nobody called at; this call answers them too.
    """

    placement: Placement
    moment: CheckpointMoment
    due_on: date
    waits_since: date
    missed: tuple[CheckpointMoment, ...] = ()

    def days_late(self, today: date) -> int:
        """Days overdue; 0 today, below 0 when it lies ahead."""
        return (today - self.waits_since).days


@dataclass(frozen=True, slots=True)
class Concern:
    """A reason why support may help, with what it is made of.

    Attributes:
        worry: which reason.
        day: the day that it is about.
        hours: the hours that it is about; None where it is about none.
        expected: hours to compare with; None likewise.
    """

    worry: Worry
    day: date
    hours: float | None = None
    expected: float | None = None


@dataclass(frozen=True, slots=True)
class ForSupport:
    """A placement that support may help, with its reasons, what weighs most first."""

    placement: Placement
    concerns: tuple[Concern, ...]

    @property
    def would_help(self) -> tuple[SupportKind, ...]:
        """What may help, each once, in the order of the reasons."""
        return tuple(dict.fromkeys(kind for concern in self.concerns for kind in WOULD_HELP[concern.worry]))


@dataclass(frozen=True, slots=True)
class Queue:
    """What there is to do on a day.

    Attributes:
        today: the day.
        due: calls that are overdue or due today, at most one a placement, longest waiting first.
        ahead: calls of the coming fourteen days, nearest first.
        support: placements that support may help, heaviest reason first.
    """

    today: date
    due: tuple[Call, ...]
    ahead: tuple[Call, ...]
    support: tuple[ForSupport, ...]


def due_on(moment: CheckpointMoment, starts_on: date, contract_ends_on: date | None) -> date | None:
    """The day on which a call falls due; None when there is nothing to call about.

    A month is a month of the calendar: from 31 January it ends on 28 (or 29) February. Of a contract shorter than a
    month the call before its end is on the first day.
    """
    match moment:
        case CheckpointMoment.FIRST_DAY:
            return starts_on
        case CheckpointMoment.FIRST_WEEK:
            return starts_on + timedelta(days=7)
        case CheckpointMoment.FIRST_MONTH:
            return _month_on(starts_on, 1)
        case CheckpointMoment.BEFORE_CONTRACT_END:
            return None if contract_ends_on is None else max(starts_on, _month_on(contract_ends_on, -1))


def in_care(events: EventColumns, *, as_of: datetime, doubts: Collection[str] = ()) -> dict[Pair, Placement]:
    """The placements that aftercare looks after.

    A pair depends on its own events only: who knows which pairs changed can ask for those alone.

    Args:
        events: all events, or those of ``OUTCOME_KINDS``; those after ``as_of`` are not looked at.
        as_of: the moment.
        doubts: ids of ``checkpoint`` events that told of doubts.
    """
    hired, cutoff = placements(events, as_of=as_of, label=LABELS[DEFAULT_LABEL]), utc_instant(as_of)
    lost = (hired["ended_by"] == Ending.NOT_AT_WORK) & (hired["outcome"] == Outcome.ENDED)
    kept = hired[hired["ended_on"].isna() | (lost & (hired["ended_on"] > cutoff - np.timedelta64(LOST)))]
    found = _placements(events, kept, cutoff, doubts)
    return {pair: placement for pair, placement in found.items() if placement.runs or placement.reason_is_open}


def every_placement(events: EventColumns, *, as_of: datetime, doubts: Collection[str] = ()) -> dict[Pair, Placement]:
    """All placements, those that are over too; as :func:`in_care`, for the events of a few people."""
    hired = placements(events, as_of=as_of, label=LABELS[DEFAULT_LABEL])
    return _placements(events, hired, utc_instant(as_of), doubts)


def queue(cared_for: Iterable[Placement], today: date) -> Queue:
    """What there is to do on a day, for the placements of :func:`in_care`."""
    due: list[Call] = []
    ahead: list[Call] = []
    support: list[ForSupport] = []
    for placement in cared_for:
        waiting, coming = _calls(placement, today)
        due += [waiting] if waiting else []
        ahead += coming
        concerns = tuple(_concerns(placement, waiting, today))
        support += [ForSupport(placement, concerns)] if concerns else []
    return Queue(
        today,
        tuple(sorted(due, key=lambda call: (call.waits_since, call.due_on, call.placement.pair))),
        tuple(sorted(ahead, key=lambda call: (call.due_on, call.placement.pair))),
        tuple(sorted(support, key=_weight)),
    )


def _placements(
    events: EventColumns, hired: pd.DataFrame, cutoff: np.datetime64, doubts: Collection[str]
) -> dict[Pair, Placement]:
    told = _told(events, hired, cutoff, frozenset(doubts))
    rows = [(row["vacancy_id"], row["talent_id"], row) for row in hired.to_dict("records")]
    return {(vacancy, talent): _placement(row, told[vacancy, talent]) for vacancy, talent, row in rows}


@dataclass(slots=True)
class _Told:
    """What calls and reports told of one placement."""

    calls: dict[CheckpointMoment, date]
    doubts: bool = False
    ends_on: date | None = None
    reported: bool = False


def _told(events: EventColumns, kept: pd.DataFrame, cutoff: np.datetime64, doubts: frozenset[str]) -> dict[Pair, _Told]:
    """Calls and ends since each placement's signature, read in order of time and then of id."""
    signed = dict(zip(zip(kept["vacancy_id"], kept["talent_id"], strict=True), kept["placed_at"], strict=True))
    told = {pair: _Told({}) for pair in signed}
    pairs = zip(events.vacancy_id, events.talent_id, events.kind, strict=True)
    telling = {EventKind.CHECKPOINT.value, EventKind.ENDED.value}
    of_these = [row for row, (*pair, kind) in enumerate(pairs) if kind in telling and tuple(pair) in signed]
    for row in sorted(of_these, key=lambda number: (events.occurred_at[number], events.event_id[number])):
        pair, at = (events.vacancy_id[row], events.talent_id[row]), events.occurred_at[row]
        if not signed[pair].to_datetime64() <= at <= cutoff:
            continue
        known = told[pair]
        if events.kind[row] == EventKind.ENDED:
            known.reported = True
            known.ends_on = _earliest(known.ends_on, events.ended_on[row].item())
            continue
        known.calls[CheckpointMoment(events.moment[row])] = at.item().date()
        known.doubts = events.event_id[row] in doubts
        if events.still_working[row] == 0.0:
            known.ends_on = _earliest(known.ends_on, at.item().date())
    return told


def _placement(row: Mapping[Hashable, Any], told: _Told) -> Placement:
    """A row of :func:`placements` with what was told of it."""
    carded = _day(row["carded_at"])
    return Placement(
        vacancy_id=row["vacancy_id"],
        talent_id=row["talent_id"],
        starts_on=row["starts_on"].date(),
        hours_per_week=row["hours_per_week"],
        contract_ends_on=_day(row["contract_ends_on"]),
        ends_on=told.ends_on,
        runs=_day(row["ended_on"]) is None,
        hours=row["hours_worked"],
        hours_from=HoursFrom.CONTRACT if carded is None else HoursFrom.TIMECARDS,
        carded_on=carded,
        retained=row["outcome"] == Outcome.RETAINED,
        calls=told.calls,
        doubts=told.doubts,
        reason_is_open=_day(row["ended_on"]) is not None and not told.reported,
    )


def _calls(placement: Placement, today: date) -> tuple[Call | None, list[Call]]:
    """The call to make now, and those of the coming days."""
    if not placement.runs:
        return None, []
    asked = _open_moments(placement, today)
    waiting = [(day, moment) for day, moment in asked if day <= today]
    coming = [Call(placement, moment, day, waits_since=day) for day, moment in asked if today < day <= today + AHEAD]
    if not waiting:
        return None, coming
    day, moment = waiting[-1]
    return Call(placement, moment, day, waiting[0][0], tuple(missed for _, missed in waiting[:-1])), coming


def _open_moments(placement: Placement, today: date) -> list[tuple[date, CheckpointMoment]]:
    """Moments that nobody called at yet and that are still asked, with their days, in order."""
    days = [
        (day, order, moment)
        for order, moment in enumerate(CheckpointMoment)
        if (day := due_on(moment, placement.starts_on, placement.contract_ends_on)) is not None
    ]
    days.sort()
    last = max((place for place, (_, _, moment) in enumerate(days) if moment in placement.calls), default=-1)
    return [(day, moment) for day, _, moment in days[last + 1 :] if _is_asked(moment, day, placement, today)]


def _is_asked(moment: CheckpointMoment, day: date, placement: Placement, today: date) -> bool:
    if placement.ends_on is not None and day > placement.ends_on:
        return False
    if not placement.retained:
        return True
    ends = placement.contract_ends_on
    return moment is CheckpointMoment.BEFORE_CONTRACT_END and ends is not None and today <= ends


def _concerns(placement: Placement, waiting: Call | None, today: date) -> Iterator[Concern]:
    """Why support may help, what weighs most first; nothing once the 1,040 hours are there."""
    if placement.retained:
        return
    if not placement.runs:
        yield Concern(Worry.NOT_AT_WORK, placement.ends_on or today)
        return
    if placement.ends_on is not None:
        yield Concern(Worry.LEAVING, placement.ends_on, placement.hours)
    if placement.doubts:
        yield Concern(Worry.DOUBTS, max(placement.calls.values()))
    if placement.carded_on is not None:
        weeks = (placement.carded_on - placement.starts_on).days // 7
        expected = weeks * placement.hours_per_week
        if weeks >= BEHIND_WEEKS and placement.hours < BEHIND * expected:
            yield Concern(Worry.HOURS_BEHIND, placement.carded_on, placement.hours, expected)
    ends = placement.contract_ends_on
    if ends is not None and _seen_on(placement) <= ends < today:
        yield Concern(Worry.CONTRACT_PASSED, ends)
    elif ends is not None and today <= ends <= today + SOON and (reach := _reach(placement, ends)) < NEEDED_HOURS:
        yield Concern(Worry.CONTRACT_SHORT, ends, reach, NEEDED_HOURS)
    if waiting is not None and waiting.waits_since <= today - MISSED:
        yield Concern(Worry.CALL_MISSED, waiting.waits_since)


def _reach(placement: Placement, ends: date) -> float:
    """Hours there will be at a contract's end: those of timecards, and from there on all hours of the contract."""
    counted_on = placement.carded_on or placement.starts_on
    counted = placement.hours if placement.carded_on else 0.0
    return counted + max((ends - counted_on).days, 0) / 7 * placement.hours_per_week


def _seen_on(placement: Placement) -> date:
    """The last day on which somebody knew that the person was at work."""
    return max((placement.starts_on, *placement.calls.values(), *filter(None, [placement.carded_on])))


def _weight(one: ForSupport) -> tuple[int, int, date, Pair]:
    heaviest = one.concerns[0]
    return list(Worry).index(heaviest.worry), -len(one.concerns), heaviest.day, one.placement.pair


def _month_on(day: date, n: int) -> date:
    """The same day of the month ``n`` months on; the last of a month that has no such day."""
    years, month = divmod(day.month - 1 + n, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day(value: pd.Timestamp | None) -> date | None:
    return None if value is None or pd.isna(value) else value.date()


def _earliest(known: date | None, told: date) -> date:
    return told if known is None else min(known, told)
