"""The application: resources in the lifespan, one error handler, three layers around the endpoints."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api import events, imports, openapi, operations, problems, security, shortlists, talents, vacancies
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
        try:
            yield {
                "service": service,
                "metrics": metrics,
                "ranking_pool": RankingPool(settings.threads),
            }
        finally:
            await run_in_threadpool(opening.__exit__, None, None, None)

    app = FastAPI(
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
    for kind in (KansrijkError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, problems.handle)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(security.AccessControl, api_key=settings.api_key)
    app.add_middleware(Observability, metrics=metrics)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    return app
