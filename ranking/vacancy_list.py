"""The list of vacancies as a matchmaker looks through it: searched, filtered, put in order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.sectors import Sector, sector_of
from core.store import VacancyLine, folded, text_key
from core.vocabulary import VacancyStatus


class VacancyState(StrEnum):
    """Where a vacancy stands today: its status, and whether one can still apply."""

    OPEN = "open"
    EXPIRED = "expired"
    """Open by its status, but its closing date is past."""
    FILLED = "filled"
    WITHDRAWN = "withdrawn"


class VacancyOrder(StrEnum):
    """What comes first."""

    OLDEST = "oldest"
    NEWEST = "newest"
    NO_SHORTLIST = "no_shortlist"
    """Vacancies without a shortlist, then the others; of each the oldest."""


@dataclass(frozen=True, slots=True)
class VacancyFilter:
    """What is looked for; None or an empty text asks nothing.

    Attributes:
        search: words that must all stand somewhere in the title, employer, occupation or text.
        sector: branch of industry.
        municipality: of the work, as the book of places writes it.
        state: where it stands.
        order: what comes first.
    """

    search: str = ""
    sector: Sector | None = None
    municipality: str | None = None
    state: VacancyState | None = None
    order: VacancyOrder = VacancyOrder.OLDEST


def state_of(line: VacancyLine, today: date) -> VacancyState:
    """Where a vacancy stands today; on its closing date it is still open."""
    if line.status is VacancyStatus.OPEN and line.closes_on is not None and line.closes_on < today:
        return VacancyState.EXPIRED
    return VacancyState(line.status.value)


def select_vacancies(
    lines: Sequence[VacancyLine],
    wanted: VacancyFilter,
    *,
    municipalities: Mapping[str, str],
    with_shortlist: Collection[str],
    today: date,
) -> list[VacancyLine]:
    """The vacancies that fit, in the order asked; of equal age by id.

    Args:
        lines: all vacancies.
        wanted: what is looked for.
        municipalities: by four-digit postcode.
        with_shortlist: ids of vacancies that have one; only looked at when the order asks for it.
        today: decides what is past its closing date.
    """
    words = folded(wanted.search).split()
    found = [
        line
        for line in lines
        if (wanted.state is None or state_of(line, today) is wanted.state)
        and (wanted.sector is None or sector_of(line.sector) is wanted.sector)
        and (wanted.municipality is None or municipalities.get(line.pc4 or "") == wanted.municipality)
        and all(word in line.words for word in words)
    ]
    found.sort(key=lambda line: line.vacancy_id)
    newest = wanted.order is VacancyOrder.NEWEST
    found.sort(key=lambda line: line.since, reverse=newest)
    if wanted.order is VacancyOrder.NO_SHORTLIST:
        found.sort(key=lambda line: line.vacancy_id in with_shortlist)
    return found


def same_open_vacancy(lines: Iterable[VacancyLine], employer: str, description: str) -> VacancyLine | None:
    """An open vacancy of the same employer with the same text, whatever capitals and white space are between.

    Args:
        lines: all vacancies.
        employer: name of the firm.
        description: the text.
    """
    firm, text = folded(employer), text_key(description)
    for line in lines:
        if line.status is VacancyStatus.OPEN and line.text_key == text and folded(line.employer) == firm:
            return line
    return None


def known_employer(lines: Iterable[VacancyLine], employer: str) -> VacancyLine | None:
    """The latest vacancy of the employer with this name, for its id and sector; None for a new employer."""
    firm = folded(employer)
    own = [line for line in lines if line.employer_id and folded(line.employer) == firm]
    return max(own, key=lambda line: (line.since, line.vacancy_id), default=None)
