"""What came of the people on the lists that were given: the raw material of every comparison in use.

A list is judged once, after a fixed time, by what had happened by then. So a comparison can be looked at every week:
no list changes its verdict later, and no list counts before it had the same chance as the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.store import EventColumns, KeptShortlist
from core.vocabulary import EventKind
from ranking.outcomes import DEFAULT_LABEL, LABELS, PAIR, Outcome, placements, utc_instant


class Goal(StrEnum):
    """What a place on a list is to lead to."""

    PROPOSED = "proposed"
    PLACED = "placed"
    RETAINED = "retained"


WINDOW_DAYS: Final[Mapping[Goal, int]] = {
    Goal.PROPOSED: 28,  # who was not proposed in four weeks was passed over
    Goal.PLACED: 84,
    Goal.RETAINED: 84 + 364,  # 1,040 hours at 20 hours a week is a year
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Lists that were looked at and had their time.

    Attributes:
        lists: in the order in which they were made.
        reached: by shortlist_id, who of it reached the goal within the window.
    """

    lists: Sequence[KeptShortlist]
    reached: Mapping[str, frozenset[str]]


def judged(kept: Sequence[KeptShortlist], events: EventColumns, goal: Goal, *, as_of: datetime) -> Judged:
    """Judges the lists that a matchmaker opened and whose window is over.

    Someone who stands on a second list for the same vacancy is judged by the first: later ones knew of it.

    Args:
        kept: in the order in which they were made.
        events: all events.
        goal: what counts.
        as_of: nothing after this moment is looked at.
    """
    window = timedelta(days=WINDOW_DAYS[goal])
    seen = events.shortlist_id[(events.kind == EventKind.SHOWN) & (events.occurred_at <= utc_instant(as_of))]
    opened = set(seen.tolist())
    lists = [
        item
        for item in kept
        if item.shortlist.shortlist_id in opened and item.shortlist.created_at + window <= as_of.astimezone(UTC)
    ]
    reached_at = _reached(events, goal, as_of=as_of)
    met: set[tuple[str | None, str]] = set()
    found: dict[str, frozenset[str]] = {}
    for item in lists:
        start = utc_instant(item.shortlist.created_at)
        end = start + np.timedelta64(window)
        names = []
        for entry in item.shortlist.entries:
            pair = (item.shortlist.vacancy_id, entry.talent_id)
            moments = reached_at.get(pair)
            if pair not in met and moments is not None and ((moments >= start) & (moments <= end)).any():
                names.append(entry.talent_id)
            met.add(pair)
        found[item.shortlist.shortlist_id] = frozenset(names)
    return Judged(lists, found)


def _reached(
    events: EventColumns, goal: Goal, *, as_of: datetime
) -> dict[tuple[str | None, str], npt.NDArray[np.datetime64]]:
    """When each pair reached the goal."""
    if goal is Goal.RETAINED:
        frame = placements(events, as_of=as_of, label=LABELS[DEFAULT_LABEL])
        frame = frame[frame["outcome"] == Outcome.RETAINED].rename(columns={"resolved_at": "at"})
    else:
        kinds = [EventKind.PLACED] if goal is Goal.PLACED else [EventKind.PROPOSED, EventKind.PLACED]
        frame = pd.DataFrame({name: getattr(events, name) for name in (*PAIR, "kind", "occurred_at")})
        frame = frame[frame["kind"].isin(kinds) & (frame["occurred_at"].to_numpy() <= utc_instant(as_of))]
        frame = frame.rename(columns={"occurred_at": "at"})
    return {
        (str(vacancy_id), str(talent_id)): rows["at"].to_numpy(dtype="datetime64[us]")
        for (vacancy_id, talent_id), rows in frame.groupby(PAIR)
    }
