"""What an employer sees: the own vacancies, the people who were proposed for them, and the way to answer."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from api.bodies import TalentId, VacancyId
from api.desk.decisions import About, record
from api.desk.filled import Posted
from api.desk.roles import Permission, requires
from api.desk.site import catalogue, page, redirect
from api.service import OpenService, Service
from core.accounts import User
from core.errors import Conflict, NotFound
from core.records import Proposed, Vacancy
from core.shortlists import Entry
from core.vocabulary import DeclinedBy, EventKind
from ranking.introduction import Introduction, introduce, proposed

router = APIRouter(prefix="/voorgesteld")

PAGE_SIZE: Final = 20
Employer = Annotated[User, requires(Permission.PROPOSED_SEE)]
PageNumber = Annotated[int, Query(alias="pagina", ge=1, le=1_000)]


@router.get("")
def vacancies(request: Request, service: OpenService, user: Employer, number: PageNumber = 1) -> Response:
    """The employer's own vacancies, newest first."""
    own = [line for line in service.store.desk.vacancies() if line.employer_id == user.employer_id]
    own.sort(key=lambda line: (line.since, line.vacancy_id), reverse=True)
    shown = own[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    tallies = service.store.desk.tallies([line.vacancy_id for line in shown], today=service.clock().date())
    return page(
        request,
        "proposed.html",
        lines=[(line, tallies[line.vacancy_id].proposed if line.vacancy_id in tallies else 0) for line in shown],
        page_number=number,
        previous=f"/voorgesteld?pagina={number - 1}" if number > 1 else None,
        next=f"/voorgesteld?pagina={number + 1}" if len(own) > number * PAGE_SIZE else None,
    )


@router.get("/{vacancy_id}")
def people(
    request: Request, service: OpenService, user: Employer, vacancy_id: VacancyId, number: PageNumber = 1
) -> Response:
    """The people who were proposed for one vacancy, who waits for an answer first."""
    return _people(request, service, _own(service, user, vacancy_id), number, {}, {})


@router.post("/{vacancy_id}/{talent_id}/uitnodigen")
def invite(
    service: OpenService, user: Employer, vacancy_id: VacancyId, talent_id: TalentId, filled: Posted
) -> Response:
    """The employer wants to meet somebody."""
    proposal, person = _person(service, _own(service, user, vacancy_id), talent_id)
    if person.may_be_invited:
        record(service, user, EventKind.INTERVIEWED, _about(proposal), once=filled.raw("once"))
    elif not person.was_invited:  # the same form again answers the same
        raise Conflict("this person was answered already; open the page again")
    return redirect(f"/voorgesteld/{vacancy_id}", done="proposed.done.invited")


@router.post("/{vacancy_id}/{talent_id}/afwijzen")
def decline(
    request: Request,
    service: OpenService,
    user: Employer,
    vacancy_id: VacancyId,
    talent_id: TalentId,
    filled: Posted,
) -> Response:
    """The employer does not want to go on with somebody, and says why."""
    vacancy = _own(service, user, vacancy_id)
    proposal, person = _person(service, vacancy, talent_id)
    if person.was_declined:
        return redirect(f"/voorgesteld/{vacancy_id}", done="proposed.done.declined")
    if not person.may_be_declined:
        raise Conflict("this person was answered already; open the page again")
    reason = filled.text("reden", missing="proposed.error.reason")
    if filled.errors:
        field = f"reden-{talent_id}"
        key, values = filled.errors["reden"]
        return _people(request, service, vacancy, 1, {field: reason}, {field: catalogue()(key, **values)})
    about = _about(proposal)
    record(service, user, EventKind.DECLINED, about, once=filled.raw("once"), by=DeclinedBy.EMPLOYER, reason=reason)
    return redirect(f"/voorgesteld/{vacancy_id}", done="proposed.done.declined")


def _own(service: Service, user: User, vacancy_id: str) -> Vacancy:
    """The vacancy, if it is this employer's; whether there is another of this id, an employer is not told."""
    vacancy = service.store.vacancy(vacancy_id).record
    if user.employer_id is None or vacancy.employer.employer_id != user.employer_id:
        raise NotFound("there is no such vacancy; choose one from the list")
    return vacancy


def _person(service: Service, vacancy: Vacancy, talent_id: str) -> tuple[Proposed, Introduction]:
    """Somebody who was proposed; whether there is another person of this id, an employer is not told."""
    found = proposed(service.store.desk.happenings(vacancy.vacancy_id), as_of=service.clock()).get(talent_id)
    if found is None:
        raise NotFound("nobody of this id was proposed; choose somebody from the list")
    proposal, standing = found
    return proposal, introduce(service.store.talent(talent_id).record, None, standing)


def _about(proposal: Proposed) -> About:
    return About(proposal.vacancy_id, proposal.talent_id, proposal.shortlist_id)


def _people(
    request: Request,
    service: Service,
    vacancy: Vacancy,
    number: int,
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    found = proposed(service.store.desk.happenings(vacancy.vacancy_id), as_of=service.clock())
    start = (number - 1) * PAGE_SIZE
    shown = dict(list(found.items())[start : start + PAGE_SIZE])
    known = service.store.talents_by_id(shown)
    entries = _entries(service, [proposal for proposal, _ in shown.values()])
    address = f"/voorgesteld/{vacancy.vacancy_id}"
    return page(
        request,
        "proposed_people.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        vacancy=vacancy,
        people=[
            introduce(known[talent_id].record, entries.get(talent_id), standing)
            for talent_id, (_, standing) in shown.items()
            if talent_id in known
        ],
        values=values,
        errors=errors,
        page_number=number,
        previous=f"{address}?pagina={number - 1}" if number > 1 else None,
        next=f"{address}?pagina={number + 1}" if len(found) > start + PAGE_SIZE else None,
    )


def _entries(service: Service, proposals: list[Proposed]) -> dict[str, Entry]:
    """Everybody's place on the list from which they were proposed; a list that is not kept is left out."""
    found: dict[str, Entry] = {}
    for shortlist_id in {proposal.shortlist_id for proposal in proposals} - {None}:
        try:
            shortlist = service.store.shortlist(str(shortlist_id))
        except NotFound:
            continue
        on_it = {entry.talent_id: entry for entry in (*shortlist.near_misses, *shortlist.entries)}
        mine = {proposal.talent_id for proposal in proposals if proposal.shortlist_id == shortlist_id}
        found |= {talent_id: entry for talent_id, entry in on_it.items() if talent_id in mine}
    return found
