"""Where each person stands on one vacancy now, as its events tell: what a matchmaker must know before she decides.

The same state machine as in :mod:`ranking.outcomes`, read for people instead of for labels: steps may be skipped; a no
or an end closes a round and a later step opens the next; aftercare counts for the last signature only; an end that is
announced is no end yet; nothing that comes after a signature but an end can undo it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum

from core.records import Checkpoint, Declined, Ended, Event, Interviewed, Noted, Placed, Proposed, Support
from core.vocabulary import DeclinedBy


class Step(StrEnum):
    """Where someone stands on a vacancy."""

    NEW = "new"  # seen on a list at most
    PROPOSED = "proposed"
    INTERVIEWED = "interviewed"
    PLACED = "placed"  # and still there, as far as known
    ENDED = "ended"
    DECLINED = "declined"


_FURTHER = (Step.NEW, Step.PROPOSED, Step.INTERVIEWED, Step.PLACED)
_CLOSED = (Step.DECLINED, Step.ENDED)


@dataclass(frozen=True, slots=True)
class Standing:
    """One person on one vacancy.

    Attributes:
        step: where they stand.
        since: when that began; None for who is new.
        by: who said no, for DECLINED.
        reason: why, for DECLINED and ENDED, in the words that were written; may be empty.
        placed: the last signature.
        notes: what matchmakers wrote, oldest first.
        support: arrangements given, oldest first.
    """

    step: Step = Step.NEW
    since: datetime | None = None
    by: DeclinedBy | None = None
    reason: str = ""
    placed: Placed | None = None
    notes: tuple[Noted, ...] = ()
    support: tuple[Support, ...] = ()


UNSEEN = Standing()
"""Of whom nothing has happened on this vacancy."""


def standings(events: Iterable[Event], *, as_of: datetime) -> dict[str, Standing]:
    """Where everyone stands who has an event.

    Args:
        events: of one vacancy, in any order.
        as_of: what happened later is not looked at.

    Returns:
        By talent_id, whoever moved last first; who is NEW (shown, or only written about) at the end.
    """
    found: dict[str, Standing] = {}
    known = (event for event in events if event.occurred_at <= as_of)
    for event in sorted(known, key=_order):
        found[event.talent_id] = _after(found.get(event.talent_id, UNSEEN), event, as_of)
    beginning = datetime.min.replace(tzinfo=UTC)
    return dict(sorted(found.items(), key=lambda item: item[1].since or beginning, reverse=True))


def _order(event: Event) -> tuple[datetime, bool, str]:
    """By time; of one instant the aftercare comes after the signature, as in outcomes."""
    return event.occurred_at, isinstance(event, Checkpoint | Ended), event.event_id


def _after(standing: Standing, event: Event, as_of: datetime) -> Standing:
    """The standing once the event has happened."""
    match event:
        case Noted():
            return replace(standing, notes=(*standing.notes, event))
        case Support():
            return replace(standing, support=(*standing.support, event))
        case Proposed():
            return _forward(standing, Step.PROPOSED, event)
        case Interviewed():
            return _forward(standing, Step.INTERVIEWED, event)
        case Placed():
            return _at(replace(standing, placed=event), Step.PLACED, event)
    return _closed(standing, event, as_of)


def _closed(standing: Standing, event: Event, as_of: datetime) -> Standing:
    """After a no or an end, where there is something to end."""
    at_work = standing.step is Step.PLACED
    if isinstance(event, Declined) and not at_work:
        return replace(_at(standing, Step.DECLINED, event), by=event.by, reason=event.reason)
    if isinstance(event, Ended) and at_work and _over_at(event) <= as_of:
        return replace(_at(standing, Step.ENDED, event), reason=event.reason)
    if isinstance(event, Checkpoint) and at_work and not event.still_working:
        return _at(standing, Step.ENDED, event)
    return standing


def _forward(standing: Standing, step: Step, event: Event) -> Standing:
    """A step further, or the first of a new round; a step back is only told again."""
    if standing.step in _CLOSED or _FURTHER.index(step) > _FURTHER.index(standing.step):
        return _at(standing, step, event)
    return standing


def _at(standing: Standing, step: Step, event: Event) -> Standing:
    return replace(standing, step=step, since=event.occurred_at, by=None, reason="")


def _over_at(event: Ended) -> datetime:
    """Since when it is over: once told, and not before the day itself."""
    return max(event.occurred_at, datetime.combine(event.ended_on, time(), tzinfo=UTC))
