"""Roles × pages × actions as one table. What is not allowed is refused, changes nothing, and is not shown.

The tables are written by hand from issue 5 and the design, not taken from the code that they judge.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from desk_client import ADDRESS, NOW, Clock, NoRanking, Opener, Visitor, add_account, csrf_in, service_on
from fastapi import FastAPI
from fastapi.routing import APIRoute

import api.desk
from api.desk.mount import ROUTERS
from api.desk.paths import is_desk
from api.desk.roles import ALLOWED, Permission, Requirement, may_of, may_see_talent, own_municipality
from core.accounts import Role
from core.records import EVENT_ADAPTER, Employer, Place, Talent, Vacancy
from core.shortlists import Entry, RankedVacancies, Shortlist
from core.store import Store
from core.vocabulary import RankingMode

EVERYBODY = "matchmaker municipality employer data_scientist administrator"
# Who may do what. One line a permission: the roles that have it.
ROLES = {
    "VACANCIES_SEE": "matchmaker municipality data_scientist administrator",
    "VACANCY_ADD": "matchmaker",
    "SHORTLIST_SEE": "matchmaker",
    "SHORTLIST_MAKE": "matchmaker",
    "DECIDE": "matchmaker",
    "TALENT_SEE": "matchmaker municipality administrator",
    "TALENT_EXPORT": "municipality administrator",
    "TALENT_ERASE": "municipality administrator",
    "AFTERCARE_SEE": "matchmaker municipality",
    "AFTERCARE_ANSWER": "matchmaker",
    "OVERVIEW_SEE": "matchmaker municipality data_scientist administrator",
    "COURSES_SEE": "matchmaker municipality administrator",
    "PROPOSED_SEE": "employer",
    "USERS_MANAGE": "administrator",
    "LOGGED_IN": EVERYBODY,
}
OPEN = "nobody needs to be logged in"
LIST, PLACED = "/shortlists/{shortlist_id}", "/nazorg/{vacancy_id}/{talent_id}"
# Every page and every action: what it needs.
TABLE = {
    ("GET", "/"): OPEN,
    ("GET", "/inloggen"): OPEN,
    ("POST", "/inloggen"): OPEN,
    ("GET", "/inloggen/oidc"): OPEN,
    ("GET", "/inloggen/oidc/terug"): OPEN,
    ("POST", "/uitloggen"): "LOGGED_IN",
    ("GET", "/wachtwoord"): "LOGGED_IN",
    ("POST", "/wachtwoord"): "LOGGED_IN",
    ("GET", "/vacatures"): "VACANCIES_SEE",
    ("GET", "/vacatures/nieuw"): "VACANCY_ADD",
    ("POST", "/vacatures/nieuw"): "VACANCY_ADD",
    ("GET", "/vacatures/{vacancy_id}"): "VACANCIES_SEE",
    ("GET", "/vacatures/{vacancy_id}/wijzig"): "VACANCY_ADD",
    ("POST", "/vacatures/{vacancy_id}/wijzig"): "VACANCY_ADD",
    ("POST", "/vacatures/{vacancy_id}/status"): "VACANCY_ADD",
    ("POST", "/vacatures/{vacancy_id}/shortlist"): "SHORTLIST_MAKE",
    ("GET", LIST): "SHORTLIST_SEE",
    ("GET", LIST + ".csv"): "SHORTLIST_SEE",
    ("GET", LIST + "/print"): "SHORTLIST_SEE",
    ("GET", LIST + "/vergelijk"): "SHORTLIST_SEE",
    ("POST", LIST + "/talenten/{talent_id}/voorstellen"): "DECIDE",
    ("POST", LIST + "/talenten/{talent_id}/afwijzen"): "DECIDE",
    ("POST", LIST + "/talenten/{talent_id}/gesprek"): "DECIDE",
    ("POST", LIST + "/talenten/{talent_id}/geplaatst"): "DECIDE",
    ("POST", LIST + "/talenten/{talent_id}/hulp"): "DECIDE",
    ("POST", LIST + "/talenten/{talent_id}/notitie"): "DECIDE",
    ("POST", LIST + "/talenten/{talent_id}/volgorde"): "DECIDE",
    ("GET", "/talenten"): "TALENT_SEE",
    ("GET", "/talenten/{talent_id}"): "TALENT_SEE",
    ("GET", "/talenten/{talent_id}/export"): "TALENT_EXPORT",
    ("GET", "/talenten/{talent_id}/wissen"): "TALENT_ERASE",
    ("POST", "/talenten/{talent_id}/wissen"): "TALENT_ERASE",
    ("GET", "/nazorg"): "AFTERCARE_SEE",
    ("GET", PLACED): "AFTERCARE_SEE",
    ("POST", PLACED + "/uren"): "AFTERCARE_ANSWER",
    ("POST", PLACED + "/gestopt"): "AFTERCARE_ANSWER",
    ("POST", PLACED + "/hulp"): "AFTERCARE_ANSWER",
    ("POST", PLACED + "/{moment}"): "AFTERCARE_ANSWER",
    ("GET", "/overzicht"): "OVERVIEW_SEE",
    ("GET", "/cursussen"): "COURSES_SEE",
    ("GET", "/voorgesteld"): "PROPOSED_SEE",
    ("GET", "/voorgesteld/{vacancy_id}"): "PROPOSED_SEE",
    ("POST", "/voorgesteld/{vacancy_id}/{talent_id}/uitnodigen"): "PROPOSED_SEE",
    ("POST", "/voorgesteld/{vacancy_id}/{talent_id}/afwijzen"): "PROPOSED_SEE",
    ("GET", "/gebruikers"): "USERS_MANAGE",
    ("POST", "/gebruikers"): "USERS_MANAGE",
    ("GET", "/gebruikers/nieuw"): "USERS_MANAGE",
    ("GET", "/gebruikers/{user_id}"): "USERS_MANAGE",
    ("POST", "/gebruikers/{user_id}"): "USERS_MANAGE",
    ("POST", "/gebruikers/{user_id}/wachtwoord"): "USERS_MANAGE",
    ("POST", "/gebruikers/{user_id}/uit"): "USERS_MANAGE",
    ("POST", "/gebruikers/{user_id}/aan"): "USERS_MANAGE",
}
IN_ADDRESS = {
    "shortlist_id": "s-1",
    "vacancy_id": "v-1",
    "talent_id": "t-1",
    "user_id": "u-somebody",
    "moment": "first_day",
}
QUERY = {LIST + "/vergelijk": "?a=t-1&b=t-2"}
SPARE = {("POST", "/talenten/{talent_id}/wissen"): "talent_id"}
"""What is gone afterwards: everybody who may do it has one of their own, ``t-`` and the role."""
REFUSED, ASKED_TO_LOG_IN = 403, 303


def routes() -> Iterator[tuple[str, APIRoute]]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute), f"{route} is no page"
            for method in sorted(route.methods):
                yield method, route


def needs(route: APIRoute) -> set[str]:
    """The permissions that a route asks for, itself or through what it depends on."""

    def of(dependant) -> Iterator[str]:
        if isinstance(dependant.call, Requirement):
            yield dependant.call.permission.name
        for below in dependant.dependencies:
            yield from of(below)

    return set(of(route.dependant))


# The tables and the code hold the same.


def test_every_page_and_every_action_stands_in_the_table():
    assert {(method, route.path) for method, route in routes()} == set(TABLE)


@pytest.mark.parametrize(("method", "route"), list(routes()), ids=lambda value: getattr(value, "path", value))
def test_every_route_names_what_it_needs(method: str, route: APIRoute):
    expected = TABLE.get((method, route.path), "a row in the table")
    if expected is OPEN:
        assert needs(route) == set()
    else:
        assert expected in needs(route)


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_given_to_the_roles_of_the_table(permission: Permission):
    assert {role.value for role in Role if permission in ALLOWED[role]} == set(ROLES[permission.name].split())
    assert permission.name in TABLE.values(), "a permission that nothing needs"


def test_every_page_is_added_and_goes_by_the_login():
    named = {
        name
        for _, name, _ in pkgutil.iter_modules(api.desk.__path__)
        if hasattr(importlib.import_module(f"api.desk.{name}"), "router")
    }
    added = {name for name in named if importlib.import_module(f"api.desk.{name}").router in ROUTERS}
    assert named == added
    assert all(is_desk(route.path) for _, route in routes())


# A small world in which every page has something to show.


class StillRanking(NoRanking):
    """Gives the list that is there; satisfies ``api.service.Ranking``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def shortlist(self, _vacancy, *, k=20, as_of=None):  # noqa: ARG002
        return self._store.shortlist("s-1")

    def vacancies(self, talent_id, *, k):  # noqa: ARG002
        return RankedVacancies(
            talent_id=talent_id,
            created_at=NOW,
            ranking_mode=RankingMode.LEXICAL,
            model_version=None,
            encoder_version="e",
            pool_size=0,
            entries=[],
        )

    def courses_for(self, gaps, _talent, _vacancy):
        from ranking.courses import GapCourses

        return [GapCourses(gap, ()) for gap in gaps]


