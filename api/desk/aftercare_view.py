"""What the pages of aftercare show, made from the queue: rows with the job, the person's town and the help given."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Final

from api.desk.roles import own_municipality
from api.desk.site import catalogue
from api.desk.words import day, number
from core.accounts import User
from core.records import Support
from core.store import Store
from core.vocabulary import CheckpointMoment, SupportKind
from ranking.aftercare import Call, Concern, ForSupport, Queue, Worry
from ranking.in_care import Pair, Placement

ON_A_PAGE: Final = 20


class Part(StrEnum):
    """The lists of the page."""

    CALLS = "bellen"
    SUPPORT = "hulp"
    ALL = "alle"


class When(StrEnum):
    """When a call is to be made."""

    LATE = "late"
    TODAY = "today"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked to see.

    Attributes:
        part: which list.
        moment: only these calls.
        municipality: only people from here.
        page: from 1.
    """

    part: Part = Part.CALLS
    moment: CheckpointMoment | None = None
    municipality: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A placement on a page.

    Attributes:
        placement: which.
        title: of the job; its id when nothing is known of it.
        employer: its name; empty when unknown.
        municipality: of the person; None when unknown.
        given: help that was given in this placement, newest first.
        call: to make, when this is the list of calls.
        when: of the call.
        late: the call's days overdue.
        missed: earlier calls that nobody made, in words.
        concerns: why support may help, in words.
        would_help: what may help.
    """

    placement: Placement
    title: str
    employer: str
    municipality: str | None
    given: Sequence[Support]
    call: Call | None = None
    when: When | None = None
    late: int = 0
    missed: str = ""
    concerns: Sequence[str] = ()
    would_help: Sequence[SupportKind] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list.

    Attributes:
        groups: the rows of this page; calls by when, other lists as one group under None.
        n: rows on all pages, by list.
        n_when: calls, by when.
        has_next: there is a page after this one.
        municipalities: to choose from; empty for who sees one only.
    """

    groups: Sequence[tuple[When | None, Sequence[Row]]]
    n: Mapping[Part, int]
    n_when: Mapping[When, int]
    has_next: bool
    municipalities: Sequence[str]


def when_of(call: Call, today: date) -> When:
    """Whether a call is late, due today or ahead."""
    late = call.days_late(today)
    return When.LATE if late > 0 else When.TODAY if late == 0 else When.AHEAD


def listed(store: Store, user: User, queue: Queue, placements: Mapping[Pair, Placement], asked: Asked) -> Listed:
    """A page of one of the lists, for what this user may see."""
    lines = store.people.lines()
    own = own_municipality(user)
    only = (own or asked.municipality or "").casefold()

    def seen(placement: Placement) -> bool:
        line = lines.get(placement.talent_id)
        return not only or (line is not None and (line.municipality or "").casefold() == only)

    calls = [
        call for call in (*queue.due, *queue.ahead) if seen(call.placement) and asked.moment in {None, call.moment}
    ]
    support = [one for one in queue.support if seen(one.placement)]
    running = sorted(
        (one for one in placements.values() if one.runs and seen(one)), key=lambda one: (one.starts_on, one.pair)
    )[::-1]
    parts: dict[Part, Sequence[Call | ForSupport | Placement]] = {
        Part.CALLS: calls, Part.SUPPORT: support, Part.ALL: running,
    }  # fmt: skip
    start = (asked.page - 1) * ON_A_PAGE
    shown = parts[asked.part][start : start + ON_A_PAGE]
    every = [when_of(call, queue.today) for call in calls]
    towns = {line.municipality for pair in placements if (line := lines.get(pair[1])) and line.municipality}
    rows = rows_of(store, shown, queue.today, concerns={one.placement.pair: one for one in queue.support})
    return Listed(
        groups=[(when, list(part)) for when, part in groupby(rows, key=lambda row: row.when)],
        n={part: len(items) for part, items in parts.items()},
        n_when={when: every.count(when) for when in When},
        has_next=start + ON_A_PAGE < len(parts[asked.part]),
        municipalities=[] if own else sorted(towns),
    )


def rows_of(
    store: Store,
    items: Iterable[Call | ForSupport | Placement],
    today: date,
    concerns: Mapping[Pair, ForSupport],
) -> list[Row]:
    """Rows with all that a page says of them, read at once; at most a page."""
    made = [(item if isinstance(item, Placement) else item.placement, item) for item in items]
    vacancies = store.vacancies_by_id({placement.vacancy_id for placement, _ in made})
    talents = {placement.talent_id for placement, _ in made}
    lines, given = store.people.lines(), _given(store, talents)
    rows = []
    for placement, item in made:
        job = vacancies.get(placement.vacancy_id)
        call = item if isinstance(item, Call) else None
        helped = concerns.get(placement.pair)
        line = lines.get(placement.talent_id)
        rows.append(
            Row(
                placement=placement,
                title=(job and (job.record.title or job.record.occupation)) or placement.vacancy_id,
                employer=job.record.employer.name if job else "",
                municipality=line.municipality if line else None,
                given=given.get(placement.pair, ()),
                call=call,
                when=when_of(call, today) if call else None,
                late=call.days_late(today) if call else 0,
                missed=", ".join(map(catalogue().label, call.missed)) if call else "",
                # That nobody called is what the list of calls says already.
                concerns=[said(one) for one in helped.concerns if not (call and one.worry is Worry.CALL_MISSED)]
                if helped
                else (),
                would_help=helped.would_help if helped else (),
            )
        )
    return rows


def calls_of(placement: Placement, coming: Sequence[Call]) -> list[tuple[CheckpointMoment, str, date | None]]:
    """Every call of a placement, whether it is done, open (missed), due or not needed, and its day."""
    due = {call.moment: call.due_on for call in coming}
    missed = {moment for call in coming for moment in call.missed}
    states: list[tuple[CheckpointMoment, str, date | None]] = []
    for moment in CheckpointMoment:
        if moment in placement.calls:
            states.append((moment, "done", placement.calls[moment]))
        elif moment in due:
            states.append((moment, "due", due[moment]))
        else:
            states.append((moment, "open" if moment in missed else "none", None))
    return states


def said(concern: Concern) -> str:
    """Why support may help, in words."""
    shown: Callable[[float | None], str] = lambda hours: "" if hours is None else number(hours)  # noqa: E731
    return catalogue()(
        "aftercare.worry." + concern.worry,
        day=day(concern.day),
        hours=shown(concern.hours),
        expected=shown(concern.expected),
    )


def _given(store: Store, talent_ids: set[str]) -> dict[Pair, list[Support]]:
    found: dict[Pair, list[Support]] = {}
    for event in store.happenings.support_of(talent_ids) if talent_ids else []:
        if isinstance(event, Support):
            found.setdefault((event.vacancy_id, event.talent_id), []).append(event)
    return found
