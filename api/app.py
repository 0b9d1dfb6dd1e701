"""The application: resources in the lifespan, one error handler, three layers around the endpoints."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline  # the page of /docs with its scripts: no network is needed
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import events, imports, openapi, operations, problems, security, shortlists, talents, vacancies
from api.desk import errors as desk_errors
from api.desk.aftercare_book import AftercareBook
from api.desk.mount import mount
from api.desk.oidc import Issuer
from api.desk.overview_book import OverviewBook
from api.desk.paths import is_desk
from api.desk.warming import warm
from api.limits import BodyLimit
from api.observability import Metrics, Observability
from api.pool import RankingPool
from api.service import ServiceFactory
from core.errors import KansrijkError
from core.settings import Settings

API_VERSION = "1"


Application = FastAPI
"""What :func:`create_app` makes, for who composes it and need not know the framework."""


def create_app(open_service: ServiceFactory, settings: Settings) -> FastAPI:
    """Makes the application; nothing is opened before it starts.

    Args:
        open_service: opens the store and the ranking when the application starts; closed when it stops.
        settings: the key that callers need, and how many shortlists are made at the same time.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        opening = open_service()
        service = await run_in_threadpool(opening.__enter__)
        aftercare, overview = AftercareBook(service.store), OverviewBook(service)
        try:
            if service.warm:
                await run_in_threadpool(warm, service, aftercare, overview)
            yield {
                "service": service,
                "metrics": metrics,
                "settings": settings,
                "issuer": Issuer(settings) if settings.oidc_issuer else None,
                "ranking_pool": RankingPool(settings.threads),
                "aftercare": aftercare,
                "overview": overview,
            }
        finally:
            await run_in_threadpool(opening.__exit__, None, None, None)

    app = FastAPIOffline(
        redoc_url=None,
        static_url="/docs-assets",
        title="Kansrijk",
        version=API_VERSION,
        description=openapi.DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        dependencies=security.documented,
        responses=problems.documented(
            HTTPStatus.UNAUTHORIZED, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE
        ),
    )
    for part in (talents, vacancies, imports, events, shortlists, operations):
        app.include_router(part.router)
    mount(app)
    for kind in (KansrijkError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, answer=_answer)
    app.add_middleware(security.AccessControl, api_key=settings.api_key)
    app.add_middleware(Observability, metrics=metrics, answer=_answer)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    return app


async def _answer(request: Request, error: Exception) -> Response:
    """The one error handler: a page for who reads pages, a problem for programs."""
    if is_desk(request.url.path):
        return desk_errors.answer(request, error)
    return await problems.handle(request, error)