def _entry(rank: int, talent_id: str) -> Entry:
    return Entry(
        rank=rank,
        talent_id=talent_id,
        score=1.0 / rank,
        retention=None,
        similarity=0.5,
        travel_km=5.0,
        reasons=[],
        matched_skills=[],
        gaps=[],
        unknowns=[],
    )


def _event(number: int, kind: str, talent_id: str, **more: object):
    content = {
        "event_id": f"x-{number}",
        "kind": kind,
        "occurred_at": NOW - timedelta(days=20) + timedelta(hours=number),
        "vacancy_id": "v-1",
        "talent_id": talent_id,
    }
    return EVENT_ADAPTER.validate_python(content | more)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Vacancy v-1 of e-1, list s-1 with t-1 (Rotterdam, proposed and placed) and t-2 (Schiedam, proposed).

    One world for all cells: what is refused changes nothing, and what is allowed is sent empty, or to ``SPARE``.
    """
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('roles') / 'kansrijk.db'}") as store:
        fill(store)
        yield store


def fill(store: Store) -> None:
    store.put_places(
        [
            Place(postcode="3011", place="Rotterdam", municipality="Rotterdam", lat=51.92, lon=4.48),
            Place(postcode="3111", place="Schiedam", municipality="Schiedam", lat=51.91, lon=4.4),
        ],
        now=NOW,
    )
    employer = Employer(employer_id="e-1", name="Eetcafé De Kade")
    store.put_vacancies([Vacancy(vacancy_id="v-1", title="Kok", employer=employer, positions=3)], now=NOW)
    store.put_talents(
        [
            Talent(talent_id="t-1", presentation="Ik kook graag.", skills=["koken"], municipality="Rotterdam"),
            Talent(talent_id="t-2", presentation="Ik bak graag.", skills=["bakken"], municipality="Schiedam"),
            *(Talent(talent_id=f"t-{role}", municipality="Rotterdam") for role in Role),
        ],
        now=NOW,
    )
    store.save_shortlist(
        Shortlist(
            shortlist_id="s-1",
            vacancy_id="v-1",
            created_at=NOW,
            ranking_mode=RankingMode.LEXICAL,
            model_version=None,
            encoder_version="e",
            index_version="i",
            pool_size=2,
            entries=[_entry(1, "t-1"), _entry(2, "t-2")],
            near_misses=[],
        ),
        {},
    )
    starts_on = date(2026, 1, 5).isoformat()
    store.put_events(
        [
            _event(1, "proposed", "t-1", shortlist_id="s-1"),
            _event(2, "proposed", "t-2", shortlist_id="s-1"),
            _event(3, "placed", "t-1", starts_on=starts_on, contract_hours_per_week=24.0),
        ],
        now=NOW,
    )
    somebody = add_account(store, Role.DATA_SCIENTIST, name="somebody")
    store.accounts.add(somebody.model_copy(update={"user_id": "u-somebody", "name": "somebody.else"}), None)


@pytest.fixture
def at_the_door(warm_app: FastAPI, opener: Opener, world: Store) -> Iterator[Callable[[], Visitor]]:
    """Makes somebody who comes to this world and is not logged in."""
    opener.now = service_on(world, StillRanking(world), Clock())
    with ExitStack() as open_ones:

        def come() -> Visitor:
            opened = open_ones.enter_context(Visitor(warm_app, base_url=ADDRESS, follow_redirects=False))
            opened.store = world
            return opened

        yield come


@pytest.fixture
def inside(at_the_door: Callable[[], Visitor], world: Store) -> Callable[..., Visitor]:
    """``inside("municipality", "Schiedam")``: somebody of this role who is logged in, in the world of all cells."""

    def enter(role: str, municipality: str | None = None) -> Visitor:
        known = {user.name: user for user in world.accounts.page(limit=100)}
        name = f"{role}-{municipality or 'any'}".casefold()
        opened = at_the_door()
        opened.user = known.get(name) or add_account(world, role, name=name, municipality=municipality)
        assert opened.sign_in(name).status_code == 303
        return opened

    return enter


def address(path: str, **other: str) -> str:
    return path.format(**IN_ADDRESS | other) + QUERY.get(path, "")


def kept(store: Store) -> tuple[object, ...]:
    """Everything that an action could change."""
    return (
        store.last_seq(),
        [event.event_id for event in store.iter_events()],
        [(user.user_id, user.role, user.active, user.display_name) for user in store.accounts.page(limit=100)],
        len(store.recent_shortlists(100)),
    )


def send(visitor: Visitor, method: str, path: str):
    own = {SPARE[method, path]: f"t-{visitor.user.role}"} if (method, path) in SPARE else {}
    where = address(path, **own)
    return visitor.get(where) if method == "GET" else visitor.submit(where)


CELLS = [
    pytest.param(role.value, method, path, permission, id=f"{role.value}-{method}-{path}")
    for (method, path), permission in TABLE.items()
    if permission is not OPEN
    for role in Role
]


@pytest.mark.parametrize(("role", "method", "path", "permission"), CELLS)
def test_each_cell_of_the_table(
    world: Store, inside: Callable[..., Visitor], role: str, method: str, path: str, permission: str
):
    visitor = inside(role)
    before = kept(world)
    answer = send(visitor, method, path)
    if role not in ROLES[permission].split():
        assert answer.status_code == REFUSED
        assert "Dit mag je niet" in answer.text
        assert kept(world) == before
    elif method == "GET":
        assert answer.status_code == 200, answer.text
    else:  # done, or told what to fill in; never refused, never broken
        assert answer.status_code in {200, 303, 409, 422}, answer.text
        assert not answer.headers.get("location", "").startswith("/inloggen") or path == "/uitloggen"


@pytest.mark.parametrize(
    ("method", "path"), [cell for cell, permission in TABLE.items() if permission is not OPEN], ids=str
)
def test_who_is_not_logged_in_is_asked_to(world: Store, at_the_door: Callable[[], Visitor], method: str, path: str):
    visitor, before = at_the_door(), kept(world)
    answer = visitor.get(address(path)) if method == "GET" else visitor.post(address(path), data={"csrf": "x"})
    assert answer.status_code == ASKED_TO_LOG_IN
    assert answer.headers["location"].startswith("/inloggen")
    assert kept(world) == before


@pytest.mark.parametrize("path", [path for (method, path), needed in TABLE.items() if method == "POST" and needed])
def test_every_form_needs_the_text_of_its_session(world: Store, inside: Callable[..., Visitor], path: str):
    needed = TABLE["POST", path]
    visitor = inside("matchmaker" if needed is OPEN else ROLES[needed].split()[0])
    before = kept(world)
    for data in ({}, {"csrf": "x" * 43}):
        answer = visitor.post(address(path), data=data)
        assert answer.status_code == REFUSED
        assert "Deze bladzijde is verlopen" in answer.text
    assert kept(world) == before


# Not shown.


def on_the_page(html: str) -> set[tuple[str, str]]:
    """Where the links and forms of a page lead, within the desk."""
    links = {("GET", unescape(found)) for found in re.findall(r'<a\b[^>]*\shref="([^"]*)"', html)}
    forms = {
        ((re.search(r'method="(\w+)"', tag) or ["", "get"])[1].upper(), unescape(action[1]))
        for tag in re.findall(r"<form\b[^>]*>", html)
        if (action := re.search(r'action="([^"]*)"', tag))
    }
    buttons = {("POST", unescape(found)) for found in re.findall(r'\sformaction="([^"]*)"', html)}
    own = {(method, urlsplit(place).path) for method, place in links | forms | buttons if place.startswith("/")}
    return {(method, path) for method, path in own if not path.startswith("/static")}


def row_of(method: str, path: str) -> tuple[str, str]:
    """The row of the table that an address belongs to; the first that fits, as the application does it."""
    for known, route in routes():
        if known == method and route.path_regex.fullmatch(path):
            return known, route.path
    pytest.fail(f"a page leads to {method} {path}, which is not there")


@pytest.mark.parametrize("role", Role)
def test_pages_show_only_what_their_reader_may(inside: Callable[..., Visitor], role: Role):
    """Walks from page to page by what is shown: every link works, and every form is one that this role may send."""
    visitor = inside(role.value)
    todo, seen, forms = ["/"], {"/"}, set()
    while todo:
        place = todo.pop()
        answer = visitor.get(place, follow_redirects=True)
        assert answer.status_code == 200, f"{place} is shown to {role} and answers {answer.status_code}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for method, path in on_the_page(answer.text):
            permission = TABLE[row_of(method, path)]
            assert permission is OPEN or role.value in ROLES[permission].split(), f"{place} shows {method} {path}"
            if method == "GET" and path not in seen:
                seen.add(path)
                todo.append(path)
            elif method == "POST":
                forms.add(row_of(method, path)[1])
    menu = {row_of("GET", path)[1] for path in seen}
    may = {
        path
        for (method, path), needed in TABLE.items()
        if method == "GET" and "{" not in path and needed in ROLES and role.value in ROLES[needed].split()
    }
    assert may <= menu, "a page that this role may see and nothing leads to"
    assert "/uitloggen" in forms


# Rows: of people and vacancies only the own.


def test_a_municipality_sees_its_own_people_only(world: Store, inside: Callable[..., Visitor]):
    visitor = inside("municipality", "Rotterdam")
    before = kept(world)
    assert visitor.get("/talenten/t-1").status_code == 200
    assert visitor.get("/talenten/t-1/export").status_code == 200
    for refused in (
        visitor.get("/talenten/t-2"),
        visitor.get("/talenten/t-2/export"),
        visitor.submit("/talenten/t-2/wissen", zeker="ja"),
        visitor.get("/nazorg/v-1/t-2"),
        visitor.get("/talenten/t-9"),
    ):
        assert refused.status_code == 404
    assert kept(world) == before
    listed = visitor.get("/talenten").text
    assert "t-1" in listed
    assert "t-2" not in listed
    assert "t-1" not in inside("municipality", "Schiedam").get("/nazorg").text


def test_the_rule_on_people_by_itself(store: Store):
    people = [Talent(talent_id="t", municipality=name) for name in ("Rotterdam", "Schiedam", None)]
    expected = {
        Role.MATCHMAKER: [True, True, True],
        Role.MUNICIPALITY: [True, False, False],
        Role.EMPLOYER: [False, False, False],
        Role.DATA_SCIENTIST: [False, False, False],
        Role.ADMINISTRATOR: [True, True, True],
    }
    for role, answers in expected.items():
        user = add_account(store, role, municipality="rotterdam" if role is Role.MUNICIPALITY else None)
        assert [may_see_talent(user, talent) for talent in people] == answers
        assert own_municipality(user) == ("rotterdam" if role is Role.MUNICIPALITY else None)


def test_nobody_may_nothing_and_a_typing_error_in_a_template_is_an_error():
    assert not any(may_of(None)(permission.name) for permission in Permission)
    with pytest.raises(KeyError):
        may_of(None)("DECIDES")


def test_the_login_page_is_the_only_form_without_a_session(visitor: Visitor):
    assert csrf_in(visitor.get("/inloggen").text)
