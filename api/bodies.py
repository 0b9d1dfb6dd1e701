"""Request bodies: strict JSON, the media types that are read, and records whose id stands in the path."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import Depends, Path, Request, Response
from fastapi.routing import APIRoute

from api.adhoc import content_id
from api.problems import RequestRefused
from core.errors import InputError
from core.records import Identifier, Talent, Vacancy

NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")

TalentId = Annotated[Identifier, Path(description="Id of the talent.", examples=["T-000123"])]
VacancyId = Annotated[Identifier, Path(description="Id of the vacancy.", examples=["V-000042"])]
ShortlistId = Annotated[Identifier, Path(description="Id of a shortlist that was given before.")]


class StrictJsonRequest(Request):
    """A request whose JSON is RFC 8259: no NaN, no lone surrogates, bounded depth."""

    async def json(self) -> Any:
        """The body as JSON; raises json.JSONDecodeError."""
        return orjson.loads(await self.body())


class StrictJsonRoute(APIRoute):
    """A route that reads its JSON body with :class:`StrictJsonRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, given the strict request."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictJsonRequest(request.scope, request.receive))

        return strict


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def _only_json(request: Request) -> None:
    media_type = _media_type(request)
    if _has_body(request) and media_type != "application/json" and not media_type.endswith("+json"):
        raise RequestRefused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as JSON, with Content-Type: application/json."
        )


async def _only_ndjson(request: Request) -> None:
    if _media_type(request) not in NDJSON_TYPES:
        raise RequestRefused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Send one JSON record a line, with Content-Type: application/x-ndjson.",
        )


reads_json = Depends(_only_json)
reads_ndjson = Depends(_only_ndjson)


class TalentBody(Talent):
    """A talent as sent to its own address: the path names it, so the body need not."""

    talent_id: Identifier | None = None  # type: ignore[assignment]

    def named(self, talent_id: str) -> Talent:
        """The talent under the id of the path.

        Raises:
            InputError: the body names another talent.
        """
        _same_id(self.talent_id, talent_id, "talent_id")
        return Talent.model_validate(self.model_dump(exclude_unset=True) | {"talent_id": talent_id})


class VacancyBody(Vacancy):
    """A vacancy whose id stands in the path, or that has none yet."""

    vacancy_id: Identifier | None = None  # type: ignore[assignment]

    def named(self, vacancy_id: str) -> Vacancy:
        """The vacancy under the id of the path.

        Raises:
            InputError: the body names another vacancy.
        """
        _same_id(self.vacancy_id, vacancy_id, "vacancy_id")
        return Vacancy.model_validate(self.model_dump(exclude_unset=True) | {"vacancy_id": vacancy_id})

    def identified(self) -> Vacancy:
        """The vacancy under its own id, or else under one made from its content: same content, same id."""
        content = self.model_dump_json(exclude_unset=True).encode()
        return self.named(self.vacancy_id or content_id(content))


def _same_id(in_body: str | None, in_path: str, field: str) -> None:
    if in_body is not None and in_body != in_path:
        raise InputError(f"{field} in the body is not the id in the path; make them equal or leave it out")


def json_response(content: bytes | str, headers: dict[str, str] | None = None) -> Response:
    """A JSON response of text that was serialised off the event loop."""
    return Response(content, media_type="application/json", headers=headers)
