"""The shortlist: who could do this job and stay, why, what is missing, and what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.bodies import ShortlistId
from api.desk.decisions import mark_shown
from api.desk.roles import Permission, may, requires
from api.desk.shortlist_filters import OF_THE_LIST, YES, Filters, read_filters
from api.desk.shortlist_opened import OpenedList, open_list
from api.desk.shortlist_table import as_csv
from api.desk.shortlist_view import PER_PAGE, Card, cards, kept_by, near_cards
from api.desk.site import page
from api.service import OpenService, Service
from core.accounts import User
from core.vocabulary import DeclinedBy, Route, SupportKind
from ranking.deciding import Objection

router = APIRouter()
Matchmaker = Annotated[User, requires(Permission.SHORTLIST_SEE)]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that was sent and not taken: it is shown again as it was filled in.

    Attributes:
        path: of the action.
        talent_id: of whom.
        values: what was typed.
        errors: what to do, by name of the field.
        doubts: what stands in the way, or what to be sure of.
    """

    path: str
    talent_id: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    doubts: Sequence[Objection] = ()

    def is_of(self, talent_id: str, path: str) -> bool:
        """Whether it is this form of this person."""
        return (self.talent_id, self.path) == (talent_id, path)

    @property
    def is_sure(self) -> bool:
        """Whether the box is ticked that says: I know, do it all the same."""
        return self.values.get("zeker") == YES

    @property
    def open_doubts(self) -> list[Objection]:
        """What is not answered by being sure."""
        return [doubt for doubt in self.doubts if doubt.is_final or not self.is_sure]

    @property
    def is_refused(self) -> bool:
        """Whether being sure does not help."""
        return any(doubt.is_final for doubt in self.doubts)


@router.get("/shortlists/{shortlist_id}.csv")
def table(request: Request, shortlist_id: ShortlistId, service: OpenService, user: Matchmaker) -> Response:
    """The list as a table for a spreadsheet."""
    opened, filters = open_list(service, shortlist_id, user), read_filters(request.query_params)
    people = [*_all_cards(service, opened, filters), *near_cards(service, opened)]
    return Response(
        as_csv(people),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="shortlist-{shortlist_id}.csv"'},
    )


@router.get("/shortlists/{shortlist_id}/print")
def on_paper(request: Request, shortlist_id: ShortlistId, service: OpenService, user: Matchmaker) -> Response:
    """The list for paper: everything that is said, nothing to press."""
    opened, filters = open_list(service, shortlist_id, user), read_filters(request.query_params)
    return page(
        request,
        "shortlist_print.html",
        opened=opened,
        filters=filters,
        people=_all_cards(service, opened, filters),
        near=near_cards(service, opened),
        me=user.user_id,
    )


@router.get("/shortlists/{shortlist_id}")
def look(request: Request, shortlist_id: ShortlistId, service: OpenService, user: Matchmaker) -> Response:
    """The list as it was given, with what happened since."""
    opened = open_list(service, shortlist_id, user)
    if may(user, Permission.DECIDE) and opened.shortlist.vacancy_id is not None:
        mark_shown(service, user, opened.shortlist, opened.vacancy_id, opened.shown())
    return show(request, service, user, opened, read_filters(request.query_params))


def show(
    request: Request,
    service: Service,
    user: User,
    opened: OpenedList,
    filters: Filters,
    draft: Draft | None = None,
) -> Response:
    """The page; with a draft, the form that has to be filled in again stands open."""
    n_kept = sum(kept_by(opened, entry, filters) for entry in opened.shortlist.entries)
    n_pages = max(1, -(-n_kept // PER_PAGE))
    return page(
        request,
        "shortlist.html",
        status=HTTPStatus.OK if draft is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        opened=opened,
        filters=filters,
        people=cards(service, opened, filters),
        near=near_cards(service, opened),
        n_kept=n_kept,
        n_pages=n_pages,
        draft=draft,
        at=request.query_params.get("bij", ""),
        form_of=lambda talent_id, path: draft if draft and draft.is_of(talent_id, path) else Draft(path, talent_id),
        me=user.user_id,
        of_the_list=OF_THE_LIST,
        routes=list(Route),
        deciders=list(DeclinedBy),
        kinds_of_help=list(SupportKind),
    )


def _all_cards(service: Service, opened: OpenedList, filters: Filters) -> list[Card]:
    """Everyone who is looked at, on one sheet."""
    return cards(service, opened, filters, whole=True)
