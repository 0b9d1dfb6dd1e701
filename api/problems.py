"""Every refusal and failure as one shape: RFC 9457 problem details.

The only place where the error tree meets HTTP statuses. A problem never carries a stack trace, a value that
the caller sent, or a person's text: those would end up in the logs of others.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core import errors

MEDIA_TYPE = "application/problem+json"
MAX_FIELD_PROBLEMS = 50
_MAX_FIELD_CHARACTERS = 120
_TYPE_PREFIX = "urn:kansrijk:problem:"


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    model_config = ConfigDict(frozen=True)

    field: Annotated[str, Field(description="Where, as a dotted path.", examples=["body.hours_min"])]
    message: Annotated[str, Field(description="What is wrong.", examples=["Input should be a valid number"])]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(frozen=True)

    type: Annotated[str, Field(description="Stable name of the kind of problem.")]
    title: Annotated[str, Field(description="The kind of problem in words.")]
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(description="What happened, and what to do next.")]
    errors: Annotated[list[FieldProblem] | None, Field(description="Per field, where that helps.")] = None


class PreconditionFailed(errors.Conflict):
    """An If-Match or If-None-Match header does not hold."""


class Busy(errors.Unavailable):
    """More shortlists are asked for at the same time than the service accepts."""


class RequestRefused(HTTPException):
    """A body is too large, too slow or of a media type that is not read here, or a header is malformed."""


# The first class that fits wins, so the narrow ones come first.
_STATUSES: tuple[tuple[type[errors.KansrijkError], HTTPStatus, str], ...] = (
    (errors.SettingsInvalid, HTTPStatus.INTERNAL_SERVER_ERROR, "The service is not configured well"),
    (errors.RecordInvalid, HTTPStatus.UNPROCESSABLE_ENTITY, "The record breaks the contract"),
    (errors.InputError, HTTPStatus.UNPROCESSABLE_ENTITY, "The input is not usable"),
    (errors.NotFound, HTTPStatus.NOT_FOUND, "Not found"),
    (PreconditionFailed, HTTPStatus.PRECONDITION_FAILED, "The precondition does not hold"),
    (errors.Conflict, HTTPStatus.CONFLICT, "In another state than assumed"),
    (errors.Refused, HTTPStatus.CONFLICT, "Refused by a gate"),
    (errors.Unavailable, HTTPStatus.SERVICE_UNAVAILABLE, "Not available now"),
)

_HTTP_DETAILS: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path; /openapi.json lists the paths.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path does not take this method; the Allow header lists those.",
    HTTPStatus.BAD_REQUEST: "The request could not be read; send a body of UTF-8 JSON.",
}


def _name(error: type[errors.KansrijkError]) -> str:
    """``RecordInvalid`` becomes ``record-invalid``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def field_problems(found: Sequence[Mapping[str, Any]], *, start: Sequence[str] = ()) -> list[FieldProblem]:
    """Pydantic's findings without the values that were sent.

    Args:
        found: what ``ValidationError.errors()`` gives.
        start: put before each path.

    Returns:
        At most :data:`MAX_FIELD_PROBLEMS`, in the order found.
    """
    return [_field_problem(error, start) for error in found[:MAX_FIELD_PROBLEMS]]


def _field_problem(error: Mapping[str, Any], start: Sequence[str]) -> FieldProblem:
    path = ".".join(str(part) for part in (*start, *error["loc"]))
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "union_tag_invalid":  # pydantic's own sentence quotes the value
        message = f"Input should be one of {error['ctx']['expected_tags']}"
    return FieldProblem(field=path[:_MAX_FIELD_CHARACTERS], message=message)


def problem_of(error: Exception) -> Problem:
    """The problem that an exception is to the caller.

    Args:
        error: any exception; what was not foreseen becomes a 500 without a word of what it said.
    """
    if isinstance(error, RequestValidationError):
        return _invalid_request(error)
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        known = _HTTP_DETAILS.get(status, status.description)
        detail = error.detail if isinstance(error, RequestRefused) else known
        return Problem(type="about:blank", title=status.phrase, status=status, detail=detail or status.phrase)
    for kind, status, title in _STATUSES:
        if isinstance(error, kind):
            return Problem(type=_TYPE_PREFIX + _name(type(error)), title=title, status=status, detail=str(error))
    return Problem(
        type="about:blank",
        title="Internal Server Error",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail="Something failed that was not foreseen; give the administrator the X-Request-ID of this.",
    )


def _invalid_request(error: RequestValidationError) -> Problem:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Problem(
            type=_TYPE_PREFIX + "json-invalid",
            title="The body is not JSON",
            status=HTTPStatus.BAD_REQUEST,
            detail="The body could not be read as UTF-8 JSON (RFC 8259); correct it and send it again.",
        )
    return Problem(
        type=_TYPE_PREFIX + "request-invalid",
        title="The request breaks the contract",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        detail=f"{len(found)} field(s) cannot be used; nothing was written. Correct them and send it again.",
        errors=field_problems(found),
    )


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


ErrorAnswer = Callable[[Request, Exception], Awaitable[Response]]
"""What answers an error that stopped a request."""


async def handle(_request: Request, error: Exception) -> Response:
    """The error as a problem, for programs."""
    problem = problem_of(error)
    headers = dict(getattr(error, "headers", None) or {})
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", "5")
    return problem_response(problem, headers)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that can end in these statuses."""
    return {int(status): {"model": Problem, "description": status.phrase} for status in sorted(statuses)}
