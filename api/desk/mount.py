"""All pages of the desk, and their way into the application."""

from typing import Final

from fastapi import APIRouter, FastAPI

from api.desk import (
    aftercare,
    compare,
    courses,
    login,
    new_vacancy,
    oidc,
    overview,
    own_password,
    proposed,
    session,
    shortlist,
    shortlist_forms,
    talent,
    talents,
    users,
    vacancies,
)
from api.desk.site import STATIC_PATH, KeptStaticFiles

ROUTERS: Final[tuple[APIRouter, ...]] = (
    login.router,
    oidc.router,
    own_password.router,
    users.router,
    proposed.router,
    courses.router,
    overview.router,
    aftercare.router,
    talents.router,
    talent.router,
    shortlist.router,
    shortlist_forms.router,
    compare.router,
    new_vacancy.router,  # before vacancies: "nieuw" is no id
    vacancies.router,
)


def mount(app: FastAPI) -> None:
    """Adds the pages and their static files; every form of every page is checked in one place."""
    for router in ROUTERS:
        app.include_router(router, dependencies=session.protected, include_in_schema=False)
    app.mount(STATIC_PATH, KeptStaticFiles(), name="static")
