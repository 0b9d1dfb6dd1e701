"""The gate: what data can carry a model, and when a model may take the place of what is there."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import TrainingRefused
from ranking.outcomes import Outcome
from training.candidates import Candidate
from training.evaluation import Estimate
from training.shown import Grade

Floats = npt.NDArray[np.float64]

MIN_LISTS = 60
"""Shown lists with at least one proposal; below this a split by time leaves no list to judge on."""
MIN_RESOLVED = 40
"""Placements of which the outcome is known."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate is judged further, and why that one."""

    name: Candidate
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a candidate may be promoted, and why (not)."""

    passed: bool
    reasons: list[str]

    def unless(self, objections: list[str]) -> "Verdict":
        """The same, but not passed when there are objections, which are the first reasons then."""
        return Verdict(self.passed and not objections, [*objections, *self.reasons])


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


def choose(per_list: Mapping[Candidate, Floats]) -> Choice:
    """Picks by the one-standard-error rule (Breiman et al. 1984): the first that is as good as the best.

    As good means that it stays behind the best by at most one standard error of the difference, paired per list. With
    few lists that error is large and a plain ranker is kept; what is better by luck alone is not picked.

    Args:
        per_list: nDCG@10 (g,) of each candidate on the same lists, in the order in which they are kept when they are
            as good; NaN where a list has none.
    """
    known = ~np.isnan(np.array(list(per_list.values()))).any(axis=0)
    means = {name: float(values[known].mean()) for name, values in per_list.items()}
    best = max(means, key=lambda name: means[name])
    behind = {name: (per_list[best] - values)[known] for name, values in per_list.items()}
    errors = {name: float(values.std(ddof=1) / np.sqrt(len(values))) for name, values in behind.items()}
    name = next(name for name in per_list if behind[name].mean() <= errors[name])
    shown = f"nDCG@10 {means[name]:.3f} on {int(known.sum())} later lists"
    if name == best:
        return Choice(name, f"{name} was chosen: best of {len(means)} candidates, {shown}")
    return Choice(
        name,
        f"{name} was chosen: {shown}, {behind[name].mean():.3f} behind {best}, which is within one standard error "
        f"({errors[name]:.3f}); the earlier in line is kept",
    )


def judge(chosen: Candidate, differences: Mapping[Candidate, Estimate]) -> Verdict:
    """Promotes only what is demonstrably better, on a later period, than every plainer ranker without learning.

    Args:
        chosen: the candidate.
        differences: nDCG@10 of the candidate minus that of similarity and of coverage, paired per list; without the
            candidate itself.
    """
    if chosen is Candidate.SIMILARITY:
        return Verdict(False, ["similarity is what is used without a model: nothing is to be promoted"])
    reasons, passed = [], True
    for baseline, difference in differences.items():
        better = bool(difference.n_lists) and difference.low > 0
        passed = passed and better
        shown = f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
        reasons.append(
            f"{chosen} is {'' if better else 'not demonstrably '}better than {baseline} out of time: nDCG@10 {shown} "
            f"over {difference.n_lists} lists"
        )
    return Verdict(passed, reasons)
