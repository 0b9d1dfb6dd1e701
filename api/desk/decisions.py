"""Every decision at the desk is an event: who did it stands beside it, and sending a form twice writes it once."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

import orjson

from api.service import Service
from core.accounts import User
from core.records import EVENT_ADAPTER, Shown
from core.shortlists import Shortlist
from core.store import PutOutcome
from core.vocabulary import EventKind

_ID_DIGITS = 40


class About(NamedTuple):
    """What a decision is about.

    Attributes:
        vacancy_id: the job.
        talent_id: the person.
        shortlist_id: the list that it was decided on, when it was on one.
        rank: the place on that list, 1 is best; of an overruled order the new place.
    """

    vacancy_id: str
    talent_id: str
    shortlist_id: str | None = None
    rank: int | None = None


def record(service: Service, user: User, kind: EventKind, about: About, *, once: str, **fields: object) -> PutOutcome:
    """Writes a decision down.

    Args:
        service: with the store and the clock.
        user: who decided; kept under ``extra.by``, which nothing ranks on.
        kind: of event.
        about: whom and what.
        once: the form's one-time id. The same form sent again by the same user writes nothing; with other content
            (after going back in the browser) it is another decision.
        fields: what this kind has more, as in :mod:`core.records`.

    Returns:
        CREATED, or UNCHANGED when it was there.

    Raises:
        pydantic.ValidationError: the fields do not make an event of this kind.
    """
    event = EVENT_ADAPTER.validate_python(
        {
            "event_id": event_id(user, kind, about, once=once, fields=fields),
            "kind": kind,
            "occurred_at": service.clock(),
            "extra": {"by": user.user_id},
            **about._asdict(),
            **fields,
        }
    )
    (outcome,) = service.store.put_events([event], now=service.clock())
    # The id holds all content but the time: under it there can only be this same decision, sent a moment before.
    return PutOutcome.UNCHANGED if outcome is PutOutcome.REFUSED else outcome


def event_id(user: User, kind: EventKind, about: About, *, once: str, fields: Mapping[str, object]) -> str:
    """The id under which a decision is written; the same for the same form with the same content."""
    content = [user.user_id, once, kind, about, dict(fields)]
    written = orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=str)
    return f"d-{hashlib.sha256(written).hexdigest()[:_ID_DIGITS]}"


def mark_shown(service: Service, user: User, shortlist: Shortlist, vacancy_id: str, known: set[str]) -> int:
    """Tells once of everybody on a list that a matchmaker has it before her.

    Args:
        service: with the store and the clock.
        user: who opened it.
        shortlist: the list; near misses do not stand on it.
        vacancy_id: that it is for.
        known: talent_ids that are told already.

    Returns:
        How many were told now.
    """
    key, now = shortlist.shortlist_id, service.clock()
    fresh = [
        Shown(
            event_id=f"shown-{hashlib.sha256(f'{key} {entry.talent_id}'.encode()).hexdigest()[:_ID_DIGITS]}",
            kind=EventKind.SHOWN,
            occurred_at=now,
            vacancy_id=vacancy_id,
            talent_id=entry.talent_id,
            shortlist_id=key,
            rank=entry.rank,
            extra={"by": user.user_id},
        )
        for entry in shortlist.entries
        if entry.talent_id not in known
    ]
    # Two who open it at once: the id is the same, and the second changes nothing.
    outcomes = service.store.put_events(fresh, now=now) if fresh else []
    return outcomes.count(PutOutcome.CREATED)
