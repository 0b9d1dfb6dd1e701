"""Shortlists over HTTP: for a stored vacancy, a vacancy in the body, a text; replay; the other direction."""

from http import HTTPStatus
from typing import Annotated, Self

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.adhoc import vacancy_of_text
from api.bodies import (
    ShortlistId,
    StrictJsonRoute,
    TalentId,
    VacancyBody,
    VacancyId,
    json_response,
    reads_json,
)
from api.examples import SHORTLIST_REQUESTS
from api.pool import OpenPool
from api.problems import documented
from api.service import OpenService, Service
from core.records import Vacancy
from core.shortlists import MAX_SHORTLIST, RankedVacancies, Shortlist

router = APIRouter(prefix="/v1", tags=["shortlists"], route_class=StrictJsonRoute)

K = Annotated[int, Field(ge=1, le=MAX_SHORTLIST, description="People at most.")]
AsOf = Annotated[AwareDatetime | None, Field(description="As seen at this instant, with offset; now when left out.")]
_TEXT_PROBLEMS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


class ShortlistOptions(BaseModel):
    """How long a shortlist may be, and as of when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    k: K = 20
    as_of: AsOf = None


class ShortlistRequest(ShortlistOptions):
    """A vacancy that is not stored: as a record, or only its text."""

    vacancy: VacancyBody | None = None
    text: Annotated[
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000, pattern=r"^[^\x00]*$"),
        ]
        | None,
        Field(description="The vacancy as the employer wrote it."),
    ] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.vacancy is None) == (self.text is None):
            raise ValueError("give vacancy or text, one of the two")
        return self

    def wanted(self) -> Vacancy:
        """The vacancy to rank for; one without an id gets one made from its content."""
        return self.vacancy.identified() if self.vacancy is not None else vacancy_of_text(self.text or "")


def _shortlist(request: Request, service: Service, vacancy: Vacancy, options: ShortlistOptions) -> bytes:
    made = service.ranking.shortlist(vacancy, k=options.k, as_of=options.as_of)
    request.state.metrics.shortlists.labels(made.ranking_mode.value).inc()
    return made.model_dump_json().encode()


@router.post(
    "/vacancies/{vacancy_id}/shortlist",
    summary="Make a shortlist for a stored vacancy",
    response_model=Shortlist,
    dependencies=[reads_json],
    responses=documented(*_TEXT_PROBLEMS, HTTPStatus.NOT_FOUND),
)
async def shortlist_for_stored(
    request: Request,
    vacancy_id: VacancyId,
    service: OpenService,
    pool: OpenPool,
    options: Annotated[ShortlistOptions | None, Body(examples=[{"k": 20}])] = None,
) -> Response:
    """Ranks talents for the vacancy, explains each, and keeps the answer for replay."""
    chosen = options or ShortlistOptions()

    def make() -> bytes:
        vacancy = service.store.vacancy(vacancy_id, as_of=chosen.as_of).record
        return _shortlist(request, service, vacancy, chosen)

    return json_response(await pool.run(make))


@router.post(
    "/shortlist",
    summary="Make a shortlist for a vacancy in the body",
    response_model=Shortlist,
    dependencies=[reads_json],
    responses=documented(*_TEXT_PROBLEMS),
)
async def shortlist_for_given(
    request: Request,
    body: Annotated[ShortlistRequest, Body(openapi_examples=SHORTLIST_REQUESTS)],
    service: OpenService,
    pool: OpenPool,
) -> Response:
    """Ranks talents for a vacancy that need not be stored: a record, or only the text an employer sent."""
    return json_response(await pool.run(lambda: _shortlist(request, service, body.wanted(), body)))


@router.get(
    "/shortlists/{shortlist_id}",
    summary="Replay a shortlist",
    response_model=Shortlist,
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def replay(shortlist_id: ShortlistId, service: OpenService) -> Response:
    """The shortlist exactly as it was given, whatever changed since."""
    return json_response(service.store.shortlist(shortlist_id).model_dump_json())


@router.get(
    "/talents/{talent_id}/vacancies",
    summary="Rank open vacancies for a talent",
    response_model=RankedVacancies,
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
async def vacancies_for_talent(
    talent_id: TalentId,
    service: OpenService,
    pool: OpenPool,
    k: Annotated[int, Query(ge=1, le=MAX_SHORTLIST, description="Vacancies at most.")] = 20,
) -> Response:
    """The other direction: what suits this person."""
    return json_response(await pool.run(lambda: service.ranking.vacancies(talent_id, k=k).model_dump_json()))
