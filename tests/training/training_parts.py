"""What the tests of training share: events written by hand, and frames of shown pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from core.records import EVENT_ADAPTER, Event
from core.settings import Settings
from core.store import EventColumns, Store
from ranking.trees import RankingTable
from training.shown import Grade

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Market:
    """A home with a history of two years in its store.

    Attributes:
        settings: of the home.
        store: the records and events.
        cutoff: the end of history.
        events: lines of the events file.
    """

    settings: Settings
    store: Store
    cutoff: datetime
    events: list[dict[str, object]]


class Diary:
    """Writes events one after another, each with an id of its own."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, kind: str, on: str | datetime, pair: tuple[str, str] = ("v-1", "t-1"), **fields: object) -> None:
        moment = on if isinstance(on, datetime) else datetime.fromisoformat(f"{on}T10:00:00+00:00")
        self.events.append(
            EVENT_ADAPTER.validate_python(
                {
                    "event_id": f"e-{len(self.events):06d}",
                    "occurred_at": moment,
                    "kind": kind,
                    "vacancy_id": pair[0],
                    "talent_id": pair[1],
                }
                | fields
            )
        )

    def in_store(self, store: Store) -> EventColumns:
        store.put_events(self.events, now=NOW)
        return store.event_columns()


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def day(number: int) -> date:
    return date(2025, 1, 6) + timedelta(days=number)


def table_of(lists: Sequence[Sequence[int]], features: np.ndarray | None = None) -> RankingTable:
    """Lists of grades, each shown in the order given."""
    grades = np.array([grade for one in lists for grade in one], dtype=np.int64)
    return RankingTable(
        np.zeros((len(grades), 1)) if features is None else features,
        grades,
        np.array([len(one) for one in lists], dtype=np.int64),
        np.array([place for one in lists for place in range(1, len(one) + 1)], dtype=np.int64),
    )


def shown_frame(lists: Sequence[tuple[str, Sequence[int]]]) -> pd.DataFrame:
    """Lists as (day shown, grades); the outcome follows from the grade."""
    outcome = {Grade.RETAINED: "retained", Grade.PLACED: "ended", Grade.UNKNOWN: "censored"}
    rows = [
        {
            "vacancy_id": f"v-{number}",
            "talent_id": f"t-{number}-{place}",
            "list_id": f"s-{number}",
            "shown_at": pd.Timestamp(f"{when}T10:00").as_unit("us"),
            "rank": float(place),
            "outcome": outcome.get(Grade(grade)),
            "overruled": False,
            "grade": int(grade),
        }
        for number, (when, grades) in enumerate(lists)
        for place, grade in enumerate(grades, start=1)
    ]
    names = ["vacancy_id", "talent_id", "list_id", "shown_at", "rank", "outcome", "overruled", "grade"]
    return pd.DataFrame(rows, columns=names)
