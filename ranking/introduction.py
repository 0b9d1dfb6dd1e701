"""What an employer sees of a person who was proposed to them: what they bring, what is missing, and nothing more.

The type has no field for gender, age, address or another person, so no page can show them. Free text goes through the
same redaction as what an encoder reads: people write their name, age or telephone number in their own words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.records import Event, Proposed, Talent
from core.shortlists import Entry, Gap
from core.vocabulary import DeclinedBy
from embeddings.redaction import redact
from ranking.standing import Standing, Step, standings

_OVER: Final = frozenset({Step.DECLINED, Step.ENDED})
KM_STEP: Final = 5
"""Distances are told in steps: an exact one, from two vacancies, tells an address."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """A person as an employer may know them.

    Attributes:
        talent_id: how to speak of them.
        own_words: their presentation.
        skills: what they say they can do.
        matches: what the vacancy asks, each with what the person offers for it.
        missing: what the vacancy asks and the person has not yet, with what would bridge it; None when nobody compared.
        travel_km: distance to the work, rounded up to steps of ``KM_STEP``; None unknown.
        standing: where the person stands on this vacancy.
    """

    talent_id: str
    own_words: str
    skills: tuple[str, ...]
    matches: tuple[tuple[str, str], ...]
    missing: tuple[Gap, ...] | None
    travel_km: int | None
    standing: Standing

    @property
    def is_over(self) -> bool:
        """Whether nothing more is told of this person."""
        return self.standing.step in _OVER

    @property
    def may_be_invited(self) -> bool:
        """Whether the employer has still to answer."""
        return self.standing.step is Step.PROPOSED

    @property
    def was_declined(self) -> bool:
        """Whether the employer said no, so that saying it again changes nothing."""
        return self.standing.step is Step.DECLINED and self.standing.by is DeclinedBy.EMPLOYER

    @property
    def was_invited(self) -> bool:
        """Likewise for an invitation."""
        return self.standing.step is Step.INTERVIEWED

    @property
    def may_be_declined(self) -> bool:
        """Whether the employer can still say no: not to who works there, and not twice."""
        return self.standing.step in {Step.PROPOSED, Step.INTERVIEWED}


def proposed(events: Iterable[Event], *, as_of: datetime) -> dict[str, tuple[Proposed, Standing]]:
    """Who was proposed on one vacancy: the last proposal of each, and where they stand now.

    Args:
        events: of one vacancy, in any order.
        as_of: what happens later is not looked at.

    Returns:
        By talent_id: who waits for an answer first, then whoever moved last. Who was never proposed is not there,
        however far they came.
    """
    known = [event for event in events if event.occurred_at <= as_of]
    last: dict[str, Proposed] = {}
    for event in sorted(known, key=lambda event: event.occurred_at):
        if isinstance(event, Proposed):
            last[event.talent_id] = event
    found = [
        (talent_id, (last[talent_id], standing))
        for talent_id, standing in standings(known, as_of=as_of).items()
        if talent_id in last
    ]
    return dict(sorted(found, key=lambda item: item[1][1].step is not Step.PROPOSED))


def introduce(talent: Talent, entry: Entry | None, standing: Standing) -> Introduction:
    """The person as an employer may know them.

    Args:
        talent: the record.
        entry: their place on the list from which they were proposed; None when they were proposed without one.
        standing: where they stand on the vacancy.

    Returns:
        Of somebody with whom it is over only that: what an employer need not know any more, they do not see any more.
    """
    if standing.step in _OVER:
        return Introduction(talent.talent_id, "", (), (), None, None, standing)
    return Introduction(
        talent_id=talent.talent_id,
        own_words=_clean(talent.presentation),
        skills=tuple(filter(None, map(_clean, talent.skills))),
        matches=tuple((match.required, _clean(match.offered)) for match in entry.matched_skills) if entry else (),
        missing=tuple(entry.gaps) if entry else None,
        travel_km=_rounded(entry.travel_km) if entry else None,
        standing=standing,
    )


def _clean(text: str) -> str:
    return " ".join(redact(text).split())


def _rounded(km: float | None) -> int | None:
    return None if km is None else max(KM_STEP, -int(-km // KM_STEP) * KM_STEP)
