"""Shown pairs with their grade: what a ranker learns from, and nothing of what was never shown."""

from datetime import datetime
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.store import EventColumns
from core.vocabulary import DeclinedBy, EventKind
from ranking.outcomes import PAIR, LabelDefinition, Outcome, placements, utc_instant


class Grade(IntEnum):
    """How good a shown pair turned out; each grade with its reason."""

    UNKNOWN = -1  # the placement still runs: neither a success nor a failure, so it takes no part
    SHOWN = 0  # the matchmaker saw this person and went on: weak evidence against, not proof
    PROPOSED = 1  # a professional thought it worth a call
    PLACED = 2  # both sides signed; it did not last
    RETAINED = 3  # it lasted: the goal


# What a grade is worth in nDCG: one lasting placement outweighs ten proposals, as it does for the people in it.
GAIN: tuple[float, ...] = (0.0, 1.0, 3.0, 10.0)


def shown_pairs(events: EventColumns, *, as_of: datetime, label: LabelDefinition) -> pd.DataFrame:
    """Grades every shown pair by what was known at the cut-off.

    A pair that was shown more than once counts by its first showing: later ones knew of the first.

    Returns:
        vacancy_id, talent_id, list_id, shown_at (of the list; datetime64[us], UTC), rank, outcome (:class:`Outcome`
        of its placement or None), overruled (the matchmaker said no: a signal of its own, and no outcome of the
        talent) and grade (:class:`Grade`), ordered by shown_at, list_id, talent_id.
    """
    cutoff = utc_instant(as_of)
    frame = pd.DataFrame(
        {name: getattr(events, name) for name in (*PAIR, "kind", "occurred_at", "shortlist_id", "rank", "declined_by")}
    )
    frame = frame[frame["occurred_at"].to_numpy() <= cutoff]
    shown = frame[frame["kind"] == EventKind.SHOWN].drop_duplicates(PAIR).rename(columns={"occurred_at": "shown_at"})
    shown = shown.assign(list_id=_list_ids(shown)).drop(columns=["kind", "shortlist_id", "declined_by"])
    # The list was made before its first name was looked at: nobody on it may be judged by what came after that.
    shown["shown_at"] = shown.groupby("list_id")["shown_at"].transform("min")
    shown = shown.merge(_proposals(frame), how="left", on=PAIR)
    shown = shown.merge(_overrules(frame), how="left", on=PAIR)
    shown["overruled"] = shown["overruled"].notna()
    hired = placements(events, as_of=as_of, label=label)[[*PAIR, "outcome"]]
    shown = shown.merge(hired, how="left", on=PAIR)
    shown["grade"] = np.select(
        [
            shown["outcome"] == Outcome.CENSORED,
            shown["outcome"] == Outcome.RETAINED,
            shown["outcome"] == Outcome.ENDED,
            shown["proposed"].notna(),
        ],
        [Grade.UNKNOWN, Grade.RETAINED, Grade.PLACED, Grade.PROPOSED],
        Grade.SHOWN,
    ).astype(np.int64)
    # Not by rank: LightGBM breaks ties by row, and would take the old order for its own merit.
    ordered = shown.sort_values(["shown_at", "list_id", "talent_id"], ignore_index=True)
    return ordered.drop(columns="proposed")


def _list_ids(shown: pd.DataFrame) -> "pd.Series[str]":
    """The vacancy with its shortlist, or without the id of that with the day: a list is of one vacancy."""
    by_day = shown["shown_at"].dt.strftime("%Y-%m-%d")
    return shown["vacancy_id"].astype(str) + "@" + shown["shortlist_id"].where(shown["shortlist_id"].notna(), by_day)


def _proposals(frame: pd.DataFrame) -> pd.DataFrame:
    kinds = [EventKind.PROPOSED, EventKind.INTERVIEWED, EventKind.PLACED]
    return frame[frame["kind"].isin(kinds)][PAIR].drop_duplicates().assign(proposed=True)


def _overrules(frame: pd.DataFrame) -> pd.DataFrame:
    mine = (frame["kind"] == EventKind.DECLINED) & (frame["declined_by"] == DeclinedBy.MATCHMAKER)
    return frame[mine][PAIR].drop_duplicates().assign(overruled=True)


def list_sizes(list_ids: "pd.Series[str] | npt.NDArray[np.object_]") -> npt.NDArray[np.int64]:
    """Rows per list, for rows that stand list by list."""
    values = np.asarray(list_ids, dtype=object)
    if not len(values):
        return np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return np.diff(np.concatenate((starts, [len(values)])))
