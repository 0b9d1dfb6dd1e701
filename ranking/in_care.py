"""The placements that aftercare looks after, read from what happened: who still works there, the hours, the calls.

A pair depends on its own events only. Nothing that ranks or learns imports this; see :mod:`ranking.aftercare`.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from core.store import EventColumns
from core.vocabulary import CheckpointMoment, EventKind
from ranking.outcomes import DEFAULT_LABEL, LABELS, Ending, Outcome, placements, utc_instant

LOST: Final = timedelta(days=60)  # for so long after a call that found nobody at work, somebody is looked after

Pair = tuple[str, str]
"""A placement: vacancy_id and talent_id."""


class HoursFrom(StrEnum):
    """How the hours so far are known."""

    TIMECARDS = "timecards"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Placement:
    """A placement that aftercare looks after: it runs, or a call found that it does not any more.

    Attributes:
        vacancy_id: of the job.
        talent_id: of the person.
        starts_on: first day.
        hours_per_week: of the contract.
        contract_ends_on: None without an end.
        ends_on: the end that was told, ahead or past; None when nobody told.
        runs: the person still works there, as far as known.
        hours: worked so far.
        hours_from: how these are known.
        carded_on: day of the last timecard; None without.
        retained: the 1,040 hours are there.
        calls: moments that were answered since the signature, each with the day of its last call.
        doubts: the last call told of doubts.
        reason_is_open: a call found nobody at work, and nobody told since when or why.
    """

    vacancy_id: str
    talent_id: str
    starts_on: date
    hours_per_week: float
    contract_ends_on: date | None
    ends_on: date | None
    runs: bool
    hours: float
    hours_from: HoursFrom
    carded_on: date | None
    retained: bool
    calls: Mapping[CheckpointMoment, date]
    doubts: bool
    reason_is_open: bool

    @property
    def pair(self) -> Pair:
        """What names it."""
        return self.vacancy_id, self.talent_id


def in_care(events: EventColumns, *, as_of: datetime, doubts: Collection[str] = ()) -> dict[Pair, Placement]:
    """The placements that aftercare looks after.

    A pair depends on its own events only: who knows which pairs changed can ask for those alone.

    Args:
        events: all events, or those of ``OUTCOME_KINDS``; those after ``as_of`` are not looked at.
        as_of: the moment.
        doubts: ids of ``checkpoint`` events that told of doubts.
    """
    hired, cutoff = placements(events, as_of=as_of, label=LABELS[DEFAULT_LABEL]), utc_instant(as_of)
    lost = (hired["ended_by"] == Ending.NOT_AT_WORK) & (hired["outcome"] == Outcome.ENDED)
    kept = hired[hired["ended_on"].isna() | (lost & (hired["ended_on"] > cutoff - np.timedelta64(LOST)))]
    found = _placements(events, kept, cutoff, doubts)
    return {pair: placement for pair, placement in found.items() if placement.runs or placement.reason_is_open}


def every_placement(events: EventColumns, *, as_of: datetime, doubts: Collection[str] = ()) -> dict[Pair, Placement]:
    """All placements, those that are over too; as :func:`in_care`, for the events of a few people."""
    hired = placements(events, as_of=as_of, label=LABELS[DEFAULT_LABEL])
    return _placements(events, hired, utc_instant(as_of), doubts)


def _placements(
    events: EventColumns, hired: pd.DataFrame, cutoff: np.datetime64, doubts: Collection[str]
) -> dict[Pair, Placement]:
    told = _told(events, hired, cutoff, frozenset(doubts))
    rows = [(row["vacancy_id"], row["talent_id"], row) for row in hired.to_dict("records")]
    return {(vacancy, talent): _placement(row, told[vacancy, talent]) for vacancy, talent, row in rows}


@dataclass(slots=True)
class _Told:
    """What calls and reports told of one placement."""

    calls: dict[CheckpointMoment, date]
    doubts: bool = False
    ends_on: date | None = None
    reported: bool = False


def _told(events: EventColumns, kept: pd.DataFrame, cutoff: np.datetime64, doubts: frozenset[str]) -> dict[Pair, _Told]:
    """Calls and ends since each placement's signature, read in order of time and then of id."""
    signed = dict(zip(zip(kept["vacancy_id"], kept["talent_id"], strict=True), kept["placed_at"], strict=True))
    told = {pair: _Told({}) for pair in signed}
    pairs = zip(events.vacancy_id, events.talent_id, events.kind, strict=True)
    telling = {EventKind.CHECKPOINT.value, EventKind.ENDED.value}
    of_these = [row for row, (*pair, kind) in enumerate(pairs) if kind in telling and tuple(pair) in signed]
    for row in sorted(of_these, key=lambda number: (events.occurred_at[number], events.event_id[number])):
        pair, at = (events.vacancy_id[row], events.talent_id[row]), events.occurred_at[row]
        if not signed[pair].to_datetime64() <= at <= cutoff:
            continue
        known = told[pair]
        if events.kind[row] == EventKind.ENDED:
            known.reported = True
            known.ends_on = _earliest(known.ends_on, events.ended_on[row].item())
            continue
        known.calls[CheckpointMoment(events.moment[row])] = at.item().date()
        known.doubts = events.event_id[row] in doubts
        if events.still_working[row] == 0.0:
            known.ends_on = _earliest(known.ends_on, at.item().date())
    return told


def _placement(row: Mapping[Hashable, Any], told: _Told) -> Placement:
    """A row of :func:`placements` with what was told of it."""
    carded = _day(row["carded_at"])
    return Placement(
        vacancy_id=row["vacancy_id"],
        talent_id=row["talent_id"],
        starts_on=row["starts_on"].date(),
        hours_per_week=row["hours_per_week"],
        contract_ends_on=_day(row["contract_ends_on"]),
        ends_on=told.ends_on,
        runs=_day(row["ended_on"]) is None,
        hours=row["hours_worked"],
        hours_from=HoursFrom.CONTRACT if carded is None else HoursFrom.TIMECARDS,
        carded_on=carded,
        retained=row["outcome"] == Outcome.RETAINED,
        calls=told.calls,
        doubts=told.doubts,
        reason_is_open=_day(row["ended_on"]) is not None and not told.reported,
    )


def _day(value: pd.Timestamp | None) -> date | None:
    return None if value is None or pd.isna(value) else value.date()


def _earliest(known: date | None, told: date) -> date:
    return told if known is None else min(known, told)
