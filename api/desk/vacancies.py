"""The list of vacancies, and one vacancy: what is asked, its shortlists and people; closing it and opening it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.bodies import VacancyId
from api.desk.filled import page_number
from api.desk.roles import Permission, may, requires
from api.desk.site import catalogue, page, redirect
from api.desk.vacancy_facts import age_words, facts_of, not_known, place_words, sector_words, today_of
from api.desk.vacancy_form import TypedForm
from api.pool import OpenPool
from api.service import OpenService, Service
from core.accounts import User
from core.errors import Conflict, Unavailable
from core.records import Place, Vacancy
from core.sectors import Sector, sector_of
from core.store import Stored, Tally, VacancyLine
from core.vocabulary import VacancyStatus
from ranking.reading import VacancyReader
from ranking.standing import Standing, Step, standings
from ranking.vacancy_list import VacancyFilter, VacancyOrder, VacancyState, select_vacancies, state_of

router = APIRouter()

PER_PAGE: Final = 25
MAX_SEARCH: Final = 200
SHORTLISTS_SHOWN: Final = 20
PEOPLE_SHOWN: Final = 50
SHORTLIST_LENGTH: Final = 20
ALL: Final = "alle"
STATES: Final = {
    "open": VacancyState.OPEN,
    "verlopen": VacancyState.EXPIRED,
    "vervuld": VacancyState.FILLED,
    "ingetrokken": VacancyState.WITHDRAWN,
    ALL: None,
}
ORDERS: Final = {
    "oudste": VacancyOrder.OLDEST,
    "nieuwste": VacancyOrder.NEWEST,
    "zonder-shortlist": VacancyOrder.NO_SHORTLIST,
}
_PATH: Final = "/vacatures"
Reader = Annotated[User, requires(Permission.VACANCIES_SEE)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of the list asks for; whatever it cannot mean is not asked.

    Attributes:
        values: of the form, by field, as they go back into it.
        filter: the same for the list.
        number: of the page, from 1.
    """

    values: Mapping[str, str]
    filter: VacancyFilter
    number: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """Reads the address."""
        search = " ".join(query.get("zoek", "").replace("\x00", "").split())[:MAX_SEARCH]
        sector = query.get("sector", "")
        state, order = query.get("status", "open"), query.get("volgorde", "oudste")
        values = {
            "zoek": search,
            "sector": sector if sector in {one.value for one in Sector} else "",
            "gemeente": query.get("gemeente", "")[:MAX_SEARCH],
            "status": state if state in STATES else "open",
            "volgorde": order if order in ORDERS else "oudste",
        }
        chosen = VacancyFilter(
            search=search,
            sector=Sector(values["sector"]) if values["sector"] else None,
            municipality=values["gemeente"] or None,
            state=STATES[values["status"]],
            order=ORDERS[values["volgorde"]],
        )
        return cls(values, chosen, page_number(query.get("blad", "")))

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked but the open vacancies."""
        return not any(self.values[name] for name in ("zoek", "sector", "gemeente")) and self.values["status"] == "open"

    def address(self, number: int) -> str:
        """Of another page of the same list."""
        usual = {"status": "open", "volgorde": "oudste"}
        kept = {name: value for name, value in self.values.items() if value and value != usual.get(name)}
        query = urlencode(kept | ({"blad": str(number)} if number > 1 else {}))
        return f"{_PATH}?{query}" if query else _PATH


@dataclass(frozen=True, slots=True)
class Row:
    """A vacancy as the list shows it."""

    line: VacancyLine
    state: VacancyState
    age: str
    place: str
    sector: str
    tally: Tally
    has_shortlist: bool

    @property
    def closing(self) -> str:
        """Key of the words for its closing date."""
        return "vacancies.closed" if self.state is VacancyState.EXPIRED else "vacancies.closes"


@router.get(_PATH)
def list_vacancies(request: Request, service: OpenService, _user: Reader) -> Response:
    """Vacancies that fit, a page at a time; the address says which."""
    wanted = Wanted.of(request.query_params)
    desk, today = service.store.desk, today_of(service.clock)
    lines, places, with_shortlist = desk.vacancies(), desk.places(), desk.with_shortlist()
    municipalities = {pc4: place.municipality for pc4, place in places.items()}
    found = select_vacancies(
        lines, wanted.filter, municipalities=municipalities, with_shortlist=with_shortlist, today=today
    )
    n_pages = max(-(-len(found) // PER_PAGE), 1)
    number = min(wanted.number, n_pages)
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    tallies = desk.tallies([line.vacancy_id for line in shown], today=today)
    now = service.clock()
    rows = [
        Row(
            line,
            state := state_of(line, today),
            age_words(state, line.since, now),
            _town(line.pc4, places),
            sector_words(line.sector),
            tallies.get(line.vacancy_id, Tally()),
            line.vacancy_id in with_shortlist,
        )
        for line in shown
    ]
    return page(
        request,
        "vacancies.html",
        rows=rows,
        n_found=len(found),
        n_all=len(lines),
        wanted=wanted,
        number=number,
        previous=wanted.address(number - 1) if number > 1 else None,
        next=wanted.address(number + 1) if number < n_pages else None,
        choices=_choices(lines, municipalities),
    )


def _town(pc4: str | None, places: Mapping[str, Place]) -> str:
    """The name of the place; its postcode where the book of places does not know it."""
    place = places.get(pc4 or "")
    return place.place if place and place.place else pc4 or ""


def _choices(lines: Sequence[VacancyLine], municipalities: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in each filter: only what leads to a vacancy."""
    t = catalogue()
    sectors = {(one.value, t.label(one)) for one in {sector_of(line.sector) for line in lines}}
    towns = {municipalities.get(line.pc4 or "", "") for line in lines}
    return {
        "sector": [("", t("vacancies.filter.any_sector")), *sorted(sectors, key=lambda choice: choice[1])],
        "gemeente": [("", t("vacancies.filter.any_municipality")), *((town, town) for town in sorted(towns) if town)],
        "status": [
            (code, t.label(state) if state else t("vacancies.filter.any_state")) for code, state in STATES.items()
        ],
        "volgorde": [(code, t.label(order)) for code, order in ORDERS.items()],
    }


