"""The outcome history as numpy columns: what training reads, without a Python object an event."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from core.store.engine import Database
from core.store.schema import EventRow
from core.vocabulary import EventKind

_PART: Final = 1_000  # rows turned into arrays at once: few enough to stay in the processor's cache

Objects = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events sorted by occurred_at, then event_id; every array has shape (n,).

    Attributes:
        event_id: str.
        kind: str, a value of ``EventKind``.
        vacancy_id: str.
        talent_id: str.
        shortlist_id: str or None.
        occurred_at: datetime64[us], UTC.
        rank: 1 is best; NaN unknown.
        starts_on: datetime64[D]; NaT where the kind has none or it is unknown (so with the other dates).
        contract_ends_on: datetime64[D].
        ended_on: datetime64[D].
        contract_hours_per_week: NaN where the kind has none.
        total_hours: hours since the placement started; NaN where the kind has none.
        correction: 1.0 the total replaces earlier ones, which were wrong; 0.0 or NaN it does not.
        moment: str, a value of ``CheckpointMoment``, or None.
        still_working: 1.0 yes, 0.0 no, NaN where the kind has none.
        declined_by: str, a value of ``DeclinedBy``, or None.
    """

    event_id: Objects
    kind: Objects
    vacancy_id: Objects
    talent_id: Objects
    shortlist_id: Objects
    occurred_at: Instants
    rank: Floats
    starts_on: Days
    contract_ends_on: Days
    ended_on: Days
    contract_hours_per_week: Floats
    total_hours: Floats
    correction: Floats
    moment: Objects
    still_working: Floats
    declined_by: Objects

    def __len__(self) -> int:
        """Number of events."""
        return len(self.event_id)

    def where(self, mask: npt.NDArray[np.bool_]) -> "EventColumns":
        """The events under a mask (n,), in order."""
        return EventColumns(**{name: getattr(self, name)[mask] for name in _NAMES})


_NAMES: Final = tuple(field.name for field in fields(EventColumns))
_DAYS: Final = frozenset({"starts_on", "contract_ends_on", "ended_on"})
_WORDS: Final = frozenset({"kind", "moment", "declined_by", "vacancy_id", "talent_id", "shortlist_id"})
"""Texts that return in many rows: one object for each different one, not one a row."""
_FLOATS: Final = frozenset({"rank", "contract_hours_per_week", "total_hours", "correction", "still_working"})


def read_columns(
    database: Database,
    *,
    until: datetime | None,
    kinds: Collection[EventKind] | None,
    talent_ids: Collection[str] | None = None,
) -> EventColumns:
    """Reads all events up to and including ``until`` (default all), of some kinds and people (default all)."""
    # Plain integers, not datetimes: the column types' conversion to Python objects is skipped.
    stored = {"occurred_at": sa.BigInteger(), **dict.fromkeys(_DAYS, sa.Integer())}
    columns: list[sa.ColumnElement[Any]] = [
        sa.type_coerce(getattr(EventRow, name), stored[name]) if name in stored else getattr(EventRow, name)
        for name in _NAMES
    ]
    query = sa.select(*columns)
    if until is not None:
        query = query.where(EventRow.occurred_at <= until)
    if kinds is not None:
        query = query.where(EventRow.kind.in_([str(kind) for kind in kinds]))
    if talent_ids is not None:
        query = query.where(EventRow.talent_id.in_(talent_ids))
    parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in _NAMES}
    words: dict[str | None, str | None] = {}
    with database.reading() as connection:
        for rows in connection.execution_options(yield_per=_PART).execute(query).partitions():
            for name, values in zip(_NAMES, zip(*rows, strict=True), strict=True):
                parts[name].append(_array(name, values, words))
    joined = {name: _joined(name, parts.pop(name)) for name in _NAMES}
    # Sorted here: through its index the database would fetch a million rows one by one, in twice the time.
    order = np.lexsort((joined["event_id"], joined["occurred_at"].view(np.int64)))
    if not np.array_equal(order, np.arange(len(order))):  # most histories are written in order
        joined = {name: joined.pop(name)[order] for name in _NAMES}
    return EventColumns(**joined)


def _array(name: str, values: tuple[Any, ...], words: dict[str | None, str | None]) -> npt.NDArray[Any]:
    if name == "occurred_at":
        return np.array(values, dtype=np.int64).view("datetime64[us]")
    if name in _FLOATS:
        return np.array(values, dtype=np.float64)
    if name in _DAYS:
        days = np.array(values, dtype=np.float64)
        known = np.isfinite(days)
        return np.where(known, np.where(known, days, 0).astype("datetime64[D]"), np.datetime64("NaT", "D"))
    if name in _WORDS:
        return np.array([words.setdefault(value, value) for value in values], dtype=object)
    return np.array(values, dtype=object)


def _joined(name: str, parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else _array(name, (), {})
