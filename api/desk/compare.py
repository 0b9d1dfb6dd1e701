"""Two people of a shortlist side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.bodies import ShortlistId
from api.desk.roles import Permission, requires
from api.desk.shortlist_filters import Filters
from api.desk.shortlist_opened import OpenedList, open_list
from api.desk.shortlist_view import Asked, Card, card
from api.desk.site import page
from api.service import OpenService
from core.accounts import User
from core.records import Identifier
from core.shortlists import MAX_SHORTLIST

router = APIRouter()

TWO = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that the vacancy asks, and what each of the two has for it; None where nothing is known of it."""

    asked: str
    has: tuple[Asked | None, Asked | None]


def _chosen(
    a: Identifier | None = None,
    b: Identifier | None = None,
    wie: Annotated[list[Identifier] | None, Query(max_length=MAX_SHORTLIST)] = None,
) -> list[str]:
    """Whom to compare: named in an address, or ticked in a form."""
    return list(dict.fromkeys(key for key in (a, b, *(wie or ())) if key is not None))


@router.get("/shortlists/{shortlist_id}/vergelijk")
def compare(
    request: Request,
    shortlist_id: ShortlistId,
    service: OpenService,
    user: Annotated[User, requires(Permission.SHORTLIST_SEE)],
    chosen: Annotated[list[str], Depends(_chosen)],
) -> Response:
    """The two beside each other, on every point; without two people, how to choose them."""
    opened = open_list(service, shortlist_id, user)
    if len(chosen) != TWO:
        return page(request, "compare_choose.html", opened=opened)
    order = opened.order(Filters())
    left, right = (
        card(service, opened, opened.entry(key), order.index(key) + 1 if key in order else 0) for key in chosen
    )
    return page(
        request,
        "compare.html",
        opened=opened,
        left=left,
        right=right,
        rows=_rows(opened, left, right),
        me=user.user_id,
    )


def _rows(opened: OpenedList, left: Card, right: Card) -> list[Row]:
    """Every point on which something is known of either, in the order of the vacancy."""
    mine, theirs = _by_point(left.asked), _by_point(right.asked)
    wanted = [*opened.asked.certificates_required, *opened.asked.licences_required, *opened.asked.skills_required]
    place = {point: number for number, point in enumerate(wanted)}
    points = sorted(dict.fromkeys([*mine, *theirs]), key=lambda point: place.get(point, len(place)))
    return [Row(point, (mine.get(point), theirs.get(point))) for point in points]


def _by_point(asked: Iterable[Asked]) -> dict[str, Asked]:
    return {one.asked: one for one in asked}