@router.get(_PATH + "/{vacancy_id}")
def show_vacancy(request: Request, vacancy_id: VacancyId, service: OpenService, user: Reader) -> Response:
    """One vacancy."""
    return vacancy_page(request, service, user, service.store.vacancy(vacancy_id))


def vacancy_page(
    request: Request,
    service: Service,
    user: User,
    stored: Stored[Vacancy],
    *,
    problem: str | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    """The page of a vacancy.

    Args:
        request: of the visitor.
        service: the store.
        user: people are only shown to who may see shortlists.
        stored: the vacancy as it is now.
        problem: what went wrong, in Dutch.
        status: of the answer.
    """
    vacancy, desk, now = stored.record, service.store.desk, service.clock()
    told = reader_of(request, service).told(vacancy)
    places, today = desk.places(), today_of(service.clock)
    line = next(one for one in desk.vacancies() if one.vacancy_id == vacancy.vacancy_id)
    state = state_of(line, today)
    facts = facts_of(told.record, places, told.read)
    people: list[tuple[str, Standing]] = []
    if may(user, Permission.SHORTLIST_SEE):
        people = list(standings(desk.happenings(vacancy.vacancy_id), as_of=now).items())
    past = [(talent_id, one) for talent_id, one in people if one.step in {Step.ENDED, Step.DECLINED}]
    present = [
        (talent_id, one) for talent_id, one in people if one.step in {Step.PROPOSED, Step.INTERVIEWED, Step.PLACED}
    ]
    return page(
        request,
        "vacancy.html",
        status=status,
        vacancy=vacancy,
        etag=stored.etag,
        title=vacancy_title(vacancy),
        state=state,
        age=age_words(state, line.since, now),
        place=place_words(told.record.location, places),
        facts=facts,
        read=[fact for fact in facts if fact.read],
        not_known=not_known(facts),
        tally=desk.tallies([vacancy.vacancy_id], today=today).get(vacancy.vacancy_id, Tally()),
        shortlists=desk.shortlists_of(vacancy.vacancy_id, limit=SHORTLISTS_SHOWN),
        present=present[:PEOPLE_SHOWN],
        past=past[:PEOPLE_SHOWN],
        n_past=len(past),
        n_more=sum(max(len(group) - PEOPLE_SHOWN, 0) for group in (present, past)),
        problem=problem,
    )


def vacancy_title(vacancy: Vacancy) -> str:
    """What a vacancy is called on a page."""
    return vacancy.title or vacancy.occupation or catalogue()("vacancies.untitled")


def reader_of(request: Request, service: Service) -> VacancyReader:
    """The reader of texts; made once for each state of the book of places."""
    kept: VacancyReader | None = getattr(request.app.state, "vacancy_reader", None)
    places: Mapping[str, Place] = service.store.desk.places()
    if kept is None or kept.places is not places:
        kept = request.app.state.vacancy_reader = VacancyReader(places)
    return kept


@router.post(_PATH + "/{vacancy_id}/shortlist")
async def make_shortlist(
    request: Request,
    vacancy_id: VacancyId,
    service: OpenService,
    pool: OpenPool,
    user: Annotated[User, requires(Permission.SHORTLIST_MAKE)],
) -> Response:
    """Makes a shortlist and leads to it."""
    stored = await run_in_threadpool(service.store.vacancy, vacancy_id)
    address = await shortlist_address(request, service, pool, stored.record)
    if address is not None:
        return redirect(address)
    problem = catalogue()("vacancies.no_shortlist")
    return await run_in_threadpool(
        lambda: vacancy_page(request, service, user, stored, problem=problem, status=HTTPStatus.SERVICE_UNAVAILABLE)
    )


async def shortlist_address(request: Request, service: Service, pool: OpenPool, vacancy: Vacancy) -> str | None:
    """Makes a shortlist; where it is, or None when none can be made now."""
    try:
        made = await pool.run(lambda: service.ranking.shortlist(vacancy, k=SHORTLIST_LENGTH))
    except Unavailable:
        return None
    request.state.metrics.shortlists.labels(made.ranking_mode.value).inc()
    return f"/shortlists/{made.shortlist_id}"


@router.post(_PATH + "/{vacancy_id}/status")
def change_status(
    request: Request,
    vacancy_id: VacancyId,
    service: OpenService,
    typed: TypedForm,
    user: Annotated[User, requires(Permission.VACANCY_ADD)],
) -> Response:
    """Closes a vacancy, or opens it again."""
    stored = service.store.vacancy(vacancy_id)
    status = next((one for one in VacancyStatus if one.value == typed.one("status")), None)
    if status is None:
        problem = catalogue()("vacancies.choose_status")
        return vacancy_page(request, service, user, stored, problem=problem, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    changed = stored.record.model_copy(update={"status": status, "updated_at": None})
    try:
        service.store.put_vacancy(changed, now=service.clock(), if_match=typed.one("etag") or stored.etag)
    except Conflict:
        again = service.store.vacancy(vacancy_id)
        if again.record.status is not status:
            problem = catalogue()("vacancies.changed_meanwhile")
            return vacancy_page(request, service, user, again, problem=problem, status=HTTPStatus.CONFLICT)
    return redirect(f"{_PATH}/{vacancy_id}", done=f"vacancies.done.{status.value}")
