"""Person-period rows: what every placement, the open ones too, teaches about staying; and curves learned from them.

Periods follow the aftercare: the first day, week, month and quarter by the calendar, then the rest of the way to the
label's hours in equal parts. For someone of 16 hours a week that rest takes longer than for someone of 40: early on
people leave because of what the first days bring, later it is the work done that counts. The way is measured with the
contract's hours; whether the hours were reached in the end is the label's to say.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ranking.outcomes import Outcome
from ranking.rankers import LinearRanker, Ranker, standardised
from ranking.rankers_combined import BlendRanker, Part
from ranking.survival import Calibration, SurvivalCurve
from ranking.trees import BinaryTable, Columns, TreeSettings, fit_classifier
from training.censoring import progress_weights
from training.signed import fit_signed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CALENDAR_DAYS = (1, 7, 30, 91)
REST_PARTS = 3  # short enough that little is lost of a period that is half way
GRACE_DAYS = 42
"""A period counts when it ended this long ago: a four-weekly timecard, and people work a little less than signed."""
STRENGTH = 0.03  # inverse of the L2 penalty: strong, for some hundred leavers and tens of columns
ROUNDS = 150
_NEWTON_STEPS = 25


@dataclass(frozen=True, slots=True)
class PersonPeriods:
    """Rows of (placement, period) that were lived through or left in.

    Attributes:
        rows: (m,) row of the placement.
        period: (m,) number of the period, 0 is first.
        stayed: (m,) whether they were still there at its end.
        weights: (m,) how much each counts.
        n_periods: periods that make a lasting placement.
    """

    rows: Ints
    period: Ints
    stayed: Bools
    weights: Floats
    n_periods: int

    def weighted(self, by_placement: Floats) -> "PersonPeriods":
        """Times a weight per placement; rows without weight go."""
        weights = self.weights * by_placement[self.rows]
        kept = weights > 0
        return PersonPeriods(self.rows[kept], self.period[kept], self.stayed[kept], weights[kept], self.n_periods)


def person_periods(placed: pd.DataFrame, cutoff: np.datetime64) -> PersonPeriods:
    """Every period of every placement that was over, with room for late news, at a cut-off.

    Whether a period counts follows from the start and the contract's hours alone. Counting someone's leaving sooner
    than someone's staying would make staying look rare.

    Args:
        placed: of :func:`ranking.outcomes.placements`, any rows.
        cutoff: datetime64[us], UTC; what was known later is not looked at.
    """
    start = placed["starts_on"].astype("datetime64[us]").to_numpy()
    needed = placed["days_needed"].to_numpy(dtype=np.float64)
    bounds = period_bounds(needed)
    known = (placed["resolved_at"] <= pd.Timestamp(cutoff)).to_numpy()
    retained = known & (placed["outcome"] == Outcome.RETAINED).to_numpy()
    left = known & (placed["outcome"] == Outcome.ENDED).to_numpy()
    days = (placed["ended_on"].to_numpy(dtype="datetime64[us]") - start) / np.timedelta64(1, "D")
    # Who left short of the hours left in the last period, even when slow weeks had carried them past its end.
    left_on = np.where(left, np.clip(days, 0.0, needed - 1.0), np.inf)
    age = (cutoff - start) / np.timedelta64(1, "D")
    over = bounds + GRACE_DAYS <= age[:, None]
    reached = left_on[:, None] >= np.column_stack([np.zeros(len(bounds)), bounds[:, :-1]])
    real = np.diff(np.column_stack([np.zeros(len(bounds)), bounds]), axis=1) > 0
    use = over & reached & real
    use[:, -1] &= retained | left
    rows, period = np.nonzero(use)
    return PersonPeriods(rows, period, left_on[rows] >= bounds[rows, period], np.ones(len(rows)), bounds.shape[1])


def period_bounds(days_needed: Floats) -> Floats:
    """Last day (n, k) of each period for placements that take so many days (n,) to their hours."""
    early = np.minimum(np.array(CALENDAR_DAYS, dtype=np.float64), days_needed[:, None])
    rest = days_needed - early[:, -1]
    parts = np.arange(1, REST_PARTS + 1) / REST_PARTS
    return np.column_stack([early, early[:, -1:] + rest[:, None] * parts])


def matures_on(placed: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    """When the outcome of each placement (n,) can be known, whichever it is: from start and contract hours alone."""
    days = (placed["days_needed"].to_numpy() + GRACE_DAYS).astype("timedelta64[D]")
    return np.asarray(placed["starts_on"].to_numpy(dtype="datetime64[us]") + days, dtype="datetime64[us]")


def whole_outcomes(placed: pd.DataFrame, cutoff: np.datetime64, *, weights: Floats | None = None) -> PersonPeriods:
    """One period a placement, from start to hours: what is known at a cut-off, weighted for what is still open.

    Args:
        placed: of :func:`ranking.outcomes.placements`, any rows.
        cutoff: datetime64[us], UTC.
        weights: (n,) instead of those of :func:`training.censoring.progress_weights`.
    """
    known = (placed["resolved_at"] <= pd.Timestamp(cutoff)).to_numpy()
    rows = np.flatnonzero(known)
    every = progress_weights(placed, cutoff) if weights is None else weights
    stayed = (placed["outcome"] == Outcome.RETAINED).to_numpy()[rows]
    return PersonPeriods(rows, np.zeros(len(rows), dtype=np.int64), stayed, every[rows], 1)


def base_rate(periods: PersonPeriods, columns: Columns) -> SurvivalCurve:
    """The same for everyone: what a placement's chance is when nothing is known."""
    width = len(columns.names)
    nothing = LinearRanker(columns.names, np.zeros(width), np.ones(width), np.zeros(width), 0.0)
    return _curve(nothing, np.zeros(len(periods.rows)), periods)


