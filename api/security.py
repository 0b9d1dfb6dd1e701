"""Who may call: a key when one is set, and only this machine when none is. Pages go by who is logged in."""

import hashlib
import hmac
import re
from http import HTTPStatus

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.desk.paths import is_desk
from api.problems import Problem, problem_response

FREE_PATHS = frozenset({"/healthz", "/readyz"})
"""An orchestrator asks these without a key; they tell nothing about people."""

_LOOPBACK_HOST = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)

# The middleware below decides; these only tell the OpenAPI document how a key is sent.
documented = [
    Security(HTTPBearer(auto_error=False, description="The API key, when the service has one.")),
    Security(APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key, in its own header.")),
]


class AccessControl:
    """Pure ASGI middleware that answers callers who may not come in.

    With a key set, every path but :data:`FREE_PATHS` and the pages needs it; who may open a page is for the login and
    the roles (``api/desk``) to say, and the key opens none. Without one the service is for this machine only, so a
    request must also be *addressed* to it: a web page that points its own name at 127.0.0.1 (DNS rebinding) is refused.
    """

    def __init__(self, app: ASGIApp, api_key: SecretStr | None) -> None:
        self._app = app
        # Digests have one length, so that comparing tells nothing about the length of the key.
        self._digest = _digest(api_key.get_secret_value()) if api_key is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on or refuses it."""
        problem = self._refusal(scope) if scope["type"] == "http" else None
        if problem is None:
            await self._app(scope, receive, send)
            return
        headers = {"WWW-Authenticate": "Bearer"} if problem.status == HTTPStatus.UNAUTHORIZED else {}
        await problem_response(problem, headers)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if self._digest is None:
            return None if _LOOPBACK_HOST.fullmatch(headers.get("host", "")) else _MISDIRECTED
        if scope["path"] in FREE_PATHS or is_desk(scope["path"]):
            return None
        if hmac.compare_digest(_digest(_given_key(headers)), self._digest):
            return None
        return _UNAUTHORISED


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _given_key(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


_UNAUTHORISED = Problem(
    type="urn:kansrijk:problem:unauthorised",
    title="Unauthorised",
    status=HTTPStatus.UNAUTHORIZED,
    detail="Send the API key as Authorization: Bearer KEY or as X-API-Key: KEY.",
)
_MISDIRECTED = Problem(
    type="urn:kansrijk:problem:not-local",
    title="Only for this machine",
    status=HTTPStatus.MISDIRECTED_REQUEST,
    detail="Without an API key the service answers to localhost only; set KANSRIJK_API_KEY to open it.",
)
