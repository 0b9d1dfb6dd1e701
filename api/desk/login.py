"""Logging in and out with a name and a password, and the way from ``/`` to everybody's first page."""

import logging
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api.desk import session
from api.desk.paths import SIGN_IN, local
from api.desk.roles import Permission, SignInNeeded, may, requires
from api.desk.site import catalogue, page, redirect
from api.service import OpenService
from core.accounts import User
from core.sign_in import SignInRefused, TooManyAttempts, sign_in

logger = logging.getLogger(__name__)
router = APIRouter()

_FIRST_PAGES: Final = (
    (Permission.DECIDE, "/vacatures"),
    (Permission.PROPOSED_SEE, "/voorgesteld"),
    (Permission.USERS_MANAGE, "/gebruikers"),
    (Permission.AFTERCARE_SEE, "/nazorg"),
    (Permission.OVERVIEW_SEE, "/overzicht"),
)
_WAIT_SECONDS: Final = "60"


def first_page(user: User) -> str:
    """Where this role begins its day."""
    return next(path for permission, path in _FIRST_PAGES if may(user, permission))


@router.get("/")
def home(request: Request) -> Response:
    """Leads on."""
    visit = session.of(request)
    if visit is None:
        raise SignInNeeded(request)
    return RedirectResponse(first_page(visit.user), status_code=HTTPStatus.SEE_OTHER)


@router.get(SIGN_IN)
def ask(request: Request) -> Response:
    """The login form."""
    visit = session.of(request)
    wanted = local(request.query_params.get("next"))
    if visit is not None:
        return RedirectResponse(wanted or first_page(visit.user), status_code=HTTPStatus.SEE_OTHER)
    return form(request, wanted)


def form(
    request: Request, wanted: str | None, *, name: str = "", error: str | None = None, status: int = HTTPStatus.OK
) -> Response:
    """The login form, with what went wrong.

    Args:
        request: of the visitor.
        wanted: where to go afterwards.
        name: as it was typed.
        error: key of the words that say what to do.
        status: of the answer.
    """
    text = session.prepare_sign_in(request)
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    response = page(
        request,
        "login.html",
        status=status,
        name=name,
        next=wanted or "",
        errors={"naam": catalogue()(error)} if error else {},
        organisation=f"{SIGN_IN}/oidc{query}" if request.state.settings.oidc_issuer else None,
    )
    session.set_cookie(response, session.SIGN_IN_COOKIE, text)
    return response


@router.post(SIGN_IN)
def answer(
    request: Request,
    service: OpenService,
    naam: Annotated[str, Form()] = "",
    wachtwoord: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Lets in whoever knows the password."""
    back = local(wanted)
    try:
        user = sign_in(service.store, service.passwords, naam, wachtwoord, now=service.clock())
    except TooManyAttempts:
        logger.warning("sign-in delayed: too many attempts")
        response = form(request, back, name=naam, error="login.error.too_often", status=HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = _WAIT_SECONDS
        return response
    except SignInRefused:
        logger.info("sign-in refused")  # never the name: people type their password there
        return form(request, back, name=naam, error="login.error.refused", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    response = RedirectResponse(back or first_page(user), status_code=HTTPStatus.SEE_OTHER)
    session.start(request, response, service, user)
    logger.info("sign-in user=%s", user.user_id)
    return response


@router.post("/uitloggen")
def leave(request: Request, service: OpenService, user: Annotated[User, requires(Permission.LOGGED_IN)]) -> Response:
    """Ends the session."""
    response = redirect(SIGN_IN, done="login.done.left")
    session.end(request, response, service)
    logger.info("sign-out user=%s", user.user_id)
    return response
