"""Cursussen: the catalogue, to be searched."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from api.desk.roles import Permission, requires
from api.desk.site import catalogue, page
from api.desk.words import ZONE
from api.service import OpenService
from core.accounts import User
from core.courses import Course
from core.vocabulary import Route
from ranking import dutch

router = APIRouter()

PATH: Final = "/cursussen"
PAGE_SIZE: Final = 25
MAX_PAGES: Final = 1_000


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course in the list.

    Attributes:
        course: the catalogue's record.
        gives: what it gives, each in words.
        paid_for: whose course is paid, in words.
        is_begun: whether its first lesson was before today.
    """

    course: Course
    gives: tuple[str, ...]
    paid_for: tuple[str, ...]
    is_begun: bool


@router.get(PATH)
def courses_page(
    request: Request,
    service: OpenService,
    _: Annotated[User, requires(Permission.COURSES_SEE)],
    search: Annotated[str, Query(alias="zoek", max_length=100)] = "",
    number: Annotated[int, Query(alias="pagina", ge=1, le=MAX_PAGES)] = 1,
) -> HTMLResponse:
    """A part of the catalogue, by title."""
    found = service.store.page_courses(search=search, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    today = service.clock().astimezone(ZONE).date()
    return page(
        request,
        "courses.html",
        lines=[line_of(course, today) for course in found.courses],
        total=found.total,
        search=search,
        number=number,
        previous=_address(search, number - 1) if number > 1 else None,
        next=_address(search, number + 1) if number * PAGE_SIZE < found.total else None,
    )


def line_of(course: Course, today: date) -> CourseLine:
    """A course as the list shows it."""
    t = catalogue()
    languages = (dutch.LANGUAGE_NL.get(item.code, item.code) for item in course.languages_given)
    gives = (
        *course.certificates_given,
        *(t("courses.gives.licence", what=licence) for licence in course.licences_given),
        *(t("courses.gives.language", what=language) for language in languages),
        *([t("courses.gives.diploma", n=course.education_level_given)] if course.education_level_given else []),
        *course.skills_given,
    )
    is_begun = course.starts_on is not None and course.starts_on < today
    return CourseLine(course, gives, _paid_for(course), is_begun)


def _paid_for(course: Course) -> tuple[str, ...]:
    t, routes = catalogue(), course.funded_for
    if routes is None:
        return (t("courses.not_known"),)
    if set(routes) == set(Route):
        return (t("courses.everyone"),)
    return tuple(t.label(route) for route in routes) or (t("courses.nobody"),)


def _address(search: str, number: int) -> str:
    asked = {"zoek": search} if search else {}
    return f"{PATH}?{urlencode(asked | {'pagina': number})}"
