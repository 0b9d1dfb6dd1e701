"""The chance that a placement lasts, with an interval that is wide where data is thin."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactCorrupt
from core.shortlists import Retention
from core.vocabulary import Band

Floats = npt.NDArray[np.float64]

# Cuts of the bands on the calibrated probability. About half of resolved placements last; "hoog" is clearly above
# that and "laag" clearly below, so that a band says more than a coin.
HIGH_FROM = 0.60
LOW_BELOW = 0.40
INTERVAL = (10.0, 90.0)  # percentiles over the bootstrap: eight times in ten


@dataclass(frozen=True, slots=True)
class RetentionHead:
    """Logistic regressions on resamples of the placements: their median is the estimate, their spread the interval.

    Attributes:
        names: the features it reads, in order.
        median: (f,) value that stands in for an unknown.
        scale: (f,) divisor of each feature.
        weights: (b, f + 1) coefficients of b resamples, intercept last.
        n_placements: resolved placements that it learned from.
    """

    names: tuple[str, ...]
    median: Floats
    scale: Floats
    weights: Floats
    n_placements: int

    def predict(self, features: Floats) -> tuple[Floats, Floats, Floats]:
        """Probability, low and high of feature rows (n, f): three arrays (n,), low ≤ probability ≤ high."""
        known = np.where(np.isnan(features), self.median, features)
        standard = np.clip((known - self.median) / self.scale, -4.0, 4.0)  # far outside the data nothing is learned
        # On rows in memory order einsum keeps each row's sum its own: a list of one gives the number of a list of many.
        logits = np.einsum("nf,bf->nb", np.ascontiguousarray(standard), self.weights[:, :-1]) + self.weights[:, -1]
        chances = 1.0 / (1.0 + np.exp(-logits))
        low, middle, high = np.percentile(chances, (INTERVAL[0], 50.0, INTERVAL[1]), axis=1)
        return middle, low, high

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, for the model's directory."""
        return {
            "names": list(self.names),
            "median": self.median.tolist(),
            "scale": self.scale.tolist(),
            "weights": self.weights.tolist(),
            "n_placements": self.n_placements,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote.

        Raises:
            ArtifactCorrupt: parts are missing or do not fit together.
        """
        try:
            head = cls(
                tuple(data["names"]),
                np.asarray(data["median"], dtype=np.float64),
                np.asarray(data["scale"], dtype=np.float64),
                np.asarray(data["weights"], dtype=np.float64),
                int(data["n_placements"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactCorrupt("the retention head cannot be read; roll back or train again") from error
        width = len(head.names)
        if head.median.shape != (width,) or head.scale.shape != (width,) or head.weights.shape[1:] != (width + 1,):
            raise ArtifactCorrupt("the retention head's parts do not fit together; roll back or train again")
        if (
            not all(np.isfinite(part).all() for part in (head.median, head.scale, head.weights))
            or (head.scale <= 0).any()
        ):
            raise ArtifactCorrupt("the retention head holds numbers that cannot be; roll back or train again")
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
