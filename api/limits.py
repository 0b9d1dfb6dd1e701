"""How much and how slowly a caller may send."""

import math
from http import HTTPStatus

import anyio
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ErrorAnswer, RequestRefused

MAX_BODY_BYTES = 1024 * 1024
MAX_IMPORT_BYTES = 64 * 1024 * 1024
MAX_SILENCE_SECONDS = 30.0
"""A caller that says nothing for so long while its body is awaited is let go."""

IMPORT_SUFFIX = ":import"


def body_limit(path: str) -> int:
    """Bytes that a body sent to this path may have."""
    return MAX_IMPORT_BYTES if path.endswith(IMPORT_SUFFIX) else MAX_BODY_BYTES


class BodyLimit:
    """Pure ASGI middleware that refuses bodies that are too large (413) or too slow (408).

    A declared size is refused before anything is read, another body as soon as it passes the limit.
    """

    def __init__(self, app: ASGIApp, answer: ErrorAnswer, max_silence_seconds: float = MAX_SILENCE_SECONDS) -> None:
        self._app = app
        self._answer = answer
        self._max_silence_seconds = max_silence_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with its body counted, or refuses it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = body_limit(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            response = await self._answer(Request(scope), _too_large(limit))
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, limit, self._max_silence_seconds), send)


class _Counted:
    """A receive channel that keeps count of the body."""

    def __init__(self, receive: Receive, limit: int, max_silence_seconds: float) -> None:
        self._receive = receive
        self._limit = limit
        self._silence = max_silence_seconds
        self._n_bytes = 0

    async def __call__(self) -> Message:
        """The next message.

        Raises:
            RequestRefused: the body is too large, or did not come in time.
        """
        try:
            with anyio.fail_after(self._silence):
                message = await self._receive()
        except TimeoutError:
            raise RequestRefused(
                HTTPStatus.REQUEST_TIMEOUT, "The body did not come in time; send it again without pauses."
            ) from None
        if message["type"] == "http.request":
            self._n_bytes += len(message.get("body", b""))
            if not message.get("more_body", False):
                self._silence = math.inf  # the body is in; what comes next is the caller leaving, whenever that is
            if self._n_bytes > self._limit:
                raise _too_large(self._limit)
        return message


def _too_large(limit: int) -> RequestRefused:
    return RequestRefused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"A body here may have {limit:,} bytes at most; send fewer records at a time.",
    )
