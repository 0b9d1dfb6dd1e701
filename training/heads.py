"""The steps from shown to placed, each with the pairs that can teach it, and how one step is learned."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from ranking.outcomes import utc_instant
from ranking.rankers import LinearRanker, Ranker, standardised
from ranking.rankers_combined import BlendRanker, Part
from ranking.trees import MAX_POSITION, BinaryTable, Columns, TreeSettings, fit_classifier
from training.dataset import FeatureRows
from training.sample import MAX_LINEAR_ROWS, drawn
from training.scaling import scaling
from training.shown import Grade
from training.signed import fit_signed
from training.splits import SETTLED_AFTER

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MIN_OF_EACH = 15
"""Yeses and noes below which a head says the same of everyone."""
LEARNING_RATE = 0.1
"""Twice the usual and half the trees: a request scores 300 people in milliseconds, which is some hundred trees."""
LEAVES = 2
"""A tree asks one thing: a sum of curves, one a feature. A thousand placements do not teach what goes with what."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was known at a moment.

    Attributes:
        rows: shown pairs with their features, graded as known at ``as_of``.
        placements: of :func:`ranking.outcomes.placements` as of the same moment.
        as_of: the moment.
        columns: what the features are.
        settings: choices of the trees.
    """

    rows: FeatureRows
    placements: pd.DataFrame
    as_of: datetime
    columns: Columns
    settings: TreeSettings


@dataclass(frozen=True, slots=True)
class StepTable:
    """The pairs that can teach one step.

    Attributes:
        features: (n, f).
        labels: (n,) whether the step was taken.
        weights: (n,) how much each pair counts, 1 on average.
        places: (n,) place on the list where that decided who was looked at; None where it did not.
        rounds: trees that its number of rows can bear.
    """

    features: Floats
    labels: Bools
    weights: Floats
    places: Floats | None
    rounds: int = 100

    @property
    def teaches(self) -> bool:
        """Whether there are enough of both answers."""
        yes = int(self.labels.sum())
        return min(yes, len(self.labels) - yes) >= MIN_OF_EACH


def proposed_step(lessons: Lessons) -> StepTable:
    """P(proposed | shown). Pairs that were never shown are not here: they are unlabelled, not negative."""
    rows = _settled(lessons)
    grade = rows.frame["grade"].to_numpy()
    places = rows.frame["rank"].to_numpy(dtype=np.float64)
    return StepTable(rows.features, grade != Grade.SHOWN, np.ones(len(grade)), places, rounds=150)


def placed_step(lessons: Lessons) -> StepTable:
    """P(placed | proposed). A running placement was placed; whom the matchmaker took back was refused by nobody."""
    rows = _settled(lessons)
    grade = rows.frame["grade"].to_numpy()
    placed = (grade >= Grade.PLACED) | (grade == Grade.UNKNOWN)
    counts = placed | ((grade == Grade.PROPOSED) & ~rows.frame["overruled"].to_numpy(dtype=bool))
    rows, placed = rows.where(counts), placed[counts]
    return StepTable(rows.features, placed, np.ones(len(placed)), None)


def fit_logistic(step: StepTable, columns: Columns) -> tuple[LinearRanker, Floats]:
    """Learns the log-odds of a step by logistic regression whose weights keep the signs of ``columns``.

    The place on the list is a column of its own in the fit and left out of the head: what it did is no merit. More than
    ``MAX_LINEAR_ROWS`` rows are sampled.

    Returns:
        The head, and what the place did to each row (n,), in log-odds.
    """
    if not step.teaches:
        return _constant(step, columns), np.zeros(len(step.labels))
    used = drawn(len(step.labels), MAX_LINEAR_ROWS)
    median, scale = scaling(step.features[used])
    standard = standardised(step.features[used], median, scale)
    place = _place_columns(step.places, len(step.labels))
    counts = step.weights[used] * (len(step.labels) / len(used))  # a sample stands for all: the penalty weighs the same
    fit = fit_signed(standard, place[used], step.labels[used], counts, columns.monotone)
    return LinearRanker(columns.names, median, scale, fit.weights, fit.intercept), place @ fit.free


def fit_trees(step: StepTable, columns: Columns, settings: TreeSettings) -> Ranker:
    """Learns the log-odds of a step with trees, on top of what the place did by :func:`fit_logistic`."""
    settings = replace(settings, learning_rate=LEARNING_RATE, num_leaves=LEAVES)
    if not step.teaches:
        return _constant(step, columns)
    if step.places is None:
        table = BinaryTable(step.features, step.labels, step.weights)
        return fit_classifier(table, columns, settings, rounds=step.rounds)
    _, place = fit_logistic(step, columns)
    table = BinaryTable(step.features, step.labels, step.weights, place + _log_odds(step))
    trees = fit_classifier(table, columns, settings, rounds=step.rounds)
    # What is known before is no part of LightGBM's scores: the level comes back, the place does not.
    return BlendRanker((Part(_constant(step, columns), 1.0, 1.0), Part(trees, 1.0, 1.0)))


def _constant(step: StepTable, columns: Columns) -> LinearRanker:
    """Says the same of everyone: how often the step is taken."""
    nothing = np.zeros(len(columns.names))
    return LinearRanker(columns.names, nothing, np.ones_like(nothing), nothing, _log_odds(step))


def _settled(lessons: Lessons) -> FeatureRows:
    """Lists that have had their time: of a young one the yeses come before the noes."""
    old = lessons.rows.frame["shown_at"].to_numpy() <= utc_instant(lessons.as_of) - SETTLED_AFTER
    return lessons.rows.where(old)


def _place_columns(places: Floats | None, n: int) -> Floats:
    """The place as a straight line and as a logarithm (n, 2), around the middle of a list; empty without places."""
    if places is None:
        return np.zeros((n, 0))
    place = np.minimum(np.where(np.isnan(places), MAX_POSITION, places), MAX_POSITION)
    columns: Floats = np.column_stack([place / 10.0, np.log(place)])
    centred: Floats = columns - columns.mean(axis=0)
    return centred


def _log_odds(step: StepTable) -> float:
    """Of the whole table, with one yes and one no added so that it is never infinite."""
    yes = float(step.weights[step.labels].sum())
    no = float(step.weights.sum()) - yes
    return float(np.log((yes + 1.0) / (no + 1.0)))
