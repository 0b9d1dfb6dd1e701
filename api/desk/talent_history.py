"""What happened with a person, as sentences: newest first, a timecard told once for each job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.desk.site import catalogue
from api.desk.words import day, number
from core.records import Checkpoint, Declined, Ended, Event, Hours, Noted, Overruled, Placed, Support, Vacancy
from core.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened.

    Attributes:
        at: when.
        text: the sentence.
        note: what somebody wrote with it; empty when nothing.
        vacancy_id: of the job.
        job: its title, and the employer when known.
    """

    at: datetime
    text: str
    note: str
    vacancy_id: str
    job: str


def history_of(events: Sequence[Event], jobs: Mapping[str, Vacancy]) -> list[Happened]:
    """Sentences for events, newest first.

    Args:
        events: of one person, newest first.
        jobs: the vacancies that the events name, as far as they are known.
    """
    return [
        Happened(event.occurred_at, sentence(event), note_of(event), event.vacancy_id, job_words(event, jobs))
        for event in without_old_hours(events)
    ]


def without_old_hours(events: Sequence[Event]) -> list[Event]:
    """All events but the timecards of a job that a later one replaced: there may be one for each week."""
    told: set[str] = set()
    kept: list[Event] = []
    for event in events:
        if isinstance(event, Hours):
            if event.vacancy_id in told:
                continue
            told.add(event.vacancy_id)
        kept.append(event)
    return kept


def sentence(event: Event) -> str:  # noqa: PLR0911  one for each kind
    """What an event says."""
    t = catalogue()
    match event:
        case Declined():
            return t("talent.event.declined", who=t.label(event.by))
        case Placed():
            until = t("talent.event.placed_until", day=day(event.contract_ends_on)) if event.contract_ends_on else ""
            hours = number(event.contract_hours_per_week, 1)
            return t("talent.event.placed", day=day(event.starts_on), hours=hours, until=until).strip()
        case Checkpoint():
            doubts = event.still_working and event.extra.get("doubts") is True
            told = "doubts" if doubts else "at_work" if event.still_working else "left"
            return t(f"talent.event.checkpoint_{told}", moment=t.label(event.moment))
        case Hours():
            return t("talent.event.hours", n=number(event.total_hours, 1))
        case Ended():
            return t("talent.event.ended", day=day(event.ended_on))
        case Support():
            return t("talent.event.support", kind=t.label(event.support))
        case Overruled():
            return t("talent.event.overruled", n=event.rank)
        case _:
            return t(f"talent.event.{EventKind(event.kind).value}")


def note_of(event: Event) -> str:
    """What somebody wrote with an event."""
    match event:
        case Declined() | Ended() | Overruled():
            return event.reason
        case Support():
            return event.note
        case Noted():
            return event.text
        case _:
            return ""


def job_words(event: Event, jobs: Mapping[str, Vacancy]) -> str:
    """``Magazijnmedewerker, Firma De Vries``; the vacancy's id when nothing is known of it."""
    job = jobs.get(event.vacancy_id)
    if job is None:
        return event.vacancy_id
    return ", ".join(filter(None, (job.title or job.occupation or event.vacancy_id, job.employer.name)))
