"""How far the region is: placements against targets, how far people came, and how many stay. Pure; no one is named.

Two rules keep it honest. A placement that still runs short of the hours is neither a success nor a failure: shares are
of what is over, and the chance to reach the hours is estimated with the running ones as what they are, censored
(Kaplan & Meier 1958, over the share of the hours worked). And a group of fewer than ``MIN_PEOPLE`` people is not shown,
nor can it be found by subtracting the others from the whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from core.errors import InputError
from core.sectors import Sector
from core.settings import Targets
from core.store import EventColumns
from core.vocabulary import EventKind, Route
from ranking.outcomes import PAIR, STAGE_OF, LabelDefinition, Outcome, Stage, placements, utc_instant

Objects = npt.NDArray[np.object_]
Instants = npt.NDArray[np.datetime64]
Bools = npt.NDArray[np.bool_]

MIN_PEOPLE: Final = 5
MIN_RESOLVED: Final = 10  # placements that are over, below which an estimate says nothing
_Z: Final = float(stats.norm.ppf(0.975))  # for an interval of 95 %
_TYPES: Final[Mapping[str, Any]] = {
    "vacancy_id": object,
    "talent_id": object,
    "first_at": "datetime64[us]",
    "stage": np.int64,
    "placed_at": "datetime64[us]",
    "outcome": object,
    "share": np.float64,
    "guided": bool,
}
_HIDDEN_TOGETHER: Final = 2  # groups that are not shown, so that none follows from the whole


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

    def holds(self, moments: Instants) -> Bools:
        """Which of the moments (n,) lie in it; one that is not known does not."""
        inside: Bools = ~np.isnat(moments)
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


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of people and vacancies that stood on a list or came further; every array has shape (n,).

    Attributes:
        vacancy_id: str.
        talent_id: str.
        first_at: when they first did; datetime64[us], UTC, as is ``placed_at``.
        stage: the furthest, a value of :class:`ranking.outcomes.Stage`.
        placed_at: NaT unless placed.
        outcome: str, a value of :class:`ranking.outcomes.Outcome`; empty unless placed.
        share: of the label's hours that was worked, 0 to 1; NaN unless placed.
        guided: whether there was an aftercare call since the signature.
        route: str, a value of ``Route``; empty where not known, as are the next two.
        municipality: str.
        sector: str, a value of ``Sector``.
        trade: str, a value of :class:`Trade`.
    """

    vacancy_id: Objects
    talent_id: Objects
    first_at: Instants
    stage: npt.NDArray[np.int64]
    placed_at: Instants
    outcome: Objects
    share: npt.NDArray[np.float64]
    guided: Bools
    route: Objects
    municipality: Objects
    sector: Objects
    trade: Objects

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.stage)

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """The pairs of several tables after one another."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def where(self, mask: Bools) -> "Pairs":
        """The pairs under a mask (n,), in order."""
        return Pairs(*(getattr(self, field.name)[mask] for field in fields(self)))


def pairs_of(events: EventColumns, *, as_of: datetime, label: LabelDefinition) -> Pairs:
    """What the events say of each pair that stood on a list or came further; :func:`grouped` fills in the rest.

    Args:
        events: all events, or all of some people: a row depends on its own pair only.
        as_of: nothing later is looked at.
        label: what counts as lasting.
    """
    known = pd.DataFrame({name: getattr(events, name) for name in ("kind", *PAIR, "occurred_at")})
    known = known[events.occurred_at <= utc_instant(as_of)]
    staged = known.assign(stage=known["kind"].map(STAGE_OF)).dropna(subset="stage")
    pairs = staged.groupby(PAIR, sort=False, as_index=False).agg(
        first_at=("occurred_at", "min"), stage=("stage", "max")
    )
    told = _placed(known, events, as_of, label)
    joined = pairs.merge(told, how="left", on=PAIR)
    joined["guided"] = joined["guided"].eq(True)  # who was not placed is not guided
    joined["outcome"] = joined["outcome"].where(joined["outcome"].notna(), "")
    columns = {name: joined[name].astype(kind).to_numpy() for name, kind in _TYPES.items()}
    blank = np.full(len(joined), "", dtype=np.object_)
    return Pairs(**columns, route=blank, municipality=blank, sector=blank, trade=blank)


def _placed(known: pd.DataFrame, events: EventColumns, as_of: datetime, label: LabelDefinition) -> pd.DataFrame:
    """What became of the placements: vacancy_id, talent_id, placed_at, outcome, share, guided."""
    placed = placements(events, as_of=as_of, label=label)
    placed = placed.assign(share=(placed["hours_worked"] / label.hours).clip(0.0, 1.0))
    calls = (
        known[known["kind"] == EventKind.CHECKPOINT].groupby(PAIR, as_index=False).agg(called=("occurred_at", "max"))
    )
    told = placed[[*PAIR, "placed_at", "outcome", "share"]].astype(dict.fromkeys((*PAIR, "outcome"), object))
    told = told.merge(calls, how="left", on=PAIR)
    return told.assign(guided=told["called"] >= told["placed_at"]).drop(columns="called")


def grouped(
    pairs: Pairs,
    routes: Mapping[str, Route | None],
    municipalities: Mapping[str, str | None],
    sectors: Mapping[str, Sector],
    trades: Mapping[tuple[str, str], Trade],
) -> Pairs:
    """The pairs with what they are grouped by.

    Args:
        pairs: n of them.
        routes: by talent; who is not there is not known.
        municipalities: likewise.
        sectors: by vacancy, likewise.
        trades: by (vacancy, talent), for the pairs of which it is known.
    """
    people, jobs = pairs.talent_id.tolist(), pairs.vacancy_id.tolist()
    return replace(
        pairs,
        route=_words([routes.get(one) or "" for one in people]),
        municipality=_words([municipalities.get(one) or "" for one in people]),
        sector=_words([sectors.get(one, Sector.UNKNOWN) for one in jobs]),
        trade=_words([trades.get(pair, Trade.UNKNOWN) for pair in zip(jobs, people, strict=True)]),
    )


def _words(values: Sequence[str]) -> Objects:
    return np.array(["" if value is Sector.UNKNOWN else str(value) for value in values], dtype=np.object_)


def goals(pairs: Pairs, targets: Targets, *, n_vacancies: int, period: Period) -> list[Reached]:
    """What was reached of each goal, by placements signed in a period.

    Args:
        pairs: all of them.
        targets: of the plan.
        n_vacancies: brought in.
        period: in which the placements were signed.
    """
    placed = pairs.where(period.holds(pairs.placed_at))
    from_work = placed.route == Route.WORK_TO_WORK
    counts = {
        Goal.VACANCIES: n_vacancies,
        Goal.WORK_TO_OTHER: int((from_work & (placed.trade == Trade.OTHER)).sum()),
        Goal.WORK_TO_SAME: int((from_work & (placed.trade == Trade.SAME)).sum()),
        Goal.BACK_TO_WORK: int((placed.route == Route.BACK_TO_WORK).sum()),
        Goal.LIGHT_GUIDANCE: int(placed.guided.sum()),
    }
    return [Reached(goal, reached, getattr(targets, goal.value)) for goal, reached in counts.items()]


def not_counted(pairs: Pairs, period: Period) -> int:
    """Placements from work to work of which it is not known whether the occupation is another one."""
    placed = pairs.where(period.holds(pairs.placed_at))
    return int(((placed.route == Route.WORK_TO_WORK) & (placed.trade == Trade.UNKNOWN)).sum())


def funnel(pairs: Pairs) -> Funnel:
    """How far these pairs came."""
    return Funnel(
        people=_people(pairs),
        seen=len(pairs),
        proposed=int((pairs.stage >= Stage.PROPOSED).sum()),
        placed=int((pairs.stage >= Stage.PLACED).sum()),
        retained=int((pairs.outcome == Outcome.RETAINED).sum()),
        ended=int((pairs.outcome == Outcome.ENDED).sum()),
        running=int((pairs.outcome == Outcome.CENSORED).sum()),
        staying=staying(pairs),
    )


def _people(pairs: Pairs) -> int:
    return len(set(pairs.talent_id.tolist()))


def groups(pairs: Pairs, by: Grouping) -> list[Group]:
    """The funnel of each group, the largest first, what is not known and what is too small to show at the end."""
    numbers, names = pd.factorize(getattr(pairs, by.value))
    parts = {str(name): pairs.where(numbers == number) for number, name in enumerate(names)}
    sizes = {name: _people(part) for name, part in parts.items()}
    hidden = _hidden(sizes)
    shown = sorted(parts.keys() - hidden, key=lambda name: (not name, -sizes[name], name))
    return [Group(name, funnel(parts[name])) for name in shown] + [Group(name, None) for name in sorted(hidden)]


def _hidden(sizes: Mapping[str, int]) -> set[str]:
    """The groups that are too small, and so many others that none of these follows from the whole."""
    hidden = {name for name, size in sizes.items() if size < MIN_PEOPLE}
    for name in sorted(sizes.keys() - hidden, key=lambda one: (sizes[one], one)):
        total = sum(sizes[one] for one in hidden)
        if not hidden or (len(hidden) >= _HIDDEN_TOGETHER and total >= MIN_PEOPLE):
            break
        hidden.add(name)
    return hidden


def staying(pairs: Pairs) -> Interval | None:
    """Of which share of the placements among these pairs the hours are reached, estimated from all of them.

    Everybody counts up to the share of the hours that they worked (product-limit, Kaplan & Meier 1958; interval by
    Greenwood's variance of the log of minus the log). Where nobody stopped that has no spread, and Wilson's interval of
    those who arrived takes its place.

    Returns:
        The 95 % interval; ``None`` where fewer than ``MIN_RESOLVED`` placements are over, or nobody arrived yet.
    """
    retained, ended = pairs.outcome == Outcome.RETAINED, pairs.outcome == Outcome.ENDED
    n_retained, n_ended = int(retained.sum()), int(ended.sum())
    if n_retained + n_ended < MIN_RESOLVED or not n_retained:
        return None
    if not n_ended:
        return Interval(n_retained / (n_retained + _Z**2), 1.0)
    worked = np.sort(pairs.share[pairs.outcome != ""])
    at, n_stopped = np.unique(pairs.share[ended], return_counts=True)
    n_there = len(worked) - np.searchsorted(worked, at, side="left")
    chance = float(np.prod(1.0 - n_stopped / n_there))
    variance = float((n_stopped / (n_there * (n_there - n_stopped))).sum())
    spread = _Z * np.sqrt(variance) / np.log(chance)
    return Interval(float(chance ** np.exp(-spread)), float(chance ** np.exp(spread)))
