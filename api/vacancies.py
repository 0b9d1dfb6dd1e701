"""Vacancies over HTTP: put, read, list."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.bodies import StrictJsonRoute, VacancyBody, VacancyId, json_response, reads_json
from api.conditional import Condition, Known, not_modified, quoted
from api.examples import VACANCY
from api.paging import CursorText, Limit, decode_cursor, next_cursor
from api.problems import PreconditionFailed, documented
from api.service import OpenService
from core.errors import Conflict
from core.records import Vacancy
from core.store import PutOutcome
from core.vocabulary import VacancyStatus

router = APIRouter(prefix="/v1", tags=["vacancies"], route_class=StrictJsonRoute)


class VacancyPage(BaseModel):
    """Vacancies in order of id."""

    model_config = ConfigDict(frozen=True)

    items: list[Vacancy]
    next_cursor: Annotated[str | None, Field(description="Ask for the next page with this; null at the end.")]


@router.put(
    "/vacancies/{vacancy_id}",
    summary="Make or replace a vacancy",
    dependencies=[reads_json],
    responses={
        **documented(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.PRECONDITION_FAILED,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
        ),
        HTTPStatus.CREATED: {"model": Vacancy, "description": "Made."},
    },
)
def put_vacancy(
    vacancy_id: VacancyId,
    body: Annotated[VacancyBody, Body(openapi_examples={"magazijn": {"value": VACANCY}})],
    service: OpenService,
    condition: Condition,
    response: Response,
) -> Vacancy:
    """Idempotent: the same content again changes nothing, not even the ETag."""
    record = body.named(vacancy_id)
    tag = condition.tag(lambda: service.store.vacancy(vacancy_id).etag)
    try:
        stored, outcome = service.store.put_vacancy(
            record, now=service.clock(), if_match=tag, if_none_match=condition.only_new
        )
    except Conflict as error:
        if condition.given:
            raise PreconditionFailed(str(error)) from error
        raise
    response.headers["ETag"] = quoted(stored.etag)
    if outcome is PutOutcome.CREATED:
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/v1/vacancies/{vacancy_id}"
    return stored.record


@router.get(
    "/vacancies/{vacancy_id}",
    summary="Read a vacancy",
    response_model=Vacancy,
    responses={
        **documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
        HTTPStatus.NOT_MODIFIED: {"description": "You have this version."},
    },
)
def get_vacancy(vacancy_id: VacancyId, service: OpenService, known: Known) -> Response:
    """The vacancy as it is now, with its version in `ETag`."""
    stored = service.store.vacancy(vacancy_id)
    unchanged = not_modified(stored.etag, known)
    if unchanged is not None:
        return unchanged
    return json_response(stored.record.model_dump_json(), {"ETag": quoted(stored.etag)})


@router.get(
    "/vacancies",
    summary="List vacancies",
    response_model=VacancyPage,
    responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY),
)
def list_vacancies(
    service: OpenService,
    status: Annotated[VacancyStatus | None, Query(description="Only those that stand so.")] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Response:
    """Vacancies in order of id."""
    scope = f"vacancies:{status or ''}"
    after = decode_cursor(scope, cursor)
    page = service.store.page_vacancies(limit=limit + 1, after=after, status=status)
    found = [stored.record for stored in page]
    following = next_cursor(scope, [vacancy.vacancy_id for vacancy in found], limit)
    return json_response(VacancyPage(items=found[:limit], next_cursor=following).model_dump_json())
