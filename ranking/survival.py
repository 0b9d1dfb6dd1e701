"""Chances to stay in a job, period by period, and the ranker that orders by them.

A placement passes through periods: the first day, week, month and quarter, and then the rest of the way to the hours.
A curve gives each person the chance to stay through each period, and P(retained | placed) is the product of these
(discrete-time survival, Cox 1972; Singer & Willett 1993).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from core.errors import ArtifactCorrupt
from ranking.rankers import Ranker, row_sums

Floats = npt.NDArray[np.float64]
Reader = Callable[[Any], Ranker]

_MARGIN = 1e-6  # probabilities stay this far from 0 and 1, so that their log-odds are finite
_STEP = 1e-4  # in log-odds, where a slope is measured


class CalibrationKind(StrEnum):
    """How probabilities were brought in line with what came of later placements."""

    NONE = "none"
    PLATT = "platt"
    ISOTONIC = "isotonic"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is done to a curve's output.

    Attributes:
        kind: Platt's slope, whose shift is in the curve's baseline; or isotonic steps; ``none`` leaves all as it is.
        slope: times what tells people apart; below 1 it takes back what was learned too eagerly. 0 or more.
        raw: (m,) rising probabilities before isotonic steps; empty without.
        calibrated: (m,) what they become, never falling; straight lines between.
    """

    kind: CalibrationKind = CalibrationKind.NONE
    slope: float = 1.0
    raw: tuple[float, ...] = ()
    calibrated: tuple[float, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain numbers."""
        return {
            "kind": self.kind.value,
            "slope": self.slope,
            "raw": list(self.raw),
            "calibrated": list(self.calibrated),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote.

        Raises:
            ArtifactCorrupt: the numbers cannot be.
        """
        raw, calibrated = tuple(map(float, data["raw"])), tuple(map(float, data["calibrated"]))
        found = cls(CalibrationKind(data["kind"]), float(data["slope"]), raw, calibrated)
        steps = np.array([raw, calibrated]) if len(raw) == len(calibrated) else np.array([np.nan])
        sound = np.isfinite(steps).all() and (np.diff(steps) >= 0).all()
        if not sound or not 0.0 <= found.slope < np.inf or bool(raw) != (found.kind is CalibrationKind.ISOTONIC):
            raise ArtifactCorrupt("the retention head's calibration cannot be; roll back or train again")
        return found


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """A person's chances to stay, period by period: proportional in the odds, so that one order holds for all periods.

    Attributes:
        ranker: log-odds of staying, apart from the period.
        baseline: (k,) log-odds of staying through each of k periods, added to the ranker's.
        calibration: of the result.
    """

    ranker: Ranker
    baseline: Floats
    calibration: Calibration

    def probability(self, features: Floats) -> Floats:
        """Calibrated P(retained | placed) of feature rows (n, f), each row on its own."""
        return self.of_scores(self.ranker.score(features))

    def of_scores(self, scores: Floats) -> Floats:
        """The same for scores (n,) of the ranker."""
        odds = self.period_odds(scores)
        staying = np.ones(len(scores))
        for period in range(len(self.baseline)):  # a product over an axis may depend on the number of rows
            staying = staying * expit(odds[:, period])
        if self.calibration.raw:
            staying = np.interp(staying, self.calibration.raw, self.calibration.calibrated)
        return np.clip(staying, _MARGIN, 1.0 - _MARGIN)

    def period_odds(self, scores: Floats) -> Floats:
        """Calibrated log-odds (n, k) of staying through each period, for scores (n,) of the ranker."""
        return np.asarray((self.calibration.slope * scores)[:, None] + self.baseline)

    def to_json(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "ranker": self.ranker.to_json(),
            "baseline": self.baseline.tolist(),
            "calibration": self.calibration.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], read: Reader) -> Self:
        """Reads what :meth:`to_json` wrote.

        Args:
            data: plain numbers and text.
            read: reads the ranker in it.

        Raises:
            ArtifactCorrupt: the parts do not fit together or hold numbers that cannot be.
        """
        baseline = np.asarray(data["baseline"], dtype=np.float64)
        if baseline.ndim != 1 or not len(baseline) or not np.isfinite(baseline).all():
            raise ArtifactCorrupt("the retention head's periods cannot be; roll back or train again")
        return cls(read(data["ranker"]), baseline, Calibration.from_json(data["calibration"]))


@dataclass(frozen=True, slots=True)
class StayRanker:
    """Orders by the log-odds of P(retained | placed), as a :class:`ranking.rankers.Ranker`."""

    curve: SurvivalCurve
    kind: ClassVar[str] = "stay"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns that it reads, in order."""
        return self.curve.ranker.feature_names

    def score(self, features: Floats) -> Floats:
        """See :class:`ranking.rankers.Ranker`."""
        return self._log_odds(self.curve.ranker.score(features))

    def contributions(self, features: Floats) -> Floats:
        """See :class:`ranking.rankers.Ranker`.

        The log-odds depend on the curve's ranker alone, so each feature has the same share in both (Aumann & Shapley
        along that one line); the constant is the score at the ranker's constant.
        """
        parts = self.curve.ranker.contributions(features)
        scores, move = self.curve.ranker.score(features), row_sums(parts)
        still = np.abs(move) < _STEP
        rise = self._log_odds(scores) - self._log_odds(scores - move)
        slope = (self._log_odds(scores + _STEP) - self._log_odds(scores - _STEP)) / (2.0 * _STEP)
        return parts * np.where(still, slope, rise / np.where(still, 1.0, move))[:, None]

    def importance(self) -> dict[str, float]:
        """See :class:`ranking.rankers.Ranker`."""
        return self.curve.ranker.importance()

    def to_json(self) -> dict[str, Any]:
        """See :class:`ranking.rankers.Ranker`."""
        return {"kind": self.kind, "curve": self.curve.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], read: Reader) -> Self:
        """Reads what :meth:`to_json` wrote; see :meth:`SurvivalCurve.from_json`."""
        return cls(SurvivalCurve.from_json(data["curve"], read))

    def _log_odds(self, scores: Floats) -> Floats:
        return np.asarray(logit(self.curve.of_scores(scores)), dtype=np.float64)
