"""Events → what became of each pair: the stage reached, and for placements the time in the job and the outcome.

One code for the labels that training learns from and for the employer history that serving uses as a feature.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum

import numpy as np
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
        events: all events; those after ``as_of`` are not looked at.
        as_of: the cut-off.
        label: what counts as lasting.

    Returns:
        Columns vacancy_id, talent_id, placed_at (datetime64[us], UTC), starts_on (datetime64[s]), hours_per_week,
        hours_worked (float, as far as known), weeks_in_job (float), outcome (:class:`Outcome`), resolved_at (when
        the outcome became known; NaT while censored). Ordered by placed_at, vacancy_id, talent_id. A pair placed
        twice counts once, by its last placement.
    """
    cutoff = utc_instant(as_of)
    known = _frame(events, cutoff)
    placed = known[known["kind"] == EventKind.PLACED].drop_duplicates(PAIR, keep="last")
    kept: pd.DataFrame = placed[[*PAIR, "occurred_at", "starts_on", "contract_ends_on", "contract_hours_per_week"]]
    frame = kept.rename(columns={"occurred_at": "placed_at", "contract_hours_per_week": "hours_per_week"})
    known = known.merge(frame[[*PAIR, "placed_at"]], on=PAIR)
    known = known[known["occurred_at"] >= known["placed_at"]]  # what came before is of an earlier placement
    frame = frame.merge(_ends(known), how="left", on=PAIR).merge(_timecards(known, label.hours), how="left", on=PAIR)
    decided = _contracted(frame, label) if label.counting is Counting.CONTRACTED else _worked(frame, cutoff, label)
    return decided.sort_values(["placed_at", *PAIR], ignore_index=True)


def utc_instant(moment: datetime) -> np.datetime64:
    """An aware moment as datetime64[us] in UTC, the unit of every time column."""
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")


def _frame(events: EventColumns, cutoff: np.datetime64) -> pd.DataFrame:
    """The event columns that outcomes are made of, until the cut-off."""
    names = [
        "kind", *PAIR, "occurred_at", "starts_on", "contract_ends_on", "ended_on", "contract_hours_per_week",
        "total_hours", "still_working",
    ]  # fmt: skip
    frame = pd.DataFrame({name: getattr(events, name) for name in names})
    return frame[frame["occurred_at"].to_numpy() <= cutoff]


def _ends(known: pd.DataFrame) -> pd.DataFrame:
    """The day on which a placement ended, by event or by a call that found nobody at work, and since when it was over.

    An end that is announced is no end yet: whoever still works may still reach the hours.
    """
    ended = known[known["kind"] == EventKind.ENDED]
    missed = known[(known["kind"] == EventKind.CHECKPOINT) & (known["still_working"] == False)]  # noqa: E712
    missed = missed.assign(ended_on=missed["occurred_at"].dt.floor("D"))
    signs = pd.concat([
        part[[*PAIR, "ended_on", "occurred_at"]].astype({"ended_on": "datetime64[us]"}) for part in (ended, missed)
    ])  # fmt: skip
    signs = signs.assign(over_at=signs[["occurred_at", "ended_on"]].max(axis=1))
    return signs.groupby(PAIR, as_index=False)[["ended_on", "over_at"]].min()


def _timecards(known: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Hours worked by timecard, and when they first reached the threshold."""
    cards = known[known["kind"] == EventKind.HOURS]
    full = cards[cards["total_hours"] >= threshold].rename(columns={"occurred_at": "reached_at"})
    total = cards.groupby(PAIR)[["total_hours"]].max()
    return total.join(full.groupby(PAIR)[["reached_at"]].min()).reset_index()


def _worked(frame: pd.DataFrame, cutoff: np.datetime64, label: LabelDefinition) -> pd.DataFrame:
    """Outcome by hours worked: timecards, or without those whole weeks in the job × contract hours."""
    start = frame["starts_on"].astype("datetime64[us]")
    until = frame["ended_on"].astype("datetime64[us]").fillna(pd.Timestamp(cutoff))
    until = until.where(until <= cutoff, pd.Timestamp(cutoff))
    weeks = (until - start).dt.days.clip(lower=0) // 7
    has_cards = frame["total_hours"].notna()
    hours = frame["total_hours"].where(has_cards, weeks * frame["hours_per_week"])
    weeks_needed = np.ceil(label.hours / frame["hours_per_week"])
    reached_at = frame["reached_at"].where(has_cards, start + pd.to_timedelta(weeks_needed * 7, unit="D"))
    retained = hours >= label.hours
    over_at = frame["over_at"].astype("datetime64[us]")
    ended = ~retained & (over_at <= cutoff)
    outcome = np.select([retained, ended], [Outcome.RETAINED, Outcome.ENDED], Outcome.CENSORED)
    resolved_at = reached_at.where(retained, over_at.where(ended))
    return _result(frame, hours=hours, weeks=weeks, outcome=outcome, resolved_at=resolved_at)


def _contracted(frame: pd.DataFrame, label: LabelDefinition) -> pd.DataFrame:
    """Outcome by the contract as signed; one without an end date is longer than any threshold."""
    weeks = (frame["contract_ends_on"] - frame["starts_on"]).dt.days / 7
    hours = (weeks * frame["hours_per_week"]).fillna(np.inf)
    outcome = np.where(hours >= label.hours, Outcome.RETAINED, Outcome.ENDED)
    return _result(frame, hours=hours, weeks=weeks, outcome=outcome, resolved_at=frame["placed_at"])


def _result(
    frame: pd.DataFrame, *, hours: pd.Series, weeks: pd.Series, outcome: np.ndarray, resolved_at: pd.Series
) -> pd.DataFrame:
    kept = frame[[*PAIR, "placed_at", "starts_on", "hours_per_week"]]
    return kept.assign(
        hours_worked=hours,
        weeks_in_job=weeks,
        outcome=outcome,
        resolved_at=resolved_at.astype("datetime64[us]"),
    )
