"""The pages as a whole: templates, what each page gets, static files, and errors that a person can read."""

import hashlib
import uuid
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.desk import words
from api.desk.roles import may_of
from api.desk.session import csrf_token
from api.desk.session import of as visit_of
from api.desk.words import Words

_HERE: Final = Path(__file__).parent
STATIC_PATH: Final = "/static"
_DONE: Final = "melding"  # names what was done, in the address that a form leads to
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: our own style and script, nothing from elsewhere, nothing written into the page."""


class Place(NamedTuple):
    """A place in the menu: where it leads, its words, and who may go there."""

    path: str
    key: str
    permission: str


MENU: Final = (
    Place("/vacatures", "shared.menu.vacancies", "VACANCIES_SEE"),
    Place("/talenten", "shared.menu.talents", "TALENT_SEE"),
    Place("/nazorg", "shared.menu.aftercare", "AFTERCARE_SEE"),
    Place("/overzicht", "shared.menu.overview", "OVERVIEW_SEE"),
    Place("/cursussen", "shared.menu.courses", "COURSES_SEE"),
    Place("/voorgesteld", "shared.menu.proposed", "PROPOSED_SEE"),
    Place("/gebruikers", "shared.menu.users", "USERS_MANAGE"),
)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, read once; a name that a page was not given is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts = catalogue()
    made.globals |= {"t": texts, "label": texts.label, "static": static_address, "once": lambda: uuid.uuid4().hex}
    made.filters |= {
        "day": words.day, "short_day": words.short_day, "moment": words.moment, "number": words.number,
    }  # fmt: skip
    return made


@lru_cache(maxsize=1)
def catalogue() -> Words:
    """The Dutch words of all pages."""
    return Words.load()


def page(request: Request, template: str, *, status: int = HTTPStatus.OK, **context: Any) -> HTMLResponse:
    """Renders a page for whoever is visiting.

    Args:
        request: of the visitor; ``request.state.visit`` says who it is, when somebody logged in.
        template: file in ``templates/``.
        status: 422 for a form that has to be filled in again.
        context: what the template shows, beside ``user``, ``csrf``, ``may``, ``menu``, ``here``, ``done``, ``errors``.
    """
    visitor = visit_of(request)
    may = may_of(visitor.user if visitor is not None else None)
    given: dict[str, Any] = {
        "user": visitor.user if visitor is not None else None,
        "csrf": csrf_token(request),
        "may": may,
        "menu": [place for place in MENU if may(place.permission)],
        "here": request.url.path,
        "done": _done(request),
        "errors": {},
    }
    html = environment().get_template(template).render(given | context)
    return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": POLICY})


def redirect(address: str, done: str | None = None) -> RedirectResponse:
    """Sends the visitor on after a form, so that reloading does not send it again.

    Args:
        address: of our own pages.
        done: what was done: key in a catalogue's table ``done``, such as ``aftercare.done.answered``.
    """
    if done is not None:
        parts = urlsplit(address)
        query = "&".join(filter(None, (parts.query, urlencode({_DONE: done}))))
        address = urlunsplit(parts._replace(query=query))
    return RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER)


def error_page(request: Request, status: int, *, title: str | None = None, detail: str | None = None) -> Response:
    """An error as a page that says what to do.

    Args:
        request: of the visitor.
        status: of the answer.
        title: in Dutch; by default the catalogue's for this status.
        detail: in Dutch; likewise.
    """
    known = status if f"shared.error.{status}.title" in catalogue().entries else HTTPStatus.INTERNAL_SERVER_ERROR
    t = catalogue()
    return page(
        request,
        "error.html",
        status=status,
        title=title or t(f"shared.error.{int(known)}.title"),
        detail=detail or t(f"shared.error.{int(known)}.detail"),
    )


def _done(request: Request) -> str | None:
    """What was just done; only what a catalogue says can be said, so that an address cannot put words on a page."""
    key = request.query_params.get(_DONE, "")
    return catalogue().entries.get(key) if ".done." in key else None


@lru_cache(maxsize=64)
def static_address(name: str) -> str:
    """Address of a static file that changes with its content, so that browsers may keep it for good."""
    digest = hashlib.sha256((_HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"{STATIC_PATH}/{name}?v={digest}"


class KeptStaticFiles(StaticFiles):
    """Static files that browsers keep: their address names their content."""

    def __init__(self) -> None:
        super().__init__(directory=_HERE / "static")

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept for a year."""
        response = await super().get_response(path, scope)
        if response.status_code == HTTPStatus.OK:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
