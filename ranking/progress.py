"""How far the region is: placements against targets, how far people came, and how many stay. Pure; no one is named.

Two rules keep it honest. A placement that still runs short of the hours is neither a success nor a failure: shares are
of what is over, and the chance to reach the hours is estimated with the running ones as what they are, censored
(Kaplan & Meier 1958, over the share of the hours worked). And a group of fewer than ``MIN_PEOPLE`` people is not shown,
nor can it be found by subtracting the others from the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from core.errors import InputError
from core.settings import Targets
from core.store import EventColumns
from core.vocabulary import EventKind, Route
from ranking.outcomes import PAIR, STAGE_OF, LabelDefinition, Outcome, Stage, placements, utc_instant

MIN_PEOPLE: Final = 5
MIN_RESOLVED: Final = 10  # placements that are over, below which an estimate says nothing
CONFIDENCE: Final = 0.95
_SMALL_HIDDEN: Final = 2  # groups that are hidden together, so that none follows from the whole


class Grouping(StrEnum):
    """What people are grouped by."""

    ROUTE = "route"
    MUNICIPALITY = "municipality"
    SECTOR = "sector"


class Trade(StrEnum):
    """Whether someone's new work is what they did before."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


class Goal(StrEnum):
    """What the plan counts."""

    VACANCIES = "vacancies"
    WORK_TO_OTHER = "work_to_other_occupation"
    WORK_TO_SAME = "work_to_same_occupation"
    BACK_TO_WORK = "back_to_work"
    LIGHT_GUIDANCE = "light_guidance"


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment up to another, the end excluded; ``None`` is open."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        """Raises InputError where it ends before it starts."""
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise InputError("the period ends before it starts; swap the days")

    def holds(self, moments: "pd.Series[pd.Timestamp]") -> "pd.Series[bool]":
        """Which of the moments lie in it; one that is not known does not."""
        inside = moments.notna()
        if self.start is not None:
            inside &= moments >= utc_instant(self.start)
        if self.end is not None:
            inside &= moments < utc_instant(self.end)
        return inside


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal, and how far one is."""

    goal: Goal
    reached: int
    target: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Shares between which the truth probably lies."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far the pairs of people and vacancies came; every stage counts those that came further too.

    Attributes:
        people: different people.
        seen: pairs that stood on a list, or came further without one.
        proposed: of these.
        placed: of these.
        retained: of the placed: reached the hours.
        ended: stopped before.
        running: still at work, short of the hours: not known yet.
        staying: of how many placements the hours are reached; ``None`` where too little is known.
    """

    people: int
    seen: int
    proposed: int
    placed: int
    retained: int
    ended: int
    running: int
    staying: Interval | None

    @property
    def resolved(self) -> int:
        """Placements whose outcome is known."""
        return self.retained + self.ended


@dataclass(frozen=True, slots=True)
class Group:
    """The funnel of one group; ``None`` where the group is too small to be shown."""

    name: str
    funnel: Funnel | None


def pair_table(events: EventColumns, *, as_of: datetime, label: LabelDefinition) -> pd.DataFrame:
    """One row for each pair that stood on a list or came further.

    Args:
        events: all events, or all of some people: a row depends on its own pair only.
        as_of: nothing later is looked at.
        label: what counts as lasting.

    Returns:
        Columns vacancy_id, talent_id, first_at (datetime64[us], UTC), stage (:class:`Stage`), placed_at (NaT unless
        placed), outcome (:class:`Outcome` or None), share (of the label's hours, 0 to 1; NaN unless placed), guided
        (whether there was a call after the signature).
    """
    known = _known(events, as_of)
    staged = known.assign(stage=known["kind"].map(STAGE_OF)).dropna(subset="stage")
    pairs = staged.groupby(PAIR, sort=False, as_index=False).agg(
        first_at=("occurred_at", "min"), stage=("stage", "max")
    )
    placed = placements(events, as_of=as_of, label=label)
    placed = placed.assign(share=(placed["hours_worked"] / label.hours).clip(0.0, 1.0))
    calls = (
        known[known["kind"] == EventKind.CHECKPOINT].groupby(PAIR, as_index=False).agg(called=("occurred_at", "max"))
    )
    told = placed[[*PAIR, "placed_at", "outcome", "share"]].merge(calls, how="left", on=PAIR)
    told["guided"] = told["called"] >= told["placed_at"]
    joined = pairs.merge(told.drop(columns="called"), how="left", on=PAIR)
    joined["guided"] = joined["guided"].eq(True)  # who was not placed is not guided
    return joined.astype({"stage": np.int64})


def _known(events: EventColumns, as_of: datetime) -> pd.DataFrame:
    names = ["kind", *PAIR, "occurred_at"]
    used = events.occurred_at <= utc_instant(as_of)
    return pd.DataFrame({name: getattr(events, name)[used] for name in names}).astype(
        dict.fromkeys(("kind", *PAIR), "str")
    )


def described(
    pairs: pd.DataFrame,
    routes: Mapping[str, Route | None],
    municipalities: Mapping[str, str | None],
    sectors: Mapping[str, str],
    trades: Mapping[tuple[str, str], Trade],
) -> pd.DataFrame:
    """The pairs with what they are grouped by.

    Args:
        pairs: of :func:`pair_table`.
        routes: by talent; who is not there is not known.
        municipalities: likewise.
        sectors: by vacancy; one that is not there has the empty name.
        trades: by (vacancy, talent), for the pairs of which it is known.

    Returns:
        The pairs with columns route, municipality, sector ("" is not known) and trade.
    """
    keys = zip(pairs["vacancy_id"], pairs["talent_id"], strict=True)
    return pairs.assign(
        route=[routes.get(one) or "" for one in pairs["talent_id"]],
        municipality=[municipalities.get(one) or "" for one in pairs["talent_id"]],
        sector=[sectors.get(one, "") for one in pairs["vacancy_id"]],
        trade=[trades.get(key, Trade.UNKNOWN) for key in keys],
    )


def goals(pairs: pd.DataFrame, targets: Targets, *, n_vacancies: int, period: Period) -> list[Reached]:
    """What was reached of each goal, by placements signed in a period.

    Args:
        pairs: of :func:`described`.
        targets: of the plan.
        n_vacancies: brought in.
        period: in which the placements were signed.
    """
    placed = pairs[period.holds(pairs["placed_at"])]
    from_work = placed["route"] == Route.WORK_TO_WORK
    counts = {
        Goal.VACANCIES: n_vacancies,
        Goal.WORK_TO_OTHER: int((from_work & (placed["trade"] == Trade.OTHER)).sum()),
        Goal.WORK_TO_SAME: int((from_work & (placed["trade"] == Trade.SAME)).sum()),
        Goal.BACK_TO_WORK: int((placed["route"] == Route.BACK_TO_WORK).sum()),
        Goal.LIGHT_GUIDANCE: int(placed["guided"].sum()),
    }
    return [Reached(goal, reached, getattr(targets, goal.value)) for goal, reached in counts.items()]


def not_counted(pairs: pd.DataFrame, period: Period) -> int:
    """Placements from work to work of which it is not known whether the occupation is another one."""
    placed = pairs[period.holds(pairs["placed_at"])]
    return int(((placed["route"] == Route.WORK_TO_WORK) & (placed["trade"] == Trade.UNKNOWN)).sum())


def funnel(pairs: pd.DataFrame) -> Funnel:
    """How far these pairs came."""
    outcome = pairs["outcome"]
    return Funnel(
        people=int(pairs["talent_id"].nunique()),
        seen=len(pairs),
        proposed=int((pairs["stage"] >= Stage.PROPOSED).sum()),
        placed=int((pairs["stage"] >= Stage.PLACED).sum()),
        retained=int((outcome == Outcome.RETAINED).sum()),
        ended=int((outcome == Outcome.ENDED).sum()),
        running=int((outcome == Outcome.CENSORED).sum()),
        staying=staying(pairs),
    )


def groups(pairs: pd.DataFrame, by: Grouping) -> list[Group]:
    """The funnel of each group, the largest first, what is not known last; small groups are not shown."""
    parts = {str(name): rows for name, rows in pairs.groupby(by.value, sort=True)}
    sizes = {name: int(rows["talent_id"].nunique()) for name, rows in parts.items()}
    hidden = _hidden(sizes)
    order = sorted(parts, key=lambda name: (not name, name in hidden, 0 if name in hidden else -sizes[name], name))
    return [Group(name, None if name in hidden else funnel(parts[name])) for name in order]


def _hidden(sizes: Mapping[str, int]) -> set[str]:
    """The groups that are too small, and so many others that none of these follows from the whole."""
    hidden = {name for name, size in sizes.items() if size < MIN_PEOPLE}
    for name in sorted(sizes.keys() - hidden, key=lambda one: (sizes[one], one)):
        total = sum(sizes[one] for one in hidden)
        if not hidden or (len(hidden) >= _SMALL_HIDDEN and total >= MIN_PEOPLE):
            break
        hidden.add(name)
    return hidden


def staying(pairs: pd.DataFrame) -> Interval | None:
    """Of which share of the placements among these pairs the hours are reached, estimated from all of them.

    Everybody counts up to the share of the hours that they worked. Where nobody stopped the product-limit has no
    spread, and Wilson's interval of those who arrived takes its place.

    Returns:
        The 95 % interval; ``None`` where fewer than ``MIN_RESOLVED`` placements are over, or nobody arrived yet.
    """
    placed = pairs[pairs["outcome"].notna()]
    ended = placed["outcome"] == Outcome.ENDED
    n_retained = int((placed["outcome"] == Outcome.RETAINED).sum())
    if n_retained + int(ended.sum()) < MIN_RESOLVED or not n_retained:
        return None
    if not ended.any():
        return Interval(*_wilson(n_retained, n_retained))
    worked = placed["share"].to_numpy(dtype=np.float64)
    seen = stats.CensoredData(uncensored=worked[ended], right=worked[~ended])
    band = stats.ecdf(seen).sf.confidence_interval(CONFIDENCE, method="log-log")
    low, high = (float(side.evaluate(1.0)) for side in (band.low, band.high))
    return Interval(low, high) if np.isfinite([low, high]).all() else None


def _wilson(successes: int, n: int) -> tuple[float, float]:
    found = stats.binomtest(successes, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)
