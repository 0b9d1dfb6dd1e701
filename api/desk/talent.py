"""The page of one person: talents first, suitable work, where they stand, what happened; export and erasure."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote, urlencode

import orjson
from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from api.bodies import TalentId
from api.desk.filled import Filled, Posted, page_number
from api.desk.roles import Permission, may_see_talent, requires
from api.desk.site import catalogue, page
from api.desk.talent_history import Happened, history_of
from api.desk.talent_profile import profile_of
from api.desk.talents import PEOPLE, REMOVED
from api.desk.vacancy_facts import today_of
from api.pool import OpenPool
from api.service import OpenService, Service
from core.accounts import User
from core.errors import NotFound, Unavailable
from core.records import Talent
from core.shortlists import Gap, RankedVacancies
from core.store import StandsOn
from core.vocabulary import Bridge
from ranking.plainly import certainty, other_bands
from ranking.vacancy_list import VacancyState, state_of

logger = logging.getLogger(__name__)
router = APIRouter()
Seeing = Annotated[User, requires(Permission.TALENT_SEE)]
Exporting = Annotated[User, requires(Permission.TALENT_EXPORT)]
Erasing = Annotated[User, requires(Permission.TALENT_ERASE)]

N_VACANCIES: Final = 10
HAPPENED_SHOWN: Final = 50


def _open_talent(user: Seeing, service: OpenService, talent_id: TalentId) -> Talent:
    """The person that an address names, if this user may see them.

    Raises:
        NotFound: there is nobody, or somebody from elsewhere.
    """
    talent = service.store.talent(talent_id).record
    if not may_see_talent(user, talent):
        raise NotFound(f"there is no talent {talent_id}; check the id")
    return talent


OpenTalent = Annotated[Talent, Depends(_open_talent)]
_PERSON: Final = PEOPLE + "/{talent_id}"


@router.get(_PERSON)
async def show_person(request: Request, talent: OpenTalent, service: OpenService, pool: OpenPool) -> Response:
    """One person: talents first, suitable work, where they stand now, what happened."""
    try:
        ranked = await pool.run(lambda: service.ranking.vacancies(talent.talent_id, k=N_VACANCIES))
    except (Unavailable, NotFound):
        ranked = None  # no index yet, or it does not know this person yet: the page says so
    return await run_in_threadpool(_person_page, request, service, talent, ranked)


def _person_page(request: Request, service: Service, talent: Talent, ranked: RankedVacancies | None) -> Response:
    store, places = service.store, service.store.desk.places()
    events = store.happenings.of_talent(talent.talent_id)
    stands = _current(service, store.people.stands_on(talent.talent_id))
    jobs = {
        key: stored.record
        for key, stored in store.vacancies_by_id(
            {event.vacancy_id for event in events} | {one.vacancy_id for one in stands}
        ).items()
    }
    number = page_number(request.query_params.get("blad", ""))
    happened: Sequence[Happened] = history_of(events, jobs)
    start = (number - 1) * HAPPENED_SHOWN
    return page(
        request,
        "talent.html",
        talent=talent,
        profile=profile_of(talent, places),
        ranked=ranked,
        chances=_chances(ranked),
        missing={entry.vacancy_id: _by_bridge(entry.gaps) for entry in (ranked.entries if ranked else [])},
        stands=[(one, jobs[one.vacancy_id]) for one in stands],
        happened=happened[start : start + HAPPENED_SHOWN],
        previous=_history_page(talent, number - 1) if number > 1 else None,
        next=_history_page(talent, number + 1) if start + HAPPENED_SHOWN < len(happened) else None,
        number=number,
    )


@router.get(_PERSON + "/export")
def export_person(talent: OpenTalent, service: OpenService, user: Exporting) -> Response:
    """Everything that is held on a person, as a file: the person's own right (GDPR art. 15 and 20)."""
    held = service.store.export(talent.talent_id)
    logger.info("export talent by user=%s", user.user_id)
    return Response(
        orjson.dumps(held, option=orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="talent-{talent.talent_id.replace(":", "-")}.json"',
            "Cache-Control": "no-store",
        },
    )


@router.get(_PERSON + "/wissen")
def ask_to_erase(request: Request, talent: OpenTalent, _user: Erasing) -> Response:
    """Asks whether this is really meant: what is erased does not come back."""
    return _erase_page(request, talent, Filled({}))


@router.post(_PERSON + "/wissen")
def erase_person(request: Request, talent: OpenTalent, service: OpenService, user: Erasing, form: Posted) -> Response:
    """Removes everything held on a person (GDPR art. 17), and leads to what that was."""
    if form.raw("nummer") != talent.talent_id:
        form.wrong("nummer", "talent.erase.wrong", id=talent.talent_id)
        return _erase_page(request, talent, form)
    removed = service.erase(talent.talent_id, service.clock())
    logger.info("erasure of a talent by user=%s", user.user_id)
    counts = {name: removed.get(name, 0) for name in REMOVED}
    return RedirectResponse(f"{PEOPLE}?{urlencode({'gewist': 'ja', **counts})}", status_code=HTTPStatus.SEE_OTHER)


def _erase_page(request: Request, talent: Talent, form: Filled) -> Response:
    t = catalogue()
    return page(
        request,
        "erase_talent.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
        talent=talent,
        typed=form.raw("nummer"),
        errors={name: t(key, **values) for name, (key, values) in form.errors.items()},
    )


def _current(service: Service, stands: Sequence[StandsOn]) -> list[StandsOn]:
    """Those on lists of vacancies that one can still apply to."""
    today = today_of(service.clock)
    state = {line.vacancy_id: state_of(line, today) for line in service.store.desk.vacancies()} if stands else {}
    return [one for one in stands if state.get(one.vacancy_id) is VacancyState.OPEN]


def _chances(ranked: RankedVacancies | None) -> dict[str, dict[str, object]]:
    """The chance to stay, without a figure, by vacancy."""
    return {
        entry.vacancy_id: {
            "band": entry.retention.band,
            "certainty": certainty(entry.retention),
            "others": other_bands(entry.retention),
        }
        for entry in (ranked.entries if ranked else [])
        if entry.retention
    }


def _by_bridge(gaps: Sequence[Gap]) -> list[tuple[Bridge | None, list[Gap]]]:
    """What is missing, together with what else is bridged in the same way; in the order given."""
    found: dict[Bridge | None, list[Gap]] = {}
    for gap in gaps:
        found.setdefault(gap.bridge, []).append(gap)
    return list(found.items())


def _history_page(talent: Talent, number: int) -> str:
    return f"{PEOPLE}/{quote(talent.talent_id)}?blad={number}#geschiedenis"
