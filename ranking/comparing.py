"""Why one person stands above another: the difference between their reasons, told by what each reason is about."""

from dataclasses import dataclass

from core.shortlists import Entry, Reason
from ranking.dutch import SENTENCES
from ranking.pipeline import EXPLORATION
from ranking.plainly import BARELY

MAX_EACH = 2  # reasons a side: a sentence or two is read, a list is not


@dataclass(frozen=True, slots=True)
class Difference:
    """What sets one person above the next.

    Attributes:
        for_upper: reasons that only the upper one has.
        against_lower: what weighs against the lower one only.
        for_lower: what the lower one has for themselves, and still did not decide.
        barely: the scores lie so near that it could as well have been the other way round.
    """

    for_upper: tuple[Reason, ...]
    against_lower: tuple[Reason, ...]
    for_lower: tuple[Reason, ...]
    barely: bool


def difference(upper: Entry, lower: Entry, spread: float) -> Difference | None:
    """Why ``upper`` stands above ``lower``.

    Args:
        upper: the better scored of the two.
        lower: the other.
        spread: highest score of the whole list less the lowest.

    Returns:
        None where a lot put one of them there: then no reason sets them apart.
    """
    if upper.exploration or lower.exploration:
        return None
    return Difference(
        for_upper=_only(upper, lower, "+")[:MAX_EACH],
        against_lower=_only(lower, upper, "-")[:MAX_EACH],
        for_lower=_only(lower, upper, "+")[: MAX_EACH - 1],
        barely=upper.score - lower.score < BARELY * spread,
    )


def _only(one: Entry, other: Entry, direction: str) -> tuple[Reason, ...]:
    """Reasons of one, strongest first, on what the other has no such reason about."""
    known = {_about(reason) for reason in other.reasons if reason.direction == direction}
    mine = (reason for reason in one.reasons if reason.direction == direction)
    return tuple(reason for reason in mine if _about(reason) not in known and reason.feature != EXPLORATION)


def _about(reason: Reason) -> str:
    """Features that tell one story count as one."""
    return SENTENCES[reason.feature].family if reason.feature in SENTENCES else reason.feature
