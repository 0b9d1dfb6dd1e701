"""The gate: what data can carry a model, and when a model may take the place of what is there."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from core.errors import TrainingRefused
from ranking.outcomes import Outcome
from training.evaluation import Estimate
from training.shown import Grade

MIN_LISTS = 60
"""Shown lists with at least one proposal; below this a split by time leaves no list to judge on."""
MIN_RESOLVED = 40
"""Placements of which the outcome is known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a candidate may be promoted, and why (not)."""

    passed: bool
    reasons: list[str]


def check_data(shown: pd.DataFrame) -> None:
    """Refuses data that cannot carry a model.

    Raises:
        TrainingRefused: with what is there and what is needed.
    """
    lists = int(shown[shown["grade"] != Grade.SHOWN]["list_id"].nunique()) if len(shown) else 0
    resolved = int(shown["outcome"].isin([Outcome.RETAINED, Outcome.ENDED]).sum()) if len(shown) else 0
    reasons = []
    if lists < MIN_LISTS:
        reasons.append(f"{lists} shown lists led to a proposal, at least {MIN_LISTS} are needed; import more events")
    if resolved < MIN_RESOLVED:
        reasons.append(
            f"{resolved} placements have a known outcome, at least {MIN_RESOLVED} are needed; "
            "import ended and hours events, or wait"
        )
    if reasons:
        raise TrainingRefused("too little history to learn from: " + "; ".join(reasons), tuple(reasons))


def check_periods(rows: Mapping[str, int]) -> None:
    """Refuses a history in which a period holds nothing to learn from or to judge on.

    Args:
        rows: usable pairs by the name of their period.

    Raises:
        TrainingRefused: with the periods that are empty.
    """
    empty = [name for name, n_rows in rows.items() if not n_rows]
    if empty:
        raise TrainingRefused(
            f"the {' and the '.join(empty)} period holds no list of people with a known grade; "
            "import the events of a longer time"
        )


def judge(difference: Estimate) -> Verdict:
    """Promotes only what is demonstrably better than similarity on a later period.

    Args:
        difference: nDCG@10 of the candidate minus that of similarity, paired per list.
    """
    shown = f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}] over {difference.n_lists} lists"
    if difference.n_lists and difference.low > 0:
        return Verdict(True, [f"better than similarity out of time: nDCG@10 {shown}"])
    return Verdict(False, [f"not demonstrably better than similarity out of time: nDCG@10 {shown}"])
