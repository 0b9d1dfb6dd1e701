"""Predictions made in the past: what each method would have said of placements before they were signed."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ranking.outcomes import Outcome
from ranking.survival import Calibration, SurvivalCurve
from training.calibration import Judged, LivedPeriods, Reliability, calibrate, reliability
from training.hazard import PersonPeriods, calibrated
from training.retention_methods import CANDIDATES, Method, Placed, fit_curve, lessons, lived

Floats = npt.NDArray[np.float64]

MIN_MATURE = 20
"""Placements that must have come to their hours, or could have, before a model of that moment is worth judging."""
FORWARD_SHARE, FORWARD_PARTS = 0.4, 3
"""Forward predictions start at this share of the placements at the earliest, in so many steps."""


@dataclass(frozen=True, slots=True)
class Forward:
    """Placements with the curve that was learned from those signed before.

    Attributes:
        earlier: what it was learned from, by what was known when the first of ``later`` was signed.
        later: what it is judged on.
        curve: the curve.
    """

    earlier: Placed
    later: Placed
    curve: SurvivalCurve


def forward_curves(method: Method, placed: Placed) -> list[Forward]:
    """Fits on the earlier placements, as known when the next were signed, at several moments."""
    parts = []
    for first, last in itertools.pairwise(_edges(placed)):
        earlier, later = placed.take(np.arange(first)), placed.take(np.arange(first, last))
        parts.append(Forward(earlier, later, fit_curve(method, earlier, later.signed_from)))
    return parts


def _edges(placed: Placed) -> list[int]:
    """First row of each step of forward predictions, and the end; fewer than two when there is nothing to predict."""
    mature = np.sort(placed.matures_on)
    if len(mature) < MIN_MATURE:
        return []
    signed = placed.frame["placed_at"].to_numpy(dtype="datetime64[us]")
    start = max(int(np.searchsorted(signed, mature[MIN_MATURE - 1])), int(len(placed) * FORWARD_SHARE))
    return sorted(set(np.linspace(start, len(placed), FORWARD_PARTS + 1).astype(int).tolist()))


def as_told(method: Method, parts: Sequence[Forward]) -> list[Forward]:
    """What the head would have said at each of these moments, calibrated by what was known then."""
    told = []
    for number, part in enumerate(parts):
        moment = part.later.signed_from
        calibration = calibration_of(method, parts[:number] if method in CANDIDATES else (), moment)
        curve = calibrated(part.curve, calibration, part.earlier.features, lessons(method, part.earlier, moment))
        told.append(replace(part, curve=curve))
    return told


def as_served(method: Method, parts: Sequence[Forward], placed: Placed, cutoff: np.datetime64) -> list[Forward]:
    """The same curves as the head that serves would have them, for judging that head.

    What tells people apart was learned before; the calibration is of all other parts, the level of all that is known.
    """
    rows, served = lessons(method, placed, cutoff), []
    for number, part in enumerate(parts):
        calibration = calibration_of(method, [*parts[:number], *parts[number + 1 :]], cutoff)
        served.append(replace(part, curve=calibrated(part.curve, calibration, placed.features, rows)))
    return served


def judged_at(parts: Sequence[Forward], cutoff: np.datetime64) -> Judged:
    """Forward predictions beside the outcomes, of all placements that could have come to their hours by a cut-off.

    Of younger ones only leaving can be known; they would make every prediction look too high.
    """
    if not parts:
        return Judged(np.empty(0), np.empty(0, dtype=bool), np.empty(0))
    frame = pd.concat([part.later.frame for part in parts], ignore_index=True)
    mature = np.concatenate([part.later.matures_on for part in parts]) <= cutoff
    known = mature & (frame["resolved_at"] <= pd.Timestamp(cutoff)).to_numpy()
    said = np.concatenate([part.curve.probability(part.later.features) for part in parts])
    return Judged(said, (frame["outcome"] == Outcome.RETAINED).to_numpy(), known.astype(np.float64))


def lived_periods(
    method: Method, parts: Sequence[Forward], cutoff: np.datetime64, resampled: Sequence[Floats] | None = None
) -> LivedPeriods:
    """What the placements lived through until a cut-off, beside what was predicted; open ones as far as they came."""
    times = resampled or [np.ones(len(part.later)) for part in parts]
    periods = [lessons(method, part.later, cutoff, count) for part, count in zip(parts, times, strict=True)]
    both = list(zip(parts, periods, strict=True))
    return LivedPeriods(
        np.concatenate([part.curve.ranker.score(part.later.features)[rows.rows] for part, rows in both]),
        np.concatenate([part.curve.baseline[rows.period] for part, rows in both]),
        np.concatenate([rows.stayed for rows in periods]),
        np.concatenate([rows.weights for rows in periods]),
    )


def calibration_of(
    method: Method, parts: Sequence[Forward], cutoff: np.datetime64, resampled: Sequence[Floats] | None = None
) -> Calibration:
    """The calibration that forward predictions ask for, by what is known at a cut-off.

    Args:
        method: of the curves.
        parts: forward predictions; none gives no calibration.
        cutoff: datetime64[us], UTC.
        resampled: per part (n,) how often each placement was drawn; None for once.
    """
    if not parts:
        return Calibration()
    judged = judged_at(parts, cutoff)
    drawn = judged.weights * (np.concatenate(resampled) if resampled else 1.0)
    lived_through = lived_periods(method, parts, cutoff, resampled)
    return calibrate(lived_through, Judged(judged.probability, judged.retained, drawn))


def period_loss(method: Method, parts: Sequence[Forward], cutoff: np.datetime64) -> float:
    """Mean log loss per period that later placements lived through; NaN where there is none."""
    total, weight = 0.0, 0.0
    for part in parts:
        rows = lessons(method, part.later, cutoff)
        odds = part.curve.period_odds(part.curve.ranker.score(part.later.features))[rows.rows, rows.period]
        total += float((rows.weights * np.logaddexp(0.0, np.where(rows.stayed, -odds, odds))).sum())
        weight += float(rows.weights.sum())
    return total / weight if weight else float("nan")


def reliability_of(method: Method, parts: Sequence[Forward], cutoff: np.datetime64, *, seed: int) -> Reliability:
    """The reliability of forward predictions, by what later placements lived through until a cut-off."""
    if not parts:
        return Reliability.unknown()
    said = np.concatenate([part.curve.probability(part.later.features) for part in parts])
    periods = [lived(method, part.later, cutoff) for part in parts]
    starts = np.cumsum([0, *(len(part.later) for part in parts)])
    whole = PersonPeriods(
        np.concatenate([rows.rows + start for rows, start in zip(periods, starts, strict=False)]),
        np.concatenate([rows.period for rows in periods]),
        np.concatenate([rows.stayed for rows in periods]),
        np.concatenate([rows.weights for rows in periods]),
        periods[0].n_periods,
    )
    return reliability(said, whole, seed=seed)
