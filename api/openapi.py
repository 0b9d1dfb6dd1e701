"""The OpenAPI document: problems under their own media type, and what FastAPI cannot know."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import MEDIA_TYPE

DESCRIPTION = """\
Kansrijk finds the people who will last in a vacancy of a small firm, and says why.

* **Unknown is `null` or absent, and never the same as no.** An unknown answer excludes nobody.
* Problems are RFC 9457 `application/problem+json`. Every answer carries `X-Request-ID`.
* Writers who share a record send the `ETag` they read as `If-Match`.
"""
_FIRST_PROBLEM_STATUS = 400


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of the application, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        for methods in document["paths"].values():
            for operation in methods.values():
                _problems_by_their_media_type(operation)
        app.openapi_schema = document
    return app.openapi_schema


def _problems_by_their_media_type(operation: dict[str, Any]) -> None:
    """FastAPI documents every model under the media type of the route's answer."""
    for status, response in operation["responses"].items():
        if int(status) >= _FIRST_PROBLEM_STATUS and "content" in response:
            response["content"] = {MEDIA_TYPE: next(iter(response["content"].values()))}
