"""Probabilities in line with what came of later placements, and how far they are from it.

Which method follows from how much there is to learn it from (thresholds below): with few outcomes a slope that starts
from leaving things as they are (Platt 1999, with a prior), with many any rising line (isotonic regression;
Niculescu-Mizil & Caruana 2005 find that it overfits below about a thousand cases). Platt's shift is not carried over:
the head is fitted once more on everything, the later placements among it, and finds its own level there.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from ranking.survival import Calibration, CalibrationKind
from training.hazard import PersonPeriods

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MIN_LEAVERS = 10
"""Later leavers below which nothing is adjusted: whatever they said would be chance."""
MIN_FOR_ISOTONIC = 1_000
"""Later placements with a known outcome from which isotonic regression takes the place of Platt."""
# How far slope and shift lie from 1 and 0 before any outcome has been seen (standard deviations). The slope is kept
# close: forward predictions come from half the placements and are too eager where the head itself is less so.
SLOPE_SD, SHIFT_SD = 0.2, 1.0
MAX_SLOPE = 2.0

MAX_BINS, LEAVERS_PER_BIN = 10, 15
RESAMPLES = 500
ECE_BOUND = 0.10
"""A head is refused when even the low end of its error's interval lies above this: one placement in ten is then
promised wrongly, and a band on the list no longer means what it says."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Placements with what was predicted for them before they were signed, and what is known of them now.

    Attributes:
        probability: (n,) predicted P(retained | placed).
        retained: (n,) whether it lasted; without meaning where the weight is 0.
        weights: (n,) how much each counts, 0 where the outcome cannot be known yet.
    """

    probability: Floats
    retained: Bools
    weights: Floats

    def __len__(self) -> int:
        return int((self.weights > 0).sum())

    def log_loss(self) -> float:
        """Mean weighted log loss, in nats; NaN where nothing is known."""
        kept = np.where(self.retained, self.probability, 1.0 - self.probability)
        return float(np.average(-np.log(kept), weights=self.weights)) if len(self) else float("nan")

    def brier(self) -> float:
        """Mean weighted squared error; NaN where nothing is known."""
        error = (self.probability - self.retained) ** 2
        return float(np.average(error, weights=self.weights)) if len(self) else float("nan")


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Placements with about the same prediction: its mean, the share that lasted with its interval, how many."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """The reliability diagram and the expected calibration error, out of time, each with a 95 % bootstrap interval.

    Attributes:
        bins: of about equally many placements, in order of prediction.
        ece: mean distance between prediction and share that lasted, over the bins by their weight.
        low: of the interval of ece.
        high: of the interval of ece.
        n: placements.
    """

    bins: tuple[ReliabilityBin, ...]
    ece: float
    low: float
    high: float
    n: int

    @classmethod
    def unknown(cls) -> Self:
        """When nobody has left yet, or nothing could be predicted."""
        return cls((), float("nan"), float("nan"), float("nan"), 0)

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, for the report."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LivedPeriods:
    """Periods of placements that were signed after those that a curve learned from, with what it said of them.

    Attributes:
        scores: (m,) of the curve's ranker.
        levels: (m,) the curve's baseline of the period.
        stayed: (m,) whether they were still there at the end of the period.
        weights: (m,).
    """

    scores: Floats
    levels: Floats
    stayed: Bools
    weights: Floats


def calibrate(lived: LivedPeriods, judged: Judged) -> Calibration:
    """Chooses and fits the calibration on placements that were signed after those that the curve learned from.

    Args:
        lived: their periods; open placements count as far as they have come.
        judged: their outcomes, with the curve's own probabilities.
    """
    if int((~lived.stayed).sum()) < MIN_LEAVERS:
        return Calibration()
    return fit_isotonic(judged) if len(judged) >= MIN_FOR_ISOTONIC else fit_platt(lived)


def fit_platt(lived: LivedPeriods) -> Calibration:
    """Slope of what tells people apart in the log-odds of staying through a period, by maximum a posteriori.

    Fitted on periods and not on final outcomes, so that what is open needs no weights to stand for it.
    """
    centre = float(np.average(lived.scores, weights=lived.weights))
    apart = lived.scores - centre
    sign = np.where(lived.stayed, 1.0, -1.0)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, shift = parameters
        odds = sign * (slope * apart + centre + lived.levels + shift)
        pull = -lived.weights * sign * expit(-odds)
        value = (lived.weights * np.logaddexp(0.0, -odds)).sum()
        value += 0.5 * ((slope - 1.0) / SLOPE_SD) ** 2 + 0.5 * (shift / SHIFT_SD) ** 2
        gradient = [(pull * apart).sum() + (slope - 1.0) / SLOPE_SD**2, pull.sum() + shift / SHIFT_SD**2]
        return float(value), np.array(gradient)

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.0, MAX_SLOPE), (-5.0, 5.0)])
    return Calibration(CalibrationKind.PLATT, float(found.x[0]))


def fit_isotonic(judged: Judged) -> Calibration:
    """The rising line nearest to the outcomes, weighted for those still open."""
    known = judged.weights > 0
    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    model.fit(judged.probability[known], judged.retained[known], sample_weight=judged.weights[known])
    raw, calibrated = model.X_thresholds_, model.y_thresholds_
    return Calibration(CalibrationKind.ISOTONIC, 1.0, tuple(raw.tolist()), tuple(calibrated.tolist()))


def reliability(predicted: Floats, periods: PersonPeriods, *, seed: int) -> Reliability:
    """How far predictions lie from what came of them.

    The share that lasted is, per bin of about equal predictions, the product over the periods of the share that stayed
    (Kaplan-Meier), so that open placements count as far as they have come.

    Args:
        predicted: (n,) P(retained | placed), made before the placements were signed.
        periods: what these n placements lived through.
        seed: of the bootstrap over placements.
    """
    n, k = len(predicted), periods.n_periods
    leavers = int((~periods.stayed).sum())
    if not leavers:
        return Reliability.unknown()
    n_bins = int(np.clip(leavers // LEAVERS_PER_BIN, 1, MAX_BINS))
    number = np.argsort(np.argsort(predicted, kind="stable")) * n_bins // n
    inside = np.eye(n_bins)[number]
    cell = number[periods.rows] * k + periods.period
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES)
    times = np.vstack([np.ones(n), draws])  # the first row is the data as it is
    size = times @ inside
    mean = _ratio(times @ (inside * predicted[:, None]), size, 0.0)
    observed = _lasting(times, periods, cell, n_bins)
    errors = (size / n * np.abs(observed - mean)).sum(axis=1)
    low, high = np.percentile(errors[1:], (2.5, 97.5))
    edges = np.percentile(observed[1:], (2.5, 97.5), axis=0)
    table = np.column_stack([mean[0], observed[0], edges[0], edges[1], size[0]]).tolist()
    bins = tuple(ReliabilityBin(said, lasted, under, over, int(count)) for said, lasted, under, over, count in table)
    return Reliability(bins, float(errors[0]), float(low), float(high), n)


def _lasting(times: Floats, periods: PersonPeriods, cell: npt.NDArray[np.int64], n_bins: int) -> Floats:
    """Share that lasted (d, bins) in each of d resamples (d, n); cells are bin × period."""
    n_cells = n_bins * periods.n_periods
    shape = (len(times), n_bins, periods.n_periods)
    hit = csr_array((periods.weights, (periods.rows, cell)), shape=(times.shape[1], n_cells))
    lost = csr_array((periods.weights * ~periods.stayed, (periods.rows, cell)), shape=(times.shape[1], n_cells))
    at_risk, left = (times @ hit).reshape(shape), (times @ lost).reshape(shape)
    # A bin in which nobody has come to a period yet borrows that period from the others.
    usual = _ratio(left.sum(axis=1), at_risk.sum(axis=1), 0.0)
    hazard = np.where(at_risk > 0, _ratio(left, at_risk, 0.0), usual[:, None, :])
    return np.asarray(np.prod(1.0 - hazard, axis=2), dtype=np.float64)


def _ratio(part: Floats, whole: Floats, otherwise: float) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, otherwise), where=whole > 0), dtype=np.float64)


def check_calibration(found: Reliability, *, bound: float = ECE_BOUND) -> list[str]:
    """Reasons to refuse a head that promises wrongly; empty when there is none.

    Refused only when demonstrably miscalibrated: with few outcomes the error is mostly chance, and so is its interval
    wide.
    """
    if not found.n or found.low <= bound:
        return []
    interval = f"[{found.low:.2f}, {found.high:.2f}], {found.n} placements"
    reason = (
        f"miscalibrated: promised and real chances of lasting lie {found.ece:.2f} apart on later placements "
        f"({interval}), at most {bound:.2f} is allowed; check that ended and hours events are complete"
    )
    return [reason]