def fit_linear(
    features: Floats, periods: PersonPeriods, columns: Columns, scaling: tuple[Floats, Floats]
) -> SurvivalCurve:
    """Pooled logistic regression over all periods, with a level of its own for each; weights keep their signs.

    Args:
        features: (n, f) of the placements.
        periods: what they lived through.
        columns: what the features are.
        scaling: median and spread (f,) of each column.
    """
    standard = standardised(features, *scaling)
    levels = np.eye(periods.n_periods)[periods.period]
    fit = fit_signed(
        standard[periods.rows], levels, periods.stayed, periods.weights, columns.monotone, strength=STRENGTH
    )
    ranker = LinearRanker(columns.names, *scaling, fit.weights, 0.0)
    return _curve(ranker, ranker.score(features)[periods.rows], periods)


def fit_trees(features: Floats, periods: PersonPeriods, columns: Columns, settings: TreeSettings) -> SurvivalCurve:
    """Boosted trees on top of each period's level; the directions of ``columns`` hold for staying."""
    offsets = _levels(np.zeros(len(periods.rows)), periods)[periods.period]
    table = BinaryTable(features[periods.rows], periods.stayed, periods.weights, offsets)
    ranker = fit_classifier(table, columns, settings, rounds=ROUNDS)
    return _curve(ranker, ranker.score(features)[periods.rows], periods)


def blended(one: SurvivalCurve, other: SurvivalCurve, features: Floats, periods: PersonPeriods) -> SurvivalCurve:
    """The mean of two in log-odds: what only one of them learned by chance counts half."""
    ranker = BlendRanker((Part(one.ranker, 0.5, 1.0), Part(other.ranker, 0.5, 1.0)))
    return _curve(ranker, ranker.score(features)[periods.rows], periods)


def calibrated(
    curve: SurvivalCurve, calibration: Calibration, features: Floats, periods: PersonPeriods
) -> SurvivalCurve:
    """The curve with a calibration, its levels found anew on what it was learned from."""
    scores = calibration.slope * curve.ranker.score(features)[periods.rows]
    return SurvivalCurve(curve.ranker, _levels(scores, periods), calibration)


def _curve(ranker: Ranker, scores: Floats, periods: PersonPeriods) -> SurvivalCurve:
    return SurvivalCurve(ranker, _levels(scores, periods), Calibration())


def _levels(scores: Floats, periods: PersonPeriods) -> Floats:
    """Each period's level (k,) beside given scores (m,), by Newton's method.

    One more person, who stays as often as all do in all periods, is shared out over the periods, so that one that
    nobody left, or reached, is neither for sure nor a coin.
    """
    n = periods.n_periods
    more, usual = 1.0 / n, float(np.average(periods.stayed, weights=periods.weights)) if len(scores) else 0.5

    def summed(values: Floats) -> Floats:
        return np.bincount(periods.period, weights=periods.weights * values, minlength=n).astype(np.float64)

    middle = float(np.average(scores, weights=periods.weights)) if len(scores) else 0.0
    levels = np.full(n, 2.0)
    for _ in range(_NEWTON_STEPS):
        chance, prior = expit(scores + levels[periods.period]), expit(middle + levels)
        slope = summed(periods.stayed - chance) + more * (usual - prior)
        bend = summed(chance * (1.0 - chance)) + more * prior * (1.0 - prior)
        levels = levels + np.clip(slope / bend, -1.0, 1.0)
    return levels
