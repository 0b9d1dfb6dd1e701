"""Ways to learn P(lasts | placed) from placements of which some still run."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression

from ranking.outcomes import PAIR, Outcome, utc_instant
from ranking.rankers import standardised
from ranking.survival import StayRanker, SurvivalCurve
from ranking.trees import Columns, TreeSettings
from training.dataset import FeatureRows
from training.hazard import (
    PersonPeriods,
    base_rate,
    blended,
    fit_linear,
    fit_trees,
    matures_on,
    person_periods,
    whole_outcomes,
)
from training.sample import MAX_PLACEMENTS, drawn
from training.scaling import scaling

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIN_LEAVERS = 10
"""Leavers from which one may learn who stays; below that only how many do."""
MAX_SELECTION_WEIGHT = 4.0  # of one placement, on a mean of one: the chance of being placed is itself an estimate


class Method(StrEnum):
    """How a curve is learned; of the candidates the plainest first, which wins a draw."""

    BASE_RATE = "base_rate"  # the same for everyone
    HAZARD_LINEAR = "hazard_linear"
    HAZARD_TREES = "hazard_trees"
    HAZARD_BLEND = "hazard_blend"  # the mean of the two in log-odds
    IPCW = "ipcw"  # known outcomes, weighted for the open ones
    OPEN_DROPPED = "open_dropped"  # naive: as if the open ones were not there
    OPEN_FAILED = "open_failed"  # naive: as if nobody stayed who has not stayed yet


CANDIDATES = (Method.BASE_RATE, Method.HAZARD_LINEAR, Method.HAZARD_TREES, Method.HAZARD_BLEND)
COMPARED = (Method.IPCW, Method.OPEN_DROPPED, Method.OPEN_FAILED)


@dataclass(frozen=True, slots=True)
class Placed:
    """Placements with their features, in order of signature.

    Attributes:
        frame: of :func:`ranking.outcomes.placements`.
        features: (n, f) as of the moment they were shown.
        weights: (n,) for having been picked, 1 on average; all 1 where that is not corrected for.
        columns: what the features are.
        settings: of the trees.
        hours_count: False where a label is known at signing; then there is nothing to live through.
    """

    frame: pd.DataFrame
    features: Floats
    weights: Floats
    columns: Columns
    settings: TreeSettings
    hours_count: bool

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def signed_from(self) -> np.datetime64:
        """When the first was signed."""
        return np.datetime64(self.frame["placed_at"].iloc[0].to_datetime64(), "us")

    @property
    def matures_on(self) -> npt.NDArray[np.datetime64]:
        """When each outcome (n,) can be known, whichever it is."""
        if self.hours_count:
            return matures_on(self.frame)
        return self.frame["placed_at"].to_numpy(dtype="datetime64[us]")

    def take(self, rows: Ints) -> "Placed":
        """Some of them, in the order given."""
        frame = self.frame.iloc[rows].reset_index(drop=True)
        return replace(self, frame=frame, features=self.features[rows], weights=self.weights[rows])


def placed_rows(
    rows: FeatureRows, placements: pd.DataFrame, columns: Columns, settings: TreeSettings, *, corrected: bool = False
) -> Placed:
    """The shown pairs that were placed, in order of signature; ``corrected`` weights them for having been picked."""
    numbers = rows.frame[PAIR].reset_index(names="row")
    frame = placements.merge(numbers, on=PAIR).sort_values(["placed_at", *PAIR], ignore_index=True)
    frame = frame.iloc[drawn(len(frame), MAX_PLACEMENTS)].reset_index(drop=True)
    row = frame["row"].to_numpy(dtype=np.int64)
    ended = frame["outcome"] == Outcome.ENDED
    hours_count = not bool((ended & frame["ended_on"].isna()).any())
    weights = selection_weights(rows, row) if corrected else np.ones(len(row))
    return Placed(frame, rows.features[row], weights, columns, settings, hours_count)


def selection_weights(rows: FeatureRows, placed: Ints) -> Floats:
    """1 / P(placed | shown) of each placement (n,), trimmed, 1 on average.

    The chance is a logistic regression on the features and on the place on the list, which decided who was looked at.
    """
    was = np.zeros(len(rows.frame), dtype=bool)
    was[placed] = True
    if was.all() or not was.any():
        return np.ones(len(placed))
    standard = standardised(rows.features, *scaling(rows.features))
    place = np.log(rows.frame["rank"].fillna(rows.frame["rank"].median()).fillna(1.0).to_numpy(dtype=np.float64))
    inputs = np.column_stack([standard, place])
    chance = LogisticRegression(C=1.0, max_iter=1_000).fit(inputs, was).predict_proba(inputs[placed])[:, 1]
    weights = np.minimum(was.mean() / chance, MAX_SELECTION_WEIGHT)
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def lived(method: Method, placed: Placed, cutoff: np.datetime64) -> PersonPeriods:
    """What a method learns from, as known at a cut-off."""
    frame = placed.frame
    if method in CANDIDATES and placed.hours_count:
        return person_periods(frame, cutoff)
    if method is Method.OPEN_FAILED:
        return whole_outcomes(frame.fillna({"resolved_at": pd.Timestamp(cutoff)}), cutoff, weights=np.ones(len(frame)))
    return whole_outcomes(frame, cutoff, weights=np.ones(len(frame)) if method is Method.OPEN_DROPPED else None)


def lessons(method: Method, placed: Placed, cutoff: np.datetime64, resampled: Floats | None = None) -> PersonPeriods:
    """The same with its weights: for selection, and how often each placement was drawn.

    What is only compared is done as it is done elsewhere, and knows of no selection either.
    """
    weights = np.ones(len(placed)) if method in COMPARED else placed.weights
    return lived(method, placed, cutoff).weighted(weights if resampled is None else weights * resampled)


def fit_curve(method: Method, placed: Placed, cutoff: np.datetime64, resampled: Floats | None = None) -> SurvivalCurve:
    """Fits one method on what was known at a cut-off.

    Args:
        method: which.
        placed: the placements to learn from.
        cutoff: datetime64[us], UTC.
        resampled: (n,) how often each placement was drawn; None for once.
    """
    periods = lessons(method, placed, cutoff, resampled)
    leavers = int((~periods.stayed).sum())
    if method is Method.BASE_RATE or min(leavers, len(periods.stayed) - leavers) < MIN_LEAVERS:
        return base_rate(periods, placed.columns)
    if method is Method.HAZARD_TREES:
        return fit_trees(placed.features, periods, placed.columns, placed.settings)
    linear = fit_linear(placed.features, periods, placed.columns, scaling(placed.features))
    if method is not Method.HAZARD_BLEND:
        return linear
    trees = fit_trees(placed.features, periods, placed.columns, placed.settings)
    return blended(linear, trees, placed.features, periods)


def fit_stay(
    rows: FeatureRows, placements: pd.DataFrame, *, as_of: datetime, columns: Columns, settings: TreeSettings
) -> StayRanker:
    """One fit of P(retained | placed) for rankers that order by it: regression and trees together, not calibrated.

    Args:
        rows: features of shown pairs, each as of its showing.
        placements: of :func:`ranking.outcomes.placements`, at the same cut-off.
        as_of: the cut-off.
        columns: what the features are.
        settings: of the trees.
    """
    placed = placed_rows(rows, placements, columns, settings)
    return StayRanker(fit_curve(Method.HAZARD_BLEND, placed, utc_instant(as_of)))
