"""For those who run the service: liveness, readiness, metrics."""

from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict

from api.problems import documented
from api.service import OpenService
from core.errors import Unavailable
from core.vocabulary import RankingMode

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process answers."""

    model_config = ConfigDict(frozen=True)

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Shortlists can be made, and with what."""

    model_config = ConfigDict(frozen=True)

    ready: Literal[True] = True
    ranking_mode: RankingMode | None
    model_version: str | None
    encoder_version: str | None
    index_version: str | None
    talents: int


class NotReady(Unavailable):
    """Shortlists cannot be made now."""


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    """Touches nothing, so that a slow database does not get the process killed."""
    return Alive()


@router.get("/readyz", summary="Can shortlists be made?", responses=documented(HTTPStatus.SERVICE_UNAVAILABLE))
def readyz(service: OpenService) -> Ready:
    """Asks the store and the index; 503 with the reason when either cannot be used."""
    service.store.ping()
    status = service.ranking.status()
    if not status.ready:
        raise NotReady(status.reason or "Ranking is not ready yet; ask again in a few seconds.")
    return Ready(
        ranking_mode=status.ranking_mode,
        model_version=status.model_version,
        encoder_version=status.encoder_version,
        index_version=status.index_version,
        talents=status.talents,
    )


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={HTTPStatus.OK: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """Of this worker process, since it started."""
    return Response(generate_latest(request.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
