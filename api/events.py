"""Outcome events over HTTP: append-only, idempotent by id."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict

from api.bodies import StrictJsonRoute, reads_json
from api.examples import EVENTS
from api.problems import documented
from api.service import OpenService
from core.errors import Conflict
from core.records import Event
from core.store import PutOutcome

router = APIRouter(prefix="/v1", tags=["events"], route_class=StrictJsonRoute)


class EventTaken(BaseModel):
    """What became of an event."""

    model_config = ConfigDict(frozen=True)

    event_id: str
    outcome: PutOutcome


@router.post(
    "/events",
    summary="Tell what happened",
    status_code=HTTPStatus.CREATED,
    dependencies=[reads_json],
    responses={
        **documented(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.CONFLICT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
        ),
        HTTPStatus.OK: {"model": EventTaken, "description": "Known already, with the same content."},
    },
)
def post_event(
    event: Annotated[Event, Body(openapi_examples=EVENTS)], service: OpenService, response: Response
) -> EventTaken:
    """Appends one event. The same event again changes nothing; another event under its id is refused."""
    (outcome,) = service.store.put_events([event], now=service.clock())
    if outcome is PutOutcome.REFUSED:
        raise Conflict("There is another event under this event_id; events do not change, so send a new id.")
    if outcome is PutOutcome.UNCHANGED:
        response.status_code = HTTPStatus.OK
    return EventTaken(event_id=event.event_id, outcome=outcome)
