"""The pages of aftercare: the queue of calls, one placement, and what a call told."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.bodies import TalentId, VacancyId
from api.desk.aftercare_book import OpenBook
from api.desk.aftercare_view import Asked, Part, calls_of, listed, rows_of
from api.desk.decisions import About, record
from api.desk.filled import Filled, Posted, page_number
from api.desk.paths import local
from api.desk.roles import Permission, own_municipality, requires
from api.desk.site import catalogue, page, redirect
from api.desk.words import number
from api.service import OpenService, Service
from core.accounts import User
from core.errors import Conflict, NotFound
from core.vocabulary import CheckpointMoment, EventKind, SupportKind
from ranking.aftercare import NEEDED_HOURS, Queue
from ranking.in_care import HoursFrom, Placement, every_placement
from ranking.outcomes import OUTCOME_KINDS

router = APIRouter()
Seeing = Annotated[User, requires(Permission.AFTERCARE_SEE)]
Answering = Annotated[User, requires(Permission.AFTERCARE_ANSWER)]

QUEUE: Final = "/nazorg"
_PLACEMENT: Final = "/nazorg/{vacancy_id}/{talent_id}"
MAX_HOURS: Final = 100_000.0
MAX_AHEAD: Final = timedelta(days=366)  # an end further away is a slip of the keyboard
_HOURS_A_DAY: Final = 24


class Answer(StrEnum):
    """What a call told."""

    AT_WORK = "ja"
    DOUBTS = "twijfel"
    LEFT = "nee"


_DONE: Final = {
    Answer.AT_WORK: "aftercare.done.at_work",
    Answer.DOUBTS: "aftercare.done.doubts",
    Answer.LEFT: "aftercare.done.left",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A placement on somebody's desk, with what its pages need.

    Attributes:
        service: with the store and the clock.
        queue: of today.
        placement: that the address names.
    """

    service: Service
    queue: Queue
    placement: Placement

    @property
    def today(self) -> date:
        """The day, by the clock of the Netherlands."""
        return self.queue.today


def _open_placement(
    user: Seeing, service: OpenService, book: OpenBook, vacancy_id: VacancyId, talent_id: TalentId
) -> Desk:
    """The placement that an address names, if this user may see it.

    Raises:
        NotFound: there is none, or it is of somebody from elsewhere.
    """
    own, line = own_municipality(user), service.store.people.lines().get(talent_id)
    if own is not None and (line is None or (line.municipality or "").casefold() != own.casefold()):
        raise NotFound(f"there is no talent {talent_id}; check the id")
    now, pair = service.clock(), (vacancy_id, talent_id)
    found = book.placements(now).get(pair)
    if found is None:
        # One that is over: hours may still come in, and the page says that it is over.
        events = service.store.event_columns(kinds=OUTCOME_KINDS, talent_ids=[talent_id])
        found = every_placement(events, as_of=now).get(pair)
    if found is None:
        raise NotFound(f"{talent_id} was not placed at {vacancy_id}; check the ids")
    return Desk(service, book.queue(now), found)


OpenPlacement = Annotated[Desk, Depends(_open_placement)]


@router.get(QUEUE)
def show_queue(  # noqa: PLR0913  one for each filter
    request: Request,
    service: OpenService,
    book: OpenBook,
    user: Seeing,
    *,
    lijst: str = "",
    moment: str = "",
    gemeente: Annotated[str, Query(max_length=120)] = "",
    blad: str = "",
) -> Response:
    """The calls to make, overdue first; the people whom support may help; all who are at work."""
    asked = Asked(
        part=Part(lijst) if lijst in set(Part) else Part.CALLS,
        moment=CheckpointMoment(moment) if moment in set(CheckpointMoment) else None,
        municipality=gemeente or None,
        page=page_number(blad),
    )
    now, t = service.clock(), catalogue()
    found = listed(service.store, user, book.queue(now), book.placements(now), asked)

    def address(part: Part = asked.part, number: int = 1) -> str:
        kept = {
            "lijst": "" if part is Part.CALLS else part,
            "moment": asked.moment or "",
            "gemeente": asked.municipality or "",
            "blad": str(number) if number > 1 else "",
        }
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"{QUEUE}?{query}" if query else QUEUE

    return page(
        request,
        "aftercare.html",
        asked=asked,
        found=found,
        parts=list(Part),
        moments=[("", t("aftercare.filter.moment_all")), *((one.value, t.label(one)) for one in CheckpointMoment)],
        towns=[("", t("aftercare.filter.municipality_all")), *((town, town) for town in found.municipalities)],
        today=book.queue(now).today,
        here_again=address(number=asked.page),
        address=address,
        needed=NEEDED_HOURS,
    )


@router.get(_PLACEMENT)
def show_placement(request: Request, desk: OpenPlacement) -> Response:
    """One placement: its calls, hours and help, with the forms for them."""
    return _shown(request, desk, Filled({}))


