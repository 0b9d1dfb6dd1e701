"""Events → what became of each pair: the stage reached, and for placements the time in the job and the outcome.

One code for the labels that training learns from and for the employer history that serving uses as a feature.

The life of a pair is a state machine: shown → proposed → interviewed → placed → at work → retained or ended. Steps may
be skipped (a proposal without a list, a signature without a talk). What cannot be has a defined outcome, and
:func:`oddities` names the pairs:

- aftercare (a call, hours, an end) before any signature says nothing and is left out;
- a pair that is placed twice counts once, by its last signature, from the start of that one; the aftercare of an
  earlier one is not carried over;
- an end before the start is a placement that never began: no hours, ended;
- a call that finds someone at work after they had left does not undo the end;
- hours that fall are a mistake: the most that was ever reported counts, unless somebody said that it corrects what was
  told before. Hours that arrive after the end count, because timecards come late: they may still show that a placement
  lasted.

All of this looks at what occurred until the cut-off only, in order of time and then of event id, so that neither the
order of import nor what happens later can change an answer.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InputError
from core.store import EventColumns
from core.vocabulary import EventKind

PAIR = ["vacancy_id", "talent_id"]


class Stage(IntEnum):
    """How far a pair came; higher is further."""

    SHOWN = 0
    PROPOSED = 1
    INTERVIEWED = 2
    PLACED = 3


STAGE_OF = {
    EventKind.SHOWN: Stage.SHOWN,
    EventKind.PROPOSED: Stage.PROPOSED,
    EventKind.INTERVIEWED: Stage.INTERVIEWED,
    EventKind.PLACED: Stage.PLACED,
}
_AFTERCARE = (EventKind.CHECKPOINT, EventKind.HOURS, EventKind.ENDED)
OUTCOME_KINDS = (EventKind.PLACED, *_AFTERCARE)
"""All that :func:`placements` reads; of a large history a few percent."""


class Ending(StrEnum):
    """How it is known that someone no longer works there."""

    REPORTED = "reported"  # an ended event, whose reason says why
    NOT_AT_WORK = "not_at_work"  # a call found nobody at work


class Oddity(StrEnum):
    """What cannot be in the life of a pair; see the module for what then counts."""

    AFTERCARE_WITHOUT_PLACEMENT = "aftercare_without_placement"
    PLACED_AGAIN = "placed_again"
    ENDED_BEFORE_START = "ended_before_start"
    AT_WORK_AFTER_END = "at_work_after_end"
    HOURS_FELL = "hours_fell"


class Outcome(StrEnum):
    """What is known of a placement at a cut-off."""

    RETAINED = "retained"
    ENDED = "ended"
    CENSORED = "censored"


class Counting(StrEnum):
    """Which hours a label definition counts."""

    WORKED = "worked"
    CONTRACTED = "contracted"


@dataclass(frozen=True, slots=True)
class LabelDefinition:
    """What counts as a lasting placement; a definition is data, with a version in its name."""

    name: str
    hours: float
    counting: Counting
    why: str


LABELS: dict[str, LabelDefinition] = {
    label.name: label
    for label in (
        LabelDefinition("retained-1040h-v1", 1040.0, Counting.WORKED, "half a year of full-time work done: it lasted"),
        LabelDefinition(
            "contracted-1040h-v1",
            1040.0,
            Counting.CONTRACTED,
            "the sector plan's other reading: signed for 1,040 hours",
        ),
    )
}
DEFAULT_LABEL = "retained-1040h-v1"


def label_definition(name: str) -> LabelDefinition:
    """Looks a definition up.

    Raises:
        InputError: there is no such definition.
    """
    if name not in LABELS:
        raise InputError(f"unknown label {name!r}; choose one of {', '.join(LABELS)}")
    return LABELS[name]


def placements(events: EventColumns, *, as_of: datetime, label: LabelDefinition) -> pd.DataFrame:
    """One row per placement with its outcome as known at the cut-off.

    Args:
        events: all events, or those of ``OUTCOME_KINDS``; those after ``as_of`` are not looked at.
        as_of: the cut-off.
        label: what counts as lasting.

    Returns:
        Columns vacancy_id, talent_id, placed_at (datetime64[us], UTC), starts_on (datetime64[s]), hours_per_week,
        hours_worked (float, as far as known), weeks_in_job (float), outcome (:class:`Outcome`), resolved_at (when
        the outcome became known; NaT while censored), ended_on (datetime64[us], NaT unless it is over by the cut-off,
        whatever the outcome), ended_by (:class:`Ending` or None), days_needed (float: whole weeks of contract hours
        that make the label's hours, in days), contract_ends_on (datetime64[s], NaT without an end), carded_at
        (datetime64[us]: the last timecard, NaT where hours are only counted from the contract). Ordered by placed_at,
        vacancy_id, talent_id; a pair has one row.
    """
    cutoff = utc_instant(as_of)
    return outcomes_at(outcome_events(events, cutoff), cutoff, label)


def outcome_events(events: EventColumns, cutoff: np.datetime64) -> pd.DataFrame:
    """The events that outcomes are made of, until a cut-off, in their order."""
    return _frame(events, cutoff, pd.Series(events.kind).isin(OUTCOME_KINDS).to_numpy())


def outcomes_at(
    known: pd.DataFrame, cutoff: "np.datetime64 | pd.Series[pd.Timestamp]", label: LabelDefinition
) -> pd.DataFrame:
    """:func:`placements` of events that all had occurred.

    Args:
        known: of :func:`outcome_events`.
        cutoff: the same for all, or one of each row of ``known``, alike for all rows of a pair.
        label: what counts as lasting.
    """
    known = known.assign(cutoff=cutoff)
    placed = known[known["kind"] == EventKind.PLACED].drop_duplicates(PAIR, keep="last")
    kept: pd.DataFrame = placed[
        [*PAIR, "occurred_at", "starts_on", "contract_ends_on", "contract_hours_per_week", "cutoff"]
    ]
    frame = kept.rename(columns={"occurred_at": "placed_at", "contract_hours_per_week": "hours_per_week"})
    known = _since_signature(known, frame)
    frame = frame.merge(_ends(known), how="left", on=PAIR).merge(_timecards(known, label.hours), how="left", on=PAIR)
    decide = _contracted if label.counting is Counting.CONTRACTED else _worked
    decided = decide(frame, label)
    return decided.sort_values(["placed_at", *PAIR], ignore_index=True)


def stages(events: EventColumns, *, as_of: datetime) -> pd.DataFrame:
    """The furthest stage that each pair had reached at a cut-off.

    Returns:
        Columns vacancy_id, talent_id, stage (:class:`Stage`), reached_at (the first event of that stage;
        datetime64[us], UTC). Ordered by vacancy_id, talent_id; a pair with aftercare only has no row.
    """
    known = _frame(events, utc_instant(as_of))
    known = known.assign(stage=known["kind"].map(STAGE_OF)).dropna(subset="stage")
    furthest = known.sort_values([*PAIR, "stage", "occurred_at"], ascending=[True, True, False, True], kind="stable")
    found: pd.DataFrame = furthest.drop_duplicates(PAIR).rename(columns={"occurred_at": "reached_at"})
    return found[[*PAIR, "stage", "reached_at"]].astype({"stage": np.int64}).reset_index(drop=True)


def oddities(events: EventColumns, *, as_of: datetime) -> pd.DataFrame:
    """The pairs whose events cannot all be true, for whoever keeps the data.

    Returns:
        Columns vacancy_id, talent_id, oddity (:class:`Oddity`), each once, in this order.
    """
    known = _frame(events, utc_instant(as_of))
    placed = known[known["kind"] == EventKind.PLACED]
    last: pd.DataFrame = placed.drop_duplicates(PAIR, keep="last").assign(placed_at=placed["occurred_at"])
    aftercare = known[known["kind"].isin(_AFTERCARE)]
    first = placed.groupby(PAIR)["occurred_at"].min().to_frame("first_at").reset_index()
    early = aftercare.merge(first, how="left", on=PAIR)
    since = _since_signature(known, last)
    over = _ends(since)
    cards = _cards(since)
    at_work = since[(since["kind"] == EventKind.CHECKPOINT) & (since["still_working"] == True)]  # noqa: E712
    at_work = at_work[[*PAIR, "occurred_at"]].merge(over, on=PAIR)
    started = over.merge(last[[*PAIR, "starts_on"]], on=PAIR)
    found = {
        Oddity.AFTERCARE_WITHOUT_PLACEMENT: early[~(early["occurred_at"] >= early["first_at"])],
        Oddity.PLACED_AGAIN: placed[placed.duplicated(PAIR)],
        Oddity.ENDED_BEFORE_START: started[started["ended_on"] < started["starts_on"]],
        Oddity.AT_WORK_AFTER_END: at_work[at_work["occurred_at"].dt.floor("D") > at_work["ended_on"]],
        Oddity.HOURS_FELL: cards[cards["total_hours"] < cards.groupby(PAIR)["total_hours"].cummax()],
    }
    named: pd.DataFrame = pd.concat([rows[PAIR].assign(oddity=oddity) for oddity, rows in found.items()])
    return named.drop_duplicates().sort_values([*PAIR, "oddity"], ignore_index=True)


def utc_instant(moment: datetime) -> np.datetime64:
    """An aware moment as datetime64[us] in UTC, the unit of every time column."""
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")


def _frame(events: EventColumns, cutoff: np.datetime64, wanted: npt.NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """The event columns that outcomes are made of, until the cut-off; only the wanted events (n,) where told."""
    names = [
        "kind", *PAIR, "occurred_at", "starts_on", "contract_ends_on", "ended_on", "contract_hours_per_week",
        "total_hours", "correction", "still_working",
    ]  # fmt: skip
    used = events.occurred_at <= cutoff
    if wanted is not None:
        used &= wanted
    frame = pd.DataFrame({name: getattr(events, name)[used] for name in names})
    return frame.astype(dict.fromkeys(("kind", *PAIR), "str"))  # no event at all would leave objects


def _since_signature(known: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Events of the pairs in ``placed`` since its placed_at: what came before is of an earlier placement."""
    later = known.merge(placed[[*PAIR, "placed_at"]], on=PAIR)
    since: pd.DataFrame = later[later["occurred_at"] >= later["placed_at"]]
    return since


def _ends(known: pd.DataFrame) -> pd.DataFrame:
    """The day on which a placement ended, by event or by a call that found nobody at work, and since when it was over.

    An end that is announced is no end yet: whoever still works may still reach the hours.
    """
    ended = known[known["kind"] == EventKind.ENDED]
    missed = known[(known["kind"] == EventKind.CHECKPOINT) & (known["still_working"] == False)]  # noqa: E712
    missed = missed.assign(ended_on=missed["occurred_at"].dt.floor("D"))
    signs = pd.concat([
        part[[*PAIR, "ended_on", "occurred_at"]].astype({"ended_on": "datetime64[us]"}).assign(ended_by=sign)
        for sign, part in ((Ending.REPORTED, ended), (Ending.NOT_AT_WORK, missed))
    ])  # fmt: skip
    signs = signs.assign(over_at=signs[["occurred_at", "ended_on"]].max(axis=1))
    first = signs.sort_values([*PAIR, "over_at"], kind="stable").drop_duplicates(PAIR)[[*PAIR, "ended_by"]]
    return signs.groupby(PAIR, as_index=False)[["ended_on", "over_at"]].min().merge(first, on=PAIR)


def _cards(known: pd.DataFrame) -> pd.DataFrame:
    """The timecards that count: of each pair those from its last correction on."""
    cards = known[known["kind"] == EventKind.HOURS]
    cards = cards.assign(place=np.arange(len(cards)))
    corrected = cards[cards["correction"] == 1.0].groupby(PAIR, as_index=False).agg(first=("place", "max"))
    if corrected.empty:
        return cards
    counting = cards.merge(corrected, how="left", on=PAIR)
    return counting[~(counting["place"] < counting["first"])]


def _timecards(known: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Hours worked by timecard, and when they first reached the threshold."""
    cards = _cards(known)
    full = cards[cards["total_hours"] >= threshold].rename(columns={"occurred_at": "reached_at"})
    total = cards.groupby(PAIR).agg(total_hours=("total_hours", "max"), carded_at=("occurred_at", "max"))
    return total.join(full.groupby(PAIR)[["reached_at"]].min()).reset_index()


def _worked(frame: pd.DataFrame, label: LabelDefinition) -> pd.DataFrame:
    """Outcome by hours worked: timecards, or without those whole weeks in the job × contract hours."""
    start, cutoff = (frame[name].astype("datetime64[us]") for name in ("starts_on", "cutoff"))
    until = frame["ended_on"].astype("datetime64[us]")
    until = until.where(until <= cutoff, cutoff)
    weeks = (until - start).dt.days.clip(lower=0) // 7
    has_cards = frame["total_hours"].notna()
    hours = frame["total_hours"].where(has_cards, weeks * frame["hours_per_week"])
    full = start + pd.to_timedelta(days_needed(frame["hours_per_week"], label), unit="D")
    reached_at = frame["reached_at"].where(has_cards, full)
    retained = hours >= label.hours
    over_at = frame["over_at"].astype("datetime64[us]")
    ended = ~retained & (over_at <= cutoff)
    outcome = np.select([retained, ended], [Outcome.RETAINED, Outcome.ENDED], Outcome.CENSORED)
    resolved_at = reached_at.where(retained, over_at.where(ended))
    decided = frame.assign(hours_worked=hours, weeks_in_job=weeks, outcome=outcome, resolved_at=resolved_at)
    return _result(decided, label)


def _contracted(frame: pd.DataFrame, label: LabelDefinition) -> pd.DataFrame:
    """Outcome by the contract as signed; one without an end date is longer than any threshold."""
    weeks = (frame["contract_ends_on"] - frame["starts_on"]).dt.days / 7
    hours = (weeks * frame["hours_per_week"]).fillna(np.inf)
    outcome = np.where(hours >= label.hours, Outcome.RETAINED, Outcome.ENDED)
    decided = frame.assign(hours_worked=hours, weeks_in_job=weeks, outcome=outcome, resolved_at=frame["placed_at"])
    return _result(decided, label)


def days_needed(hours_per_week: "pd.Series[float]", label: LabelDefinition) -> "pd.Series[float]":
    """Days in which whole weeks of contract hours make the hours of the label."""
    return cast("pd.Series[float]", np.ceil(label.hours / hours_per_week) * 7)


def _result(decided: pd.DataFrame, label: LabelDefinition) -> pd.DataFrame:
    """The columns that :func:`placements` promises; an end that lies ahead is no end yet."""
    over = decided["over_at"].astype("datetime64[us]") <= decided["cutoff"]
    names = [
        *PAIR, "placed_at", "starts_on", "hours_per_week", "hours_worked", "weeks_in_job", "outcome", "resolved_at",
        "contract_ends_on",
    ]  # fmt: skip
    return decided[names].assign(
        carded_at=decided["carded_at"].astype("datetime64[us]"),
        resolved_at=decided["resolved_at"].astype("datetime64[us]"),
        ended_on=decided["ended_on"].astype("datetime64[us]").where(over),
        ended_by=decided["ended_by"].astype(object).where(over, other=None).replace({np.nan: None}),
        days_needed=days_needed(decided["hours_per_week"], label).astype(np.float64),
    )
