"""When the outcome of each placement became known, and when later news took it back.

A placement that looks retained by the weeks that have passed may turn out to have ended long before: the event came
late. One that ended may reach its hours by a timecard that came later still, and a pair may be placed again. What was
known at a moment is therefore not what is known now with the later outcomes left out. Here every placement is asked at
each moment at which the answer could change, so that a history can be read as of any moment and is then what a service
would have known: training, which reads it once for all moments, and serving, which reads it as of now, agree.
"""

from datetime import datetime

import numpy as np
import pandas as pd

from core.store import EventColumns
from core.vocabulary import EventKind
from ranking.outcomes import PAIR, LabelDefinition, Outcome, days_needed, outcome_events, outcomes_at, utc_instant

_ASKED = [*PAIR, "asked_at"]


def resolutions(events: EventColumns, *, as_of: datetime, label: LabelDefinition) -> pd.DataFrame:
    """The turns in what is known of placements.

    Args:
        events: all events, or those of ``OUTCOME_KINDS``; those after ``as_of`` are not looked at.
        as_of: the cut-off. An earlier one gives the same turns up to then.
        label: what counts as lasting.

    Returns:
        Columns vacancy_id, placed_at (of the signature that the turn is about), known_at (datetime64[us], UTC),
        resolved and retained (float: 1.0 one more, -1.0 one less, 0.0 as before). Ordered by known_at.
    """
    cutoff = utc_instant(as_of)
    told = _telling(outcome_events(events, cutoff), label)
    asked = _moments(told, label)
    asked = asked[asked["asked_at"] <= cutoff].drop_duplicates(ignore_index=True)
    known = told.merge(asked.assign(question=np.arange(len(asked))), on=PAIR)
    known = known[known["occurred_at"] <= known["asked_at"]]
    # Each pair as of each moment passes for a pair of its own.
    answers = outcomes_at(known.assign(talent_id=known["question"]), known["asked_at"], label)
    number = answers["talent_id"].to_numpy(dtype=np.int64)
    frame = asked.iloc[number].reset_index(drop=True).assign(
        placed_at=answers["placed_at"], outcome=answers["outcome"].astype(object)
    )  # fmt: skip
    return _turns(frame.sort_values(_ASKED, ignore_index=True))


def _telling(known: pd.DataFrame, label: LabelDefinition) -> pd.DataFrame:
    """The events that can change an outcome: of the many timecards of a pair placed once, two.

    The first, because hours then count instead of weeks, and the first that reaches the hours. Where one of them was a
    correction, all count.
    """
    at_work = (known["kind"] == EventKind.CHECKPOINT) & (known["still_working"] == True)  # noqa: E712
    known = known[~at_work]
    placed = known[known["kind"] == EventKind.PLACED]
    once = placed.groupby(PAIR, as_index=False).agg(since=("occurred_at", "max"), n_placed=("occurred_at", "size"))
    known = known.merge(once, on=PAIR)  # what has no signature says nothing
    many = (known["n_placed"] > 1) | known.groupby(PAIR)["correction"].transform("max").eq(1.0)
    cards = known[(known["kind"] == EventKind.HOURS) & ~many]
    cards = cards[cards["occurred_at"] >= cards["since"]]
    first = cards.drop_duplicates(PAIR)
    full = cards[cards["total_hours"] >= label.hours].drop_duplicates(PAIR)
    others = known[(known["kind"] != EventKind.HOURS) | many]
    kept = pd.concat([others, first, full]).drop_duplicates().sort_values("occurred_at", kind="stable")
    return kept.drop(columns=["since", "n_placed"])


def _moments(told: pd.DataFrame, label: LabelDefinition) -> pd.DataFrame:
    """The moments (asked_at) of each pair at which its outcome may change: events, announced ends, full weeks."""
    placed = told[told["kind"] == EventKind.PLACED]
    full = placed["starts_on"].astype("datetime64[us]") + pd.to_timedelta(
        days_needed(placed["contract_hours_per_week"], label), unit="D"
    )
    at = pd.concat(
        [
            told[PAIR].assign(asked_at=told["occurred_at"]),
            told[PAIR].assign(asked_at=told["ended_on"].astype("datetime64[us]")),
            placed[PAIR].assign(asked_at=full),
        ]
    )
    first = placed.groupby(PAIR, as_index=False)["occurred_at"].min()
    at = at.dropna(subset="asked_at").merge(first, on=PAIR)
    return at[at["asked_at"] >= at["occurred_at"]][_ASKED]


def _turns(frame: pd.DataFrame) -> pd.DataFrame:
    """What each answer adds to the one before it, and takes back of it."""
    frame = frame.assign(
        resolved=(frame["outcome"] != Outcome.CENSORED).astype(float),
        retained=(frame["outcome"] == Outcome.RETAINED).astype(float),
    )
    values = ["placed_at", "resolved", "retained"]
    before = frame.groupby(PAIR, sort=False)[values].shift()
    same = (before == frame[values]).all(axis=1)
    gone = frame.assign(
        placed_at=before["placed_at"], resolved=-before["resolved"], retained=-before["retained"]
    )  # fmt: skip
    turned = pd.concat([gone[~same], frame[~same]]).rename(columns={"asked_at": "known_at"})
    turned = turned[turned["resolved"].fillna(0.0) != 0.0]
    found: pd.DataFrame = turned[["vacancy_id", "placed_at", "known_at", "resolved", "retained"]]
    return found.sort_values(["known_at", "vacancy_id", "resolved"], kind="stable", ignore_index=True)
