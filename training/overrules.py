"""Where a matchmaker said no to the model: a signal of its own, never an outcome of the person and never a label.

A matchmaker who passes someone over, or gives another place, knows things that stand in no record, and has habits of
her own. Neither makes the person unsuitable, so training takes no grade from it (``training/shown.py``). But a model
whose first choices are often overruled has something to explain.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from core.records import Declined, Event, Overruled, Shown
from core.store import KeptShortlist
from core.vocabulary import DeclinedBy

TOP: Final = 10
_COLUMNS: Final = ["occurred_at", "vacancy_id", "talent_id", "shortlist_id", "rank", "model_version", "reason"]


@dataclass(frozen=True, slots=True)
class OverruleRate:
    """How often the first places of a model's lists were overruled.

    Attributes:
        model_version: None for lists of similarity, and for those that were not made here.
        n_shown: people shown on the first ``TOP`` places.
        n_overruled: of them the matchmaker declined, or moved to another place, up or down.
        share: of the shown, with a Wilson interval.
        low: of the interval (95 %).
        high: of the interval.
        reasons: the reasons given, most frequent first.
    """

    model_version: str | None
    n_shown: int
    n_overruled: int
    share: float
    low: float
    high: float
    reasons: Mapping[str, int]


def shown_and_overruled(events: Iterable[Event], kept: Iterable[KeptShortlist]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables: everyone who was shown, and everyone whom a matchmaker declined or gave another place.

    Args:
        events: in the order in which they happened.
        kept: the lists that were made here; they tell whose list it was.

    Returns:
        Of both: occurred_at, vacancy_id, talent_id, shortlist_id (None unknown), rank (of the showing; NaN unknown),
        model_version (None unknown), reason (empty when none was given). A pair stands in each at most once, by its
        first showing and its last overruling. Whoever was put back on the place of the list was not overruled.
    """
    version_of = {item.shortlist.shortlist_id: item.shortlist.model_version for item in kept}
    shown: dict[tuple[str, str], dict[str, object]] = {}
    refusals: dict[tuple[str, str], Declined | Overruled] = {}
    for event in events:
        pair = (event.vacancy_id, event.talent_id)
        if isinstance(event, Shown):
            version = version_of.get(event.shortlist_id or "")
            shown.setdefault(pair, _row(event, event.shortlist_id, event.rank, version, ""))
        elif isinstance(event, Overruled) or (isinstance(event, Declined) and event.by is DeclinedBy.MATCHMAKER):
            refusals[pair] = event
    overruled: dict[tuple[str, str], dict[str, object]] = {}
    for pair, refusal in refusals.items():  # afterwards: of one moment the refusal may come before the showing
        before = shown.get(pair, {})
        if isinstance(refusal, Overruled) and refusal.rank == before.get("rank"):
            continue
        list_id = refusal.shortlist_id or before.get("shortlist_id")
        version = version_of.get(str(list_id)) if list_id else None
        overruled[pair] = _row(refusal, list_id, before.get("rank", np.nan), version, refusal.reason)
    return _table(shown), _table(overruled)


def overrule_rates(shown: pd.DataFrame, overruled: pd.DataFrame, *, top: int = TOP) -> list[OverruleRate]:
    """Share of the first places overruled, by model version, the most shown first."""
    first, refused = shown[shown["rank"] <= top], overruled[overruled["rank"] <= top]
    rates = []
    for version, rows in first.groupby("model_version", dropna=False):
        same = refused["model_version"].isna() if pd.isna(version) else refused["model_version"] == version
        reasons = refused[same]["reason"].replace("", "(geen reden)").value_counts().to_dict()
        n_overruled = int(same.sum())
        interval = binomtest(n_overruled, len(rows)).proportion_ci(method="wilson")
        rates.append(
            OverruleRate(
                None if pd.isna(version) else str(version),
                len(rows),
                n_overruled,
                n_overruled / len(rows),
                float(interval.low),
                float(interval.high),
                {str(reason): int(count) for reason, count in reasons.items()},
            )
        )
    return sorted(rates, key=lambda rate: -rate.n_shown)


def _row(event: Event, shortlist_id: object, rank: object, version: object, reason: str) -> dict[str, object]:
    values = (event.occurred_at, event.vacancy_id, event.talent_id, shortlist_id, rank, version, reason)
    return dict(zip(_COLUMNS, values, strict=True))


def _table(rows: Mapping[tuple[str, str], dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows.values()), columns=_COLUMNS)
    return table.astype({"rank": "float64", "model_version": "object", "shortlist_id": "object"})
