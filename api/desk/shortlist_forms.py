"""What a matchmaker decides on a shortlist: seven forms, each read, weighed against where someone stands, and kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response

from api.bodies import ShortlistId, TalentId
from api.desk import shortlist
from api.desk.decisions import About, event_id, record
from api.desk.filled import Filled, Posted
from api.desk.roles import Permission, requires
from api.desk.shortlist import Draft
from api.desk.shortlist_filters import Filters, filters_of
from api.desk.shortlist_opened import OpenedList, open_list
from api.desk.shortlist_view import is_near_miss
from api.desk.site import catalogue, redirect
from api.service import OpenService
from core.accounts import User
from core.errors import NotFound
from core.vocabulary import DeclinedBy, EventKind, SupportKind
from ranking.deciding import Decision, Objection, objections

router = APIRouter()

_FAR: Final = timedelta(days=366)
_MAX_HOURS: Final = 60
Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be decided.

    Attributes:
        path: last part of its address.
        decision: what it is.
        kind: of the event that it becomes.
        read: from a form to what the event has more; notes in the form what is wrong.
    """

    path: str
    decision: Decision
    kind: EventKind
    read: Callable[[Filled, OpenedList, str], Fields]


def _nothing_more(_form: Filled, _opened: OpenedList, _talent_id: str) -> Fields:
    return {}


def _no(form: Filled, _opened: OpenedList, _talent_id: str) -> Fields:
    by = form.choice("wie", DeclinedBy, missing="decisions.wrong.by")
    # Others need not say why; she must, for it is how the list is told that it was wrong.
    hers = by is DeclinedBy.MATCHMAKER
    return {"by": by, "reason": form.text("reden", missing="decisions.wrong.reason" if hers else None)}


def _note(form: Filled, _opened: OpenedList, _talent_id: str) -> Fields:
    return {"text": form.text("notitie", missing="decisions.wrong.note")}


def _place(form: Filled, opened: OpenedList, talent_id: str) -> Fields:
    order = opened.order(Filters())
    place = form.number("plek", 1, len(order), missing="decisions.wrong.place")
    if place is not None and place != int(place):
        form.wrong("plek", "decisions.wrong.place", low=1, high=len(order))
    elif place is not None and order[int(place) - 1] == talent_id:
        form.wrong("plek", "decisions.wrong.same_place", n=int(place))
    return {"rank": int(place or 0), "reason": form.text("reden", missing="decisions.wrong.reason")}


def _contract(form: Filled, opened: OpenedList, _talent_id: str) -> Fields:
    start = form.day("start", required=True)
    end = form.day("einde", required=False)
    hours = form.number("uren", 1, _MAX_HOURS, missing="decisions.wrong.hours")
    if start is not None and abs(start - opened.now.date()) > _FAR:
        form.wrong("start", "decisions.wrong.far")
    if start is not None and end is not None and end <= start:
        form.wrong("einde", "decisions.wrong.end")
    return {"starts_on": start, "contract_hours_per_week": hours, "contract_ends_on": end}


def _help(form: Filled, _opened: OpenedList, _talent_id: str) -> Fields:
    return {
        "support": form.choice("hulp", SupportKind, missing="decisions.wrong.support"),
        "note": form.text("toelichting"),
    }


ACTIONS: Final = (
    Action("voorstellen", Decision.PROPOSE, EventKind.PROPOSED, _nothing_more),
    Action("afwijzen", Decision.DECLINE, EventKind.DECLINED, _no),
    Action("gesprek", Decision.INTERVIEW, EventKind.INTERVIEWED, _nothing_more),
    Action("geplaatst", Decision.PLACE, EventKind.PLACED, _contract),
    Action("hulp", Decision.SUPPORT, EventKind.SUPPORT, _help),
    Action("notitie", Decision.NOTE, EventKind.NOTED, _note),
    Action("volgorde", Decision.MOVE, EventKind.OVERRULED, _place),
)


def _route(action: Action) -> Callable[..., Response]:
    """The endpoint of an action."""

    def decide(
        request: Request,
        shortlist_id: ShortlistId,
        talent_id: TalentId,
        service: OpenService,
        form: Posted,
        user: Annotated[User, requires(Permission.DECIDE)],
    ) -> Response:
        opened = open_list(service, shortlist_id, user)
        filters, once = filters_of(form.raw("filters")), form.raw("once")
        about = _about(action, opened, talent_id)
        fields = action.read(form, opened, talent_id)
        key = event_id(user, action.kind, about, once=once, fields=fields)
        if all(event.event_id != key for event in opened.events):  # else it is the same form sent again
            doubts = _doubts(action, opened, talent_id)
            draft = Draft(action.path, talent_id, form.values, _messages(form), doubts)
            if draft.errors or draft.open_doubts:
                return shortlist.show(request, service, user, opened, filters, draft)
            record(service, user, action.kind, about, once=once, **fields)
        address = f"{filters.address(f'/shortlists/{shortlist_id}', bij=talent_id)}#t-{talent_id}"
        return redirect(address, done=f"decisions.done.{action.decision}")

    return decide


def _about(action: Action, opened: OpenedList, talent_id: str) -> About:
    """Whom and what, with the place on the list for who has one there.

    Raises:
        NotFound: nobody of that id is on the list, or somebody beside it is to be moved on it.
    """
    entry = opened.entry(talent_id)
    beside = is_near_miss(entry)
    if beside and action.decision is Decision.MOVE:
        raise NotFound(f"{talent_id} has no place on this shortlist; propose this person instead")
    return About(opened.vacancy_id, talent_id, opened.shortlist.shortlist_id, rank=None if beside else entry.rank)


def _doubts(action: Action, opened: OpenedList, talent_id: str) -> list[Objection]:
    others = [standing for key, standing in opened.standings.items() if key != talent_id]
    return objections(action.decision, opened.standing(talent_id), opened.vacancy, others)


def _messages(form: Filled) -> Mapping[str, str]:
    """What to do, in words, by name of the field."""
    return {name: catalogue()(key, **values) for name, (key, values) in form.errors.items()}


for _action in ACTIONS:
    router.add_api_route(
        f"/shortlists/{{shortlist_id}}/talenten/{{talent_id}}/{_action.path}",
        _route(_action),
        methods=["POST"],
        name=_action.decision,
    )
