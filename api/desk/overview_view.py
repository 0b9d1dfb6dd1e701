"""What the overview shows, in words and pictures; the counting is in :mod:`ranking.progress`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.desk import charts
from api.desk.charts import Bar
from api.desk.site import catalogue
from api.desk.words import number
from core.sectors import Sector
from core.settings import Targets
from core.vocabulary import Route
from ranking.progress import Funnel, Group, Grouping, Interval, Reached

_HUNDRED: Final = 100
MAX_BARS: Final = 25
"""Groups in a picture; the table has all."""


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal as the table shows it.

    Attributes:
        name: in words.
        reached: so many.
        target: to reach.
        to_go: still to reach; 0 when it was.
    """

    name: str
    reached: int
    target: int
    to_go: int


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group as the table shows it.

    Attributes:
        name: in words.
        funnel: ``None`` where the group is too small to be shown.
        staying: the estimate in words.
    """

    name: str
    funnel: Funnel | None
    staying: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of how many in a hundred placements the hours are reached, and what that says of the target.

    Attributes:
        low: in a hundred, rounded down.
        high: rounded up.
        verdict: whether the target lies below, within or above it, in words.
    """

    low: int
    high: int
    verdict: str


def goal_lines(found: Sequence[Reached]) -> list[GoalLine]:
    """The goals in words."""
    t = catalogue()
    return [
        GoalLine(t(f"overview.goal.{one.goal}"), one.reached, one.target, max(0, one.target - one.reached))
        for one in found
    ]


def goal_picture(lines: Sequence[GoalLine]) -> str:
    """What was reached beside the targets."""
    t = catalogue()
    bars = tuple(
        Bar(
            line.name,
            (line.reached / line.target,),
            t("overview.goals.of", reached=number(line.reached), target=number(line.target)),
        )
        for line in lines
    )
    return charts.against(bars, t("overview.goals.picture"), t("overview.goals.picture_about"))


def group_lines(found: Sequence[Group], by: Grouping) -> list[GroupLine]:
    """The groups in words."""
    return [line_of(_name(group.name, by), group.funnel) for group in found]


def line_of(name: str, found: Funnel | None) -> GroupLine:
    """One group, or all together."""
    return GroupLine(name, found, _between(found.staying) if found is not None else "")


def group_picture(lines: Sequence[GroupLine], per: str, hours: str) -> str | None:
    """The placements of each group by what came of them; None where nobody was placed."""
    t = catalogue()
    bars = tuple(
        Bar(
            line.name,
            (line.funnel.retained, line.funnel.running, line.funnel.ended),
            number(line.funnel.placed),
        )
        for line in lines
        if line.funnel is not None and line.funnel.placed
    )[:MAX_BARS]
    if not bars:
        return None
    legend = (
        t("overview.groups.retained", hours=hours),
        t("overview.groups.running"),
        t("overview.groups.ended"),
    )
    title = t("overview.groups.picture", per=per)
    return charts.shares(bars, legend, title, t("overview.groups.picture_about"))


def estimate_of(found: Interval | None, targets: Targets) -> Estimate | None:
    """The estimate beside the target; None where there is none yet."""
    if found is None:
        return None
    target, key = targets.reach_hours_share, "within"
    if found.low > target:
        key = "above"
    elif found.high < target:
        key = "below"
    return Estimate(*_rounded(found), catalogue()(f"overview.staying.{key}"))


def _between(found: Interval | None) -> str:
    t = catalogue()
    if found is None:
        return t("overview.groups.unsure")
    low, high = _rounded(found)
    return t("overview.groups.between", low=low, high=high)


def _rounded(found: Interval) -> tuple[int, int]:
    """In a hundred, and never narrower than it is."""
    return math.floor(found.low * _HUNDRED), math.ceil(found.high * _HUNDRED)


def _name(name: str, by: Grouping) -> str:
    t = catalogue()
    if not name:
        return t("overview.not_known")
    if by is Grouping.MUNICIPALITY:
        return name
    said = t.label(Route(name) if by is Grouping.ROUTE else Sector(name))
    return said[:1].upper() + said[1:]
