"""The chance that a placement lasts, with an interval that is wide where data is thin.

The estimate is that of a survival curve, calibrated on placements signed after those that it learned from; copies of it
learned from resampled placements give the interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from core.errors import ArtifactCorrupt
from core.shortlists import Retention
from core.vocabulary import Band
from ranking.rankers_combined import ranker_from_json
from ranking.survival import StayRanker, SurvivalCurve

Floats = npt.NDArray[np.float64]

# Cuts of the bands on the calibrated probability, in words that a matchmaker can check: "hoog" is three placements in
# four that last or more, "laag" is more often not than so.
HIGH_FROM = 0.75
LOW_BELOW = 0.50
INTERVAL = (10.0, 90.0)  # percentiles over the copies: eight times in ten

_UNREADABLE: Final = "the retention head cannot be read; roll back or train again"


@dataclass(frozen=True, slots=True)
class RetentionHead:
    """P(retained | placed) with an interval and the part of each feature.

    Attributes:
        method: how it was learned, for people.
        curve: gives the estimate.
        copies: the same, learned and calibrated on resampled placements; their spread is the interval.
        n_placements: placements whose outcome was known when it learned; open ones taught beside them.
    """

    method: str
    curve: SurvivalCurve
    copies: tuple[SurvivalCurve, ...]
    n_placements: int

    @property
    def names(self) -> tuple[str, ...]:
        """The features that it reads, in order."""
        return self.curve.ranker.feature_names

    def probability(self, features: Floats) -> Floats:
        """Only the estimate (n,) of feature rows (n, f): fast enough for everyone who is ranked."""
        return np.asarray(expit(StayRanker(self.curve).score(features)), dtype=np.float64)

    def predict(self, features: Floats) -> tuple[Floats, Floats, Floats]:
        """Probability, low and high of feature rows (n, f): three arrays (n,), low ≤ probability ≤ high.

        The copies vary around their own median, which lies further out than the estimate where few placements came
        back twice; so their spread, in log-odds, is laid around the estimate.
        """
        middle = StayRanker(self.curve).score(features)
        if not len(self.copies) or not len(features):
            return expit(middle), expit(middle), expit(middle)
        spread = np.column_stack([StayRanker(copy).score(features) for copy in self.copies])
        low, median, high = np.percentile(spread, (INTERVAL[0], 50.0, INTERVAL[1]), axis=1)
        return expit(middle), expit(middle + (low - median)), expit(middle + (high - median))

    def contributions(self, features: Floats) -> Floats:
        """What each feature adds (n, f) to the log-odds of the estimate; a row's sum is these less a constant."""
        return StayRanker(self.curve).contributions(features)

    def to_json(self) -> dict[str, Any]:
        """Plain numbers and text, for the model's directory."""
        return {
            "method": self.method,
            "curve": self.curve.to_json(),
            "copies": [copy.to_json() for copy in self.copies],
            "n_placements": self.n_placements,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote.

        Raises:
            ArtifactCorrupt: parts are missing or do not fit together.
        """
        try:
            curve = SurvivalCurve.from_json(data["curve"], ranker_from_json)
            copies = tuple(SurvivalCurve.from_json(copy, ranker_from_json) for copy in data["copies"])
            head = cls(str(data["method"]), curve, copies, int(data["n_placements"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactCorrupt(_UNREADABLE) from error
        if any(copy.ranker.feature_names != head.names for copy in copies):
            raise ArtifactCorrupt("the retention head's parts do not fit together; roll back or train again")
        return head


def band(probability: float) -> Band:
    """The word that a matchmaker reads for a probability."""
    if probability >= HIGH_FROM:
        return Band.HIGH
    return Band.LOW if probability < LOW_BELOW else Band.MIDDLE


def retention_of(probability: float, low: float, high: float) -> Retention:
    """The three numbers as part of an entry, rounded to what they can carry."""
    return Retention(
        probability=round(float(probability), 3),
        low=round(float(low), 3),
        high=round(float(high), 3),
        band=band(float(probability)),
    )
