"""Learns the retention head: P(lasts | placed), chosen and calibrated on placements signed later.

Every way to learn it is tried in the past first: three times, on what was known then, and judged on the placements
signed next. The one with the smallest error is fitted on everything, calibrated by what those forward predictions
missed, and repeated on resampled placements for the interval.

Who was placed was picked, and P(retained | placed) is that of people who come as far as a signature. Weighting
placements by the inverse chance of being picked (``placed_rows(..., corrected=True)``) makes it that of everyone who
was shown. On worlds with a known truth this helps on lists as the old desk made them, and makes the chances too low on
lists of the learned ranker, which picks too; so the head goes without. ``benchmarks/retention_truth.py`` measures both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ranking.features import COLUMNS
from ranking.outcomes import Outcome, utc_instant
from ranking.retention import RetentionHead
from ranking.survival import Calibration, SurvivalCurve
from ranking.trees import TreeSettings
from training.calibration import Reliability
from training.dataset import FeatureRows
from training.forward import (
    Forward,
    as_served,
    as_told,
    calibration_of,
    forward_curves,
    judged_at,
    period_loss,
    reliability_of,
)
from training.hazard import calibrated
from training.retention_methods import CANDIDATES, COMPARED, Method, Placed, fit_curve, lessons, placed_rows

Floats = npt.NDArray[np.float64]

MIN_PLACEMENTS = 60
"""Resolved placements below which a probability would be a guess."""
RESAMPLES = 20


@dataclass(frozen=True, slots=True)
class RetentionEvidence:
    """Why the head is what it is.

    Attributes:
        chosen: how it was learned.
        period_loss: by candidate, the mean log loss per period that later placements lived through: what is chosen
            by. The open ones count as far as they have come, which no weighting of known outcomes can do as well.
        log_loss: by method, of P(retained | placed) on the later placements that could have come to their hours.
        brier: the same, squared error. All three are NaN where nothing could be judged.
        n_judged: placements behind log_loss and brier.
        calibration: that of the head.
        reliability: of forward predictions, calibrated and levelled as the head is, by other placements.
    """

    chosen: Method
    period_loss: dict[Method, float]
    log_loss: dict[Method, float]
    brier: dict[Method, float]
    n_judged: int
    calibration: Calibration
    reliability: Reliability

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, for the report and the registry."""
        return {
            "chosen": self.chosen.value,
            "period_loss": {method.value: value for method, value in self.period_loss.items()},
            "log_loss": {method.value: value for method, value in self.log_loss.items()},
            "brier": {method.value: value for method, value in self.brier.items()},
            "n_judged": self.n_judged,
            "calibration": self.calibration.to_json(),
            "reliability": self.reliability.to_json(),
        }


@dataclass(frozen=True, slots=True)
class LearnedRetention:
    """The head and the evidence that it rests on."""

    head: RetentionHead
    evidence: RetentionEvidence


def learn_retention(
    rows: FeatureRows, placements: pd.DataFrame, *, as_of: datetime, seed: int, settings: TreeSettings | None = None
) -> LearnedRetention | None:
    """Learns, chooses and calibrates.

    Args:
        rows: features of shown pairs, each as of its showing.
        placements: of :func:`ranking.outcomes.placements`, at the same cut-off.
        as_of: the cut-off.
        seed: of resampling and trees.
        settings: of the trees; None for the defaults.

    Returns:
        The head with its evidence; None when fewer than ``MIN_PLACEMENTS`` placements are resolved, or all ended
        alike.
    """
    placed = placed_rows(rows, placements, COLUMNS, settings or TreeSettings(seed=seed))
    outcome = placed.frame["outcome"]
    resolved = outcome[outcome != Outcome.CENSORED]
    if len(resolved) < MIN_PLACEMENTS or (resolved == resolved.iloc[0]).all():
        return None
    cutoff = utc_instant(as_of)
    forward = {method: forward_curves(method, placed) for method in (*CANDIDATES, *COMPARED)}
    told = {method: as_told(method, parts) for method, parts in forward.items()}
    losses = {method: period_loss(method, told[method], cutoff) for method in CANDIDATES}
    chosen = _best(losses)
    head = _head(chosen, placed, forward[chosen], cutoff, seed)
    judged = {method: judged_at(parts, cutoff) for method, parts in told.items()}
    evidence = RetentionEvidence(
        chosen,
        losses,
        {method: said.log_loss() for method, said in judged.items()},
        {method: said.brier() for method, said in judged.items()},
        len(judged[chosen]),
        head.curve.calibration,
        reliability_of(chosen, as_served(chosen, forward[chosen], placed, cutoff), cutoff, seed=seed),
    )
    return LearnedRetention(head, evidence)


def _best(losses: dict[Method, float]) -> Method:
    """The model with the smallest error; with nothing to judge on the mean of the two.

    The base rate is for comparison: where nothing tells people apart, the calibration's slope says so by degrees, which
    a choice between all and nothing would leave to chance.
    """
    models = [method for method in CANDIDATES if method is not Method.BASE_RATE]
    tried = [method for method in models if np.isfinite(losses[method])]
    return min(tried, key=lambda method: losses[method]) if tried else Method.HAZARD_BLEND


def _head(
    method: Method, placed: Placed, forward: Sequence[Forward], cutoff: np.datetime64, seed: int
) -> RetentionHead:
    """The chosen method on everything, calibrated, with copies on resampled placements."""
    rng = np.random.default_rng(seed)
    curve = calibrated_curve(method, placed, forward, cutoff)
    copies = []
    for _ in range(RESAMPLES):
        drawn = _draw(rng, len(placed)), [_draw(rng, len(part.later)) for part in forward]
        copies.append(calibrated_curve(method, placed, forward, cutoff, drawn))
    n_known = int((placed.frame["outcome"] != Outcome.CENSORED).sum())
    return RetentionHead(method.value, curve, tuple(copies), n_known)


def calibrated_curve(
    method: Method,
    placed: Placed,
    forward: Sequence[Forward],
    cutoff: np.datetime64,
    drawn: tuple[Floats, Sequence[Floats]] | None = None,
) -> SurvivalCurve:
    """Fitted and calibrated; with ``drawn``, on a resample of the placements and of the forward predictions."""
    once, again = drawn or (None, None)
    curve = fit_curve(method, placed, cutoff, once)
    calibration = calibration_of(method, forward, cutoff, again)
    return calibrated(curve, calibration, placed.features, lessons(method, placed, cutoff, once))


def _draw(rng: np.random.Generator, n: int) -> Floats:
    """How often each of n placements is in a resample."""
    return np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)
