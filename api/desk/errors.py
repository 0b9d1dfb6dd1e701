"""Errors on a page: what to do next, in Dutch; never what a library said."""

from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from api.desk.session import FormRefused
from api.desk.site import catalogue, error_page
from api.problems import problem_of

_FIRST_ERROR: Final = 400


def answer(request: Request, error: Exception) -> Response:
    """The page for an error, or the redirect that it stands for.

    Args:
        request: for a page of the desk.
        error: whatever stopped it.
    """
    if isinstance(error, HTTPException) and error.status_code < _FIRST_ERROR:
        return RedirectResponse((error.headers or {})["Location"], status_code=error.status_code)
    if isinstance(error, FormRefused):
        t = catalogue()
        return error_page(request, error.status_code, title=t("login.expired.title"), detail=t("login.expired.detail"))
    status = problem_of(error).status
    response = error_page(request, status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response
