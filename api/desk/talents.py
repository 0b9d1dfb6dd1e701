"""The list of people: searched by their own words, filtered, in order of id."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.desk.filled import page_number
from api.desk.roles import Permission, own_municipality, requires
from api.desk.site import catalogue, page
from api.desk.talent_profile import town_of
from api.service import OpenService
from core.accounts import User
from core.vocabulary import Route
from ranking.people_list import PeopleFilter, select_people

router = APIRouter()
Seeing = Annotated[User, requires(Permission.TALENT_SEE)]

PEOPLE: Final = "/talenten"
PER_PAGE: Final = 25
MAX_SEARCH: Final = 200
ACTIVE: Final = {"nu": True, "niet": False, "alle": None}
REMOVED: Final = ("talents", "revisions", "events", "audit", "shortlists", "vectors")
"""What an erasure counts."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of the list asks for; whatever it cannot mean is not asked.

    Attributes:
        values: of the form, by field, as they go back into it.
        number: of the page, from 1.
    """

    values: Mapping[str, str]
    number: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """Reads the address."""
        route, active = query.get("route", ""), query.get("werk", "nu")
        values = {
            "zoek": " ".join(query.get("zoek", "").replace("\x00", "").split())[:MAX_SEARCH],
            "gemeente": query.get("gemeente", "")[:MAX_SEARCH],
            "route": route if route in set(Route) else "",
            "werk": active if active in ACTIVE else "nu",
        }
        return cls(values, page_number(query.get("blad", "")))

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked but who looks for work now."""
        return not any(self.values[name] for name in ("zoek", "gemeente", "route")) and self.values["werk"] == "nu"

    def filter(self, own: str | None) -> PeopleFilter:
        """The same for the list; ``own`` is the one municipality that this user sees."""
        values = self.values
        return PeopleFilter(
            search=values["zoek"],
            municipality=own or values["gemeente"] or None,
            route=Route(values["route"]) if values["route"] else None,
            active=ACTIVE[values["werk"]],
        )

    def address(self, number: int) -> str:
        """Of another page of the same list."""
        kept = {name: value for name, value in self.values.items() if value and (name, value) != ("werk", "nu")}
        query = urlencode(kept | ({"blad": str(number)} if number > 1 else {}))
        return f"{PEOPLE}?{query}" if query else PEOPLE


@router.get(PEOPLE)
def list_people(request: Request, service: OpenService, user: Seeing) -> Response:
    """People who fit, a page at a time; the address says which."""
    wanted, own = Wanted.of(request.query_params), own_municipality(user)
    lines = service.store.people.lines()
    found = select_people(lines.values(), wanted.filter(own))
    n_pages = max(-(-len(found) // PER_PAGE), 1)
    number = min(wanted.number, n_pages)
    shown = [line.talent_id for line in found[(number - 1) * PER_PAGE : number * PER_PAGE]]
    records = service.store.talents_by_id(shown)
    places = service.store.desk.places()
    towns = sorted({line.municipality for line in lines.values() if line.municipality})
    t = catalogue()
    return page(
        request,
        "talents.html",
        people=[(one := records[key].record, town_of(one, places)) for key in shown if key in records],
        n_found=len(found),
        n_all=len(lines),
        wanted=wanted,
        number=number,
        previous=wanted.address(number - 1) if number > 1 else None,
        next=wanted.address(number + 1) if number < n_pages else None,
        erased=_erased(request.query_params),
        choices={
            "gemeente": [] if own else [("", t("talent.filter.any_municipality")), *((town, town) for town in towns)],
            "route": [("", t("talent.filter.any_route")), *((route.value, t.label(route)) for route in Route)],
            "werk": [(code, t(f"talent.active.{code}")) for code in ACTIVE],
        },
    )


def _erased(query: Mapping[str, str]) -> list[str] | None:
    """What an erasure removed, in words; only numbers are taken from the address. None when nothing was erased."""
    if query.get("gewist") != "ja":
        return None
    counts = {name: query.get(name, "") for name in REMOVED}
    t = catalogue()
    return [
        t.n(f"talent.removed.{name}", int(count))
        for name, count in counts.items()
        if count.isascii() and count.isdecimal() and int(count[:9])
    ]
