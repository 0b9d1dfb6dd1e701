"""What retrieval brings of the people who turned out to be good, and at which step each of the others was lost.

Outcomes exist only for people who were shown. Where the lists were Kansrijk's own, everyone on them had been retrieved,
so recall is then too good; of lists that people made by hand it is what it says.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.vocabulary import KnockOut
from embeddings.faiss_index import VectorIndex
from ranking.eligibility import check_eligibility
from ranking.features import compute_features
from ranking.history import PlacementHistory
from ranking.outcomes import Outcome
from ranking.rankers import Ranker
from ranking.selection import in_order
from training.dataset import FeatureBuilder
from training.evaluation import Estimate, estimate
from training.shown import Grade

Floats = npt.NDArray[np.float64]

DEPTHS = (100, 300, 1_000)
"""How many of the nearest retrieval may bring; the second is what serving takes."""


class Step(StrEnum):
    """Where a good person was lost; ``FOUND`` when nowhere."""

    ELIGIBILITY = "eligibility"
    RETRIEVAL = "retrieval"
    RANKING = "ranking"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Trace:
    """The way of one good person through the recipe.

    Attributes:
        list_id: the list on which they were shown.
        retained: known to have lasted; else placed.
        blocked_by: hard requirements that are known not to be met.
        n_eligible: people who might be on the list.
        nearest: place among the eligible by similarity, 1 is best; None when not eligible, or beyond the last depth.
        place: place by ranker among those retrieved, 1 is best; None when not retrieved.
    """

    list_id: str
    retained: bool
    blocked_by: tuple[KnockOut, ...]
    n_eligible: int
    nearest: int | None
    place: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Reach:
    """How much to look at: what retrieval hands to the ranker, and the places of a list."""

    retrieve: int
    k: int


def good_pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """The shown pairs that led to a signature: placed, at work or retained."""
    good: pd.DataFrame = frame[(frame["grade"] >= Grade.PLACED) | (frame["grade"] == Grade.UNKNOWN)]
    return good


def traced(
    good: pd.DataFrame, builder: FeatureBuilder, history: PlacementHistory, rankers: Mapping[str, Ranker], reach: Reach
) -> list[Trace]:
    """Follows good people through the recipe as it would have gone when they were shown.

    Args:
        good: shown pairs with list_id, shown_at and outcome, of vacancies that the builder has read.
        builder: holds everyone who could have been on a list.
        history: of employers.
        rankers: put those in order who are retrieved.
        reach: how many are looked at.
    """
    index = VectorIndex.of(builder.candidates.corpus.vectors)
    found: list[Trace] = []
    for (vacancy_id, _), part in good.groupby(["vacancy_id", "list_id"], sort=True):
        found += _of_list(str(vacancy_id), part, _Recipe(builder, history, index, rankers, reach))
    return found


@dataclass(frozen=True, slots=True)
class _Recipe:
    builder: FeatureBuilder
    history: PlacementHistory
    index: VectorIndex
    rankers: Mapping[str, Ranker]
    reach: Reach


def _of_list(vacancy_id: str, part: pd.DataFrame, recipe: _Recipe) -> list[Trace]:
    moment = part["shown_at"].iloc[0].to_datetime64()
    query, candidates = recipe.builder.query(vacancy_id, moment), recipe.builder.candidates
    if query is None:
        return []
    row_of = recipe.builder.everyone(moment)
    there = np.zeros(len(candidates.columns), dtype=np.bool_)
    there[list(row_of.values())] = True
    today = part["shown_at"].iloc[0].tz_localize(UTC).date()
    eligibility = check_eligibility(query.hard, candidates.columns, query.hard_at, today)
    allowed = eligibility.eligible & there
    nearest = recipe.index.search(query.vector[None, :], max(*DEPTHS, recipe.reach.retrieve), allowed).rows[0]
    rows = nearest[: recipe.reach.retrieve]
    features, _ = compute_features(query, candidates, rows, recipe.history.features(query.vacancy, moment))
    order = {name: rows[in_order(rows, features, one.score(features))] for name, one in recipe.rankers.items()}
    found = []
    for talent_id, outcome in zip(part["talent_id"].tolist(), part["outcome"].tolist(), strict=True):
        if talent_id not in row_of:
            continue
        row = row_of[talent_id]
        found.append(
            Trace(
                list_id=str(part["list_id"].iloc[0]),
                retained=outcome == Outcome.RETAINED,
                blocked_by=tuple(eligibility.reasons(row)),
                n_eligible=int(allowed.sum()),
                nearest=_place(nearest, row),
                place={name: _place(ordered, row) for name, ordered in order.items()},
            )
        )
    return found


def _place(ordered: npt.NDArray[np.int64], row: int) -> int | None:
    """Place of a row, 1 is best; None when it is not there."""
    places = np.flatnonzero(ordered == row)
    return int(places[0]) + 1 if len(places) else None


def recall(traces: list[Trace], depth: int) -> dict[str, Estimate]:
    """Share of good people within the nearest, mean over lists; chance draws as many of the eligible.

    Who is not eligible counts as lost, for chance too.
    """
    lists = [trace.list_id for trace in traces]
    within = [float(trace.nearest is not None and trace.nearest <= depth) for trace in traces]
    by_lot = [0.0 if trace.blocked_by else min(1.0, depth / max(trace.n_eligible, 1)) for trace in traces]
    return {"retrieval": _over_lists(lists, within), "random": _over_lists(lists, by_lot)}


def step_of(trace: Trace, ranker: str, reach: Reach) -> Step:
    """The first step at which a good person was lost."""
    if trace.blocked_by:
        return Step.ELIGIBILITY
    if trace.nearest is None or trace.nearest > reach.retrieve:
        return Step.RETRIEVAL
    place = trace.place[ranker]
    return Step.FOUND if place is not None and place <= reach.k else Step.RANKING


def retrieval_report(traces: list[Trace], rankers: list[str], reach: Reach) -> dict[str, object]:
    """Recall by depth and what became of every good person, as JSON values; nobody is named in it.

    ``placed`` is everyone who signed, ``retained`` those of them who are known to have lasted.
    """
    parts = {"placed": traces, "retained": [trace for trace in traces if trace.retained]}
    return {
        "retrieve": reach.retrieve,
        "k": reach.k,
        **{
            name: {
                "n": len(part),
                "recall": {
                    str(depth): {key: value.to_json() for key, value in recall(part, depth).items()} for depth in DEPTHS
                },
                "lost_to": {
                    ranker: {step.value: n for step, n in _steps(part, ranker, reach).items()} for ranker in rankers
                },
                "blocked_by": dict(Counter(code.value for trace in part for code in trace.blocked_by)),
            }
            for name, part in parts.items()
        },
    }


def _steps(traces: list[Trace], ranker: str, reach: Reach) -> dict[Step, int]:
    counted = Counter(step_of(trace, ranker, reach) for trace in traces)
    return {step: counted[step] for step in Step}


def _over_lists(lists: list[str], values: list[float]) -> Estimate:
    if not lists:
        return estimate(np.empty(0))
    return estimate(np.asarray(pd.Series(values).groupby(lists).mean(), dtype=np.float64))
