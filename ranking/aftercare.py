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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from core.vocabulary import CheckpointMoment, SupportKind
from ranking.in_care import Pair, Placement
from ranking.outcomes import DEFAULT_LABEL, LABELS

NEEDED_HOURS: Final = LABELS[DEFAULT_LABEL].hours
AHEAD: Final = timedelta(days=14)  # how far the list of coming calls looks
MISSED: Final = timedelta(days=14)  # a call that waits longer is itself a sign
SOON: Final = timedelta(days=92)  # a quarter: time enough to talk about the next contract
BEHIND: Final = 0.8  # of the contract's hours
BEHIND_WEEKS: Final = 4  # before that the timecards say little


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
