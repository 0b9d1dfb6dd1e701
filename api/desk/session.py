"""Who is visiting: the session behind the cookie, and the proof that a form is our own.

A session is a row on the server; the browser holds a random token, the database only its hash. Every form carries the
session's ``csrf`` text, which a page elsewhere cannot read. Both are looked at for *every* route of the desk, by
:data:`protected`, so that no page can forget them.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Request, Response
from starlette.exceptions import HTTPException

from api.desk.paths import SIGN_IN
from api.desk.roles import SignInNeeded, Visit
from api.service import OpenService, Service
from core.accounts import Session, User

if TYPE_CHECKING:
    from core.settings import Settings

COOKIE: Final = "kansrijk_session"
SIGN_IN_COOKIE: Final = "kansrijk_login"
"""Holds the ``csrf`` text of the login form, where there is no session yet."""
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
_TOKEN_CHARS: Final = 43  # of secrets.token_urlsafe(32): 256 bits
_ELSEWHERE: Final = frozenset({"cross-site", "same-site"})


class FormRefused(HTTPException):
    """A form without its proof: it is too old, or was made by a page elsewhere."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.FORBIDDEN)


def _visiting(request: Request, service: OpenService) -> Visit | None:
    """Whoever is logged in; also in ``request.state.visit``, for the templates."""
    request.state.visit = visit = None
    token = request.cookies.get(COOKIE, "")
    if len(token) != _TOKEN_CHARS:
        return visit
    settings: Settings = request.state.settings
    session = service.store.accounts.session(
        _hashed(token), idle=timedelta(minutes=settings.session_idle_minutes), now=service.clock()
    )
    if session is not None:
        request.state.visit = visit = Visit(session.user, session.csrf)
    return visit


async def _checked(request: Request, visit: Annotated[Visit | None, Depends(_visiting)]) -> None:
    """Stops a form that is not our own.

    Raises:
        SignInNeeded: nobody is logged in (any more).
        FormRefused: the form does not carry this session's text, or the browser says that it came from elsewhere.
    """
    if request.method in _SAFE_METHODS:
        return
    if visit is None and request.url.path != SIGN_IN:
        raise SignInNeeded(request)
    # Our forms bring no files; a kind of body that request.form() does not read has no text in it either.
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise FormRefused
    expected = visit.csrf if visit is not None else request.cookies.get(SIGN_IN_COOKIE, "")
    given = (await request.form()).get("csrf")
    # A browser that says nothing on this (an old one) is held to the text alone.
    if request.headers.get("sec-fetch-site") in _ELSEWHERE or not expected or not isinstance(given, str):
        raise FormRefused
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormRefused


def of(request: Request) -> Visit | None:
    """Whoever is logged in, on a route of the desk."""
    visit: Visit | None = getattr(request.state, "visit", None)
    return visit


def csrf_token(request: Request) -> str:
    """What the forms of this page carry; empty where a page has none."""
    visit = of(request)
    text: str = visit.csrf if visit is not None else getattr(request.state, "sign_in_text", "")
    return text


protected: Final = [Depends(_checked)]
"""Dependencies of every router of the desk."""


def start(request: Request, response: Response, service: Service, user: User) -> None:
    """Logs somebody in: a new session with a new token, whatever the browser had before.

    Args:
        request: of the login.
        response: gets the cookie.
        service: with the store.
        user: who this is, beyond doubt.
    """
    settings: Settings = request.state.settings
    now, token = service.clock(), secrets.token_urlsafe(32)
    session = Session(
        user=user,
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=settings.session_hours),
    )
    before = request.cookies.get(COOKIE)
    service.store.accounts.start(_hashed(token), session, instead_of=_hashed(before) if before else None)
    set_cookie(response, COOKIE, token)
    drop_cookie(response, SIGN_IN_COOKIE)


def end(request: Request, response: Response, service: Service) -> None:
    """Logs the visitor out, on the server too."""
    service.store.accounts.end(_hashed(request.cookies.get(COOKIE, "")))
    drop_cookie(response, COOKIE)


def prepare_sign_in(request: Request) -> str:
    """What the login form carries and :data:`SIGN_IN_COOKIE` holds: the browser's, or a new one; one for all tabs."""
    kept = request.cookies.get(SIGN_IN_COOKIE, "")
    text = kept if len(kept) == _TOKEN_CHARS else secrets.token_urlsafe(32)
    request.state.sign_in_text = text
    return text


def set_cookie(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """A cookie that no script reads and no other site sends along.

    ``Secure`` holds on ``http://127.0.0.1`` too: browsers trust this machine.
    """
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def drop_cookie(response: Response, name: str) -> None:
    """Makes the browser forget a cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def _hashed(token: str) -> str:
    # The token is random and long: a plain hash cannot be searched, and nothing slower is needed.
    return hashlib.sha256(token.encode()).hexdigest()
