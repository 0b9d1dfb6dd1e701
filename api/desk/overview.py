"""Overzicht: progress against the plan's targets, who reaches the hours, and how far people came, group by group."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from api.desk.overview_book import Counted, OpenOverview
from api.desk.overview_view import (
    estimate_of,
    goal_lines,
    goal_picture,
    group_lines,
    group_picture,
    line_of,
)
from api.desk.roles import Permission, requires
from api.desk.site import catalogue, page
from api.desk.words import ZONE, number
from api.service import OpenService
from core.accounts import User
from core.errors import InputError
from core.settings import Settings, Targets
from ranking.outcomes import DEFAULT_LABEL, LABELS
from ranking.progress import MIN_PEOPLE, Grouping, Period, funnel, goals, groups, not_counted

router = APIRouter()

PATH: Final = "/overzicht"
_HOURS: Final = LABELS[DEFAULT_LABEL].hours
_YEARS: Final = range(1900, 2201)  # days beyond these are slips of the finger
_KEPT: Final = 64  # answers to what was asked before, as long as nothing happened


class Per(StrEnum):
    """What the groups are made by, as the address says it."""

    ROUTE = "route"
    MUNICIPALITY = "gemeente"
    SECTOR = "sector"

    @property
    def grouping(self) -> Grouping:
        """The same for who counts."""
        return Grouping[self.name]


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a visitor asked for.

    Attributes:
        since: the first, as it was typed; empty is from the beginning.
        until: the last, likewise.
        period: all of time where the days cannot be read.
        errors: message by field.
    """

    since: str
    until: str
    period: Period
    errors: dict[str, str]


@router.get(PATH)
def overview_page(
    request: Request,
    book: OpenOverview,
    service: OpenService,
    _: Annotated[User, requires(Permission.OVERVIEW_SEE)],
    since: Annotated[str | None, Query(alias="van", max_length=20)] = None,
    until: Annotated[str | None, Query(alias="tot", max_length=20)] = None,
    per: Annotated[Per, Query()] = Per.ROUTE,
) -> HTMLResponse:
    """The plan's figures as they are now; without days those of the plan itself."""
    settings: Settings = request.state.settings
    targets = settings.targets
    if since is None and until is None:
        since, until = (day.isoformat() if day else "" for day in (targets.since, targets.until))
    days = days_of(since or "", until or "")
    counted = book.counted(service.clock())
    t = catalogue()
    return page(
        request,
        "overview.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if days.errors else HTTPStatus.OK,
        errors=days.errors,
        days=days,
        per=per,
        pers=[(one.value, t(f"overview.per.{one.grouping}")) for one in Per],
        hours=number(_HOURS),
        read_at=counted.read_at,
        min_people=MIN_PEOPLE,
        **_figures(counted, days.period, per, targets),
    )


def days_of(since: str, until: str) -> Days:
    """Reads the two days; both count whole, by the clock of the Netherlands."""
    t, errors = catalogue(), {}
    first, last = _day(since), _day(until)
    for name, key, typed, day in (("van", "from", since, first), ("tot", "until", until, last)):
        if typed and day is None:
            errors[name] = t("overview.bad_day", field=t(f"overview.{key}"))
    try:
        period = Period(_midnight(first), _midnight(last + timedelta(days=1) if last else None))
    except InputError:
        errors["van"], period = t("overview.bad_order"), Period()
    return Days(since, until, period, errors)


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), ZONE) if day else None


def _figures(counted: Counted, period: Period, per: Per, targets: Targets) -> dict[str, Any]:
    """What the page shows of a period; the same question about the same events is answered once."""
    key = (period, per, targets)
    if key not in counted.answers:
        if len(counted.answers) >= _KEPT:
            counted.answers.clear()
        counted.answers[key] = _counted_anew(counted, period, per, targets)
    return counted.answers[key]


def _counted_anew(counted: Counted, period: Period, per: Per, targets: Targets) -> dict[str, Any]:
    pairs = counted.pairs
    signed = pairs.where(period.holds(pairs.placed_at))
    seen = pairs.where(period.holds(pairs.first_at))
    placed, everybody = funnel(signed), funnel(seen)
    found = goal_lines(goals(pairs, targets, n_vacancies=counted.n_vacancies, period=period))
    lines = group_lines(groups(seen, per.grouping), per.grouping)
    t = catalogue()
    return {
        "goals": found,
        "goal_picture": goal_picture(found),
        "not_counted": not_counted(pairs, period),
        "placed": placed,
        "estimate": estimate_of(placed.staying, targets),
        "reach": round(targets.reach_hours_share * 100),
        "is_empty": not len(pairs),
        "people": everybody.people,
        "groups": lines,
        "together": line_of(t("overview.together"), everybody),
        "group_picture": group_picture(lines, t(f"overview.per.{per.grouping}"), number(_HOURS)),
    }
