"""For those who run the service: liveness, readiness, metrics."""

from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict

from api.observability import left_aside, models_registry
from api.problems import documented
from api.service import OpenService
from core.errors import Unavailable
from core.vocabulary import RankingMode
from ranking.champion import Flaw

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process answers."""

    model_config = ConfigDict(frozen=True)

    status: Literal["ok"] = "ok"


class Aside(BaseModel):
    """A model that was put in force and does not serve; the one before it does."""

    model_config = ConfigDict(frozen=True)

    role: Literal["champion", "challenger"]
    version: str | None
    reason: Flaw


class Ready(BaseModel):
    """Shortlists can be made, and with what."""

    model_config = ConfigDict(frozen=True)

    ready: Literal[True] = True
    ranking_mode: RankingMode | None
    model_version: str | None
    encoder_version: str | None
    index_version: str | None
    talents: int
    models_left_aside: list[Aside]


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
        models_left_aside=[
            Aside(role=role, version=one.version, reason=one.flaw) for role, one in left_aside(service.ranking.models())
        ],
    )


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={HTTPStatus.OK: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, service: OpenService) -> Response:
    """Of this worker process, since it started."""
    told = generate_latest(request.state.metrics.registry) + generate_latest(models_registry(service.ranking.models()))
    return Response(told, media_type=CONTENT_TYPE_LATEST)
