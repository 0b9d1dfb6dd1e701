"""What may be decided about a person on a vacancy, given where they stand: what cannot be, and what to ask first.

Steps may be skipped (:mod:`ranking.outcomes`), so little is refused: only what would say the same thing twice or
contradict a signature. Whatever is unusual is asked about once and done when the matchmaker says so.
"""

from collections.abc import Iterable
from enum import StrEnum

from core.records import Vacancy
from core.vocabulary import VacancyStatus
from ranking.standing import Standing, Step


class Decision(StrEnum):
    """What a matchmaker can do with a person on a list."""

    PROPOSE = "propose"
    DECLINE = "decline"
    INTERVIEW = "interview"
    PLACE = "place"
    NOTE = "note"
    MOVE = "move"
    SUPPORT = "support"


class Objection(StrEnum):
    """Why a decision is not simply taken."""

    ALREADY_PROPOSED = "already_proposed"
    ALREADY_DECLINED = "already_declined"
    AT_WORK = "at_work"
    NOT_PROPOSED = "not_proposed"
    SAID_NO = "said_no"
    STOPPED = "stopped"
    VACANCY_CLOSED = "vacancy_closed"
    VACANCY_FULL = "vacancy_full"

    @property
    def is_final(self) -> bool:
        """Whether it cannot be done at all; the others are done when asked for knowingly."""
        return self in _FINAL


_FINAL = frozenset({Objection.ALREADY_PROPOSED, Objection.ALREADY_DECLINED, Objection.AT_WORK})
_FORWARD = frozenset({Decision.PROPOSE, Decision.INTERVIEW, Decision.PLACE})
_OPENING = frozenset({Decision.PROPOSE, Decision.PLACE})
# What is in the way by where someone stands: the decision, and the objection to it.
_BY_STEP = {
    Step.NEW: dict.fromkeys((Decision.INTERVIEW, Decision.PLACE), Objection.NOT_PROPOSED),
    Step.PROPOSED: {Decision.PROPOSE: Objection.ALREADY_PROPOSED},
    Step.INTERVIEWED: {Decision.PROPOSE: Objection.ALREADY_PROPOSED},
    Step.PLACED: dict.fromkeys((*_FORWARD, Decision.DECLINE), Objection.AT_WORK),
    Step.ENDED: dict.fromkeys(_FORWARD, Objection.STOPPED),
    Step.DECLINED: {
        **dict.fromkeys(_FORWARD, Objection.SAID_NO),
        Decision.DECLINE: Objection.ALREADY_DECLINED,
    },
}


def objections(
    decision: Decision, standing: Standing, vacancy: Vacancy | None, others: Iterable[Standing] = ()
) -> list[Objection]:
    """What is in the way of a decision.

    Args:
        decision: what she wants to do.
        standing: of the person on this vacancy.
        vacancy: as it is now; None when it is not kept.
        others: the standings of everyone else on it.

    Returns:
        The one objection that is final, or every question to ask first; empty when nothing is in the way.
    """
    found = []
    if (known := _BY_STEP[standing.step].get(decision)) is not None:
        if known.is_final:
            return [known]
        found.append(known)
    if vacancy is not None and decision in _OPENING and vacancy.status is not VacancyStatus.OPEN:
        found.append(Objection.VACANCY_CLOSED)
    at_work = sum(other.step is Step.PLACED for other in others)
    if vacancy is not None and decision is Decision.PLACE and at_work >= vacancy.positions:
        found.append(Objection.VACANCY_FULL)
    return found
