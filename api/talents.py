"""Talents over HTTP: put, read, list, erase, export."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field

from api.bodies import StrictJsonRoute, TalentBody, TalentId, json_response, reads_json
from api.conditional import Condition, Known, not_modified, quoted
from api.examples import TALENT
from api.paging import CursorText, Limit, decode_cursor, next_cursor
from api.problems import PreconditionFailed, documented
from api.service import OpenService
from core.errors import Conflict
from core.records import Talent
from core.store import PutOutcome

router = APIRouter(prefix="/v1", tags=["talents"], route_class=StrictJsonRoute)
_SCOPE = "talents"


class TalentPage(BaseModel):
    """Talents in order of id."""

    model_config = ConfigDict(frozen=True)

    items: list[Talent]
    next_cursor: Annotated[str | None, Field(description="Ask for the next page with this; null at the end.")]


class Erased(BaseModel):
    """What was removed."""

    model_config = ConfigDict(frozen=True)

    talent_id: str
    removed: Annotated[dict[str, int], Field(description="Numbers of things removed, by name.")]


@router.put(
    "/talents/{talent_id}",
    summary="Make or replace a talent",
    dependencies=[reads_json],
    responses={
        **documented(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.PRECONDITION_FAILED,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
        ),
        HTTPStatus.CREATED: {"model": Talent, "description": "Made."},
    },
)
def put_talent(
    talent_id: TalentId,
    body: Annotated[TalentBody, Body(openapi_examples={"magazijn": {"value": TALENT}})],
    service: OpenService,
    condition: Condition,
    response: Response,
) -> Talent:
    """Idempotent: the same content again changes nothing, not even the ETag.

    Unknown is `null` or absent, and never the same as no: an empty list of licences says *none*.
    """
    record = body.named(talent_id)
    tag = condition.tag(lambda: service.store.talent(talent_id).etag)
    try:
        stored, outcome = service.store.put_talent(
            record, now=service.clock(), if_match=tag, if_none_match=condition.only_new
        )
    except Conflict as error:
        if condition.given:
            raise PreconditionFailed(str(error)) from error
        raise
    response.headers["ETag"] = quoted(stored.etag)
    if outcome is PutOutcome.CREATED:
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/v1/talents/{talent_id}"
    return stored.record


@router.get(
    "/talents/{talent_id}",
    summary="Read a talent",
    response_model=Talent,
    responses={
        **documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
        HTTPStatus.NOT_MODIFIED: {"description": "You have this version."},
    },
)
def get_talent(talent_id: TalentId, service: OpenService, known: Known) -> Response:
    """The talent as it is now, with its version in `ETag`."""
    stored = service.store.talent(talent_id)
    unchanged = not_modified(stored.etag, known)
    if unchanged is not None:
        return unchanged
    return json_response(stored.record.model_dump_json(), {"ETag": quoted(stored.etag)})


@router.get(
    "/talents",
    summary="List talents",
    response_model=TalentPage,
    responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY),
)
def list_talents(service: OpenService, limit: Limit = 50, cursor: CursorText = None) -> Response:
    """All talents, active or not, in order of id."""
    after = decode_cursor(_SCOPE, cursor)
    found = [stored.record for stored in service.store.page_talents(limit=limit + 1, after=after)]
    following = next_cursor(_SCOPE, [talent.talent_id for talent in found], limit)
    return json_response(TalentPage(items=found[:limit], next_cursor=following).model_dump_json())


@router.delete(
    "/talents/{talent_id}",
    summary="Erase a talent",
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def erase_talent(talent_id: TalentId, service: OpenService) -> Erased:
    """Removes everything held on a person (GDPR art. 17) and says how much that was."""
    return Erased(talent_id=talent_id, removed=dict(service.erase(talent_id, service.clock())))


@router.get(
    "/talents/{talent_id}/export",
    summary="Export a talent",
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def export_talent(talent_id: TalentId, service: OpenService) -> dict[str, Any]:
    """Everything held on a person (GDPR art. 15 and 20)."""
    return service.store.export(talent_id)