@router.post(_PLACEMENT + "/uren")
def tell_hours(request: Request, user: Answering, form: Posted, desk: OpenPlacement) -> Response:
    """Writes down how many hours were worked so far."""
    total = _total(form, desk)
    if form.errors or total is None:
        return _shown(request, desk, form)
    record(
        desk.service,
        user,
        EventKind.HOURS,
        About(*desk.placement.pair),
        once=form.raw("once"),
        total_hours=total,
        correction=form.ticked("correctie"),
    )
    return redirect(_address(desk.placement), done="aftercare.done.hours")


@router.post(_PLACEMENT + "/gestopt")
def tell_end(request: Request, user: Answering, form: Posted, desk: OpenPlacement) -> Response:
    """Writes down since when somebody does not work there any more, and why."""
    ended_on = form.day("einde", required=True)
    if ended_on is not None and ended_on > desk.today + MAX_AHEAD:
        form.wrong("einde", "aftercare.wrong.end_far")
    reason = form.text("reden", missing="aftercare.wrong.reason")
    if form.errors or ended_on is None:
        return _shown(request, desk, form)
    record(
        desk.service,
        user,
        EventKind.ENDED,
        About(*desk.placement.pair),
        once=form.raw("once"),
        ended_on=ended_on,
        reason=reason,
    )
    return redirect(_address(desk.placement), done="aftercare.done.ended")


@router.post(_PLACEMENT + "/hulp")
def tell_support(request: Request, user: Answering, form: Posted, desk: OpenPlacement) -> Response:
    """Writes down which help was given."""
    kind = form.choice("hulp", SupportKind, missing="aftercare.wrong.support")
    note = form.text("toelichting")
    if form.errors or kind is None:
        return _shown(request, desk, form)
    record(
        desk.service,
        user,
        EventKind.SUPPORT,
        About(*desk.placement.pair),
        once=form.raw("once"),
        support=kind,
        note=note,
    )
    return redirect(_address(desk.placement), done="aftercare.done.support")


@router.post(_PLACEMENT + "/{moment}")
def tell_call(
    request: Request, user: Answering, form: Posted, desk: OpenPlacement, moment: CheckpointMoment
) -> Response:
    """Writes down what a call told; who has left is asked since when, and why."""
    answer = form.choice("antwoord", Answer, missing="aftercare.wrong.answer")
    if answer is None:
        return _shown(request, desk, form)
    if not desk.placement.runs:
        if answer is not Answer.LEFT:
            raise Conflict("the placement is over; open the page again to see since when")
        return redirect(_address(desk.placement), done=_DONE[answer])  # told before: by this form, or by a colleague
    extra: dict[str, object] = {"by": user.user_id} | ({"doubts": True} if answer is Answer.DOUBTS else {})
    record(
        desk.service,
        user,
        EventKind.CHECKPOINT,
        About(*desk.placement.pair),
        once=form.raw("once"),
        moment=moment,
        still_working=answer is not Answer.LEFT,
        extra=extra,
    )
    back = local(form.raw("terug")) or QUEUE
    return redirect(_address(desk.placement) if answer is Answer.LEFT else back, done=_DONE[answer])


def _shown(request: Request, desk: Desk, form: Filled) -> Response:
    """The page of a placement; with what is wrong in a form, when something is."""
    t, queue = catalogue(), desk.queue
    concerns = {one.placement.pair: one for one in queue.support}
    placement = desk.placement
    calls = [call for call in (*queue.due, *queue.ahead) if call.placement.pair == placement.pair]
    (row,) = rows_of(desk.service.store, calls[:1] or [placement], queue.today, concerns)
    return page(
        request,
        "placement.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
        row=row,
        calls=calls_of(placement, calls),
        typed=form.values,
        errors={name: t(key, **values) for name, (key, values) in form.errors.items()},
        supports=[("", t("aftercare.support.choose")), *((kind.value, t.label(kind)) for kind in SupportKind)],
        needed=NEEDED_HOURS,
        today=queue.today,
        here_again=_address(placement),
    )


def _total(form: Filled, desk: Desk) -> float | None:
    """The hours so far as they were typed: never more than there were, and only to correct them fewer than before."""
    placement = desk.placement
    total = form.number("uren", 0, MAX_HOURS, missing="aftercare.wrong.hours")
    if total is None:
        return None
    most = max((desk.today - placement.starts_on).days + 1, 0) * _HOURS_A_DAY
    fewer = placement.hours_from is HoursFrom.TIMECARDS and total < placement.hours
    if fewer and not form.ticked("correctie"):
        form.wrong("uren", "aftercare.wrong.fewer_hours", last=number(placement.hours, 2))
    if total > most:
        form.wrong("uren", "aftercare.wrong.many_hours", most=number(most))
    return total


def _address(placement: Placement) -> str:
    return f"{QUEUE}/{quote(placement.vacancy_id)}/{quote(placement.talent_id)}"
