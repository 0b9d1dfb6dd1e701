"""What orders candidates: the seam that every ranker fits, and the rankers that a person could work out by hand.

A ranker scores each row on its own: a list of one gives the same number, to the last bit, as a list of thousands, so
that what was judged offline is what is served. Its contributions add up to the score less a constant, so that the
reasons that a matchmaker reads are those of this very score.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactCorrupt

Floats = npt.NDArray[np.float64]

FAR = 4.0  # spreads from the median beyond which nothing was learned


class Ranker(Protocol):
    """Scores rows of features; safe to use from several threads."""

    @property
    def kind(self) -> str:
        """Its name in stored models."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns it reads, in order."""

    def score(self, features: Floats) -> Floats:
        """Scores (n,) of feature rows (n, f), NaN where unknown; higher is better, each row on its own."""

    def contributions(self, features: Floats) -> Floats:
        """What each feature adds to those scores (n, f): a row's sum is its score less a constant."""

    def importance(self) -> dict[str, float]:
        """How much each feature can do, by name; only the shares have a meaning."""

    def to_json(self) -> dict[str, Any]:
        """The whole ranker as plain numbers and text, its ``kind`` among them."""


def row_sums(parts: Floats) -> Floats:
    """Sums (n,) over the columns of (n, f), in the order of the columns: numpy's own sum varies with the layout."""
    return parts.cumsum(axis=1)[:, -1] if parts.size else np.zeros(len(parts))


@dataclass(frozen=True, slots=True)
class LinearRanker:
    """A weighted sum of standardised features, as of a logistic regression; the score is in log-odds.

    Attributes:
        feature_names: the columns it reads, in order.
        median: (f,) value that stands in for an unknown.
        scale: (f,) divisor of each feature.
        weights: (f,) of the standardised features.
        intercept: of the sum.
    """

    feature_names: tuple[str, ...]
    median: Floats
    scale: Floats
    weights: Floats
    intercept: float
    kind: ClassVar[str] = "linear"

    def score(self, features: Floats) -> Floats:
        """See :class:`Ranker`."""
        return row_sums(self.contributions(features)) + self.intercept

    def contributions(self, features: Floats) -> Floats:
        """See :class:`Ranker`; the constant is the intercept: the score of someone who is average in everything."""
        return standardised(features, self.median, self.scale) * self.weights

    def importance(self) -> dict[str, float]:
        """See :class:`Ranker`: the size of each weight on the standardised feature."""
        return dict(zip(self.feature_names, np.abs(self.weights).tolist(), strict=True))

    def to_json(self) -> dict[str, Any]:
        """See :class:`Ranker`."""
        return {
            "kind": self.kind,
            "names": list(self.feature_names),
            "median": self.median.tolist(),
            "scale": self.scale.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote.

        Raises:
            ArtifactCorrupt: the parts do not fit together or hold numbers that cannot be.
        """
        names = tuple(data["names"])
        median, scale, weights = (np.asarray(data[name], dtype=np.float64) for name in ("median", "scale", "weights"))
        ranker = cls(names, median, scale, weights, float(data["intercept"]))
        fits = all(part.shape == (len(names),) and np.isfinite(part).all() for part in (median, scale, weights))
        if not fits or (ranker.scale <= 0).any() or not np.isfinite(ranker.intercept):
            raise ArtifactCorrupt("the ranker's parts do not fit together; roll back or train again")
        return ranker


def standardised(features: Floats, median: Floats, scale: Floats) -> Floats:
    """Features (n, f) in spreads from the median, unknown at the median, cut at ``FAR``."""
    values = (np.where(np.isnan(features), median, features) - median) / scale
    clipped: Floats = np.clip(values, -FAR, FAR)
    return clipped


@dataclass(frozen=True, slots=True)
class SimilarityRanker:
    """Orders by the cosine of profile and vacancy: what there is without any learning."""

    feature_names: tuple[str, ...]
    kind: ClassVar[str] = "similarity"

    def score(self, features: Floats) -> Floats:
        """See :class:`Ranker`."""
        return features[:, self._column].astype(np.float64)

    def contributions(self, features: Floats) -> Floats:
        """See :class:`Ranker`."""
        parts = np.zeros_like(features)
        parts[:, self._column] = features[:, self._column]
        return parts

    def importance(self) -> dict[str, float]:
        """See :class:`Ranker`."""
        return {name: float(name == "similarity") for name in self.feature_names}

    def to_json(self) -> dict[str, Any]:
        """See :class:`Ranker`."""
        return {"kind": self.kind, "names": list(self.feature_names)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote."""
        return cls(_knowing(data, ("similarity",)))

    @property
    def _column(self) -> int:
        return self.feature_names.index("similarity")


def _unchanged(values: Floats) -> Floats:
    return values


def _nearness(share: Floats) -> Floats:
    return 1.0 - np.clip(share, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Term:
    """One thing that counts in the coverage score, and what an unknown counts for."""

    weight: float
    unknown: float
    worth: Callable[[Floats], Floats] = _unchanged


# Shares of what is asked that is there; unknown counts half, an interest that is not told counts for nothing.
_TERMS: Mapping[str, _Term] = {
    "skill_mean": _Term(2.0, 0.5),
    "behaviour_fit": _Term(1.0, 0.5),
    "interest_task": _Term(1.0, 0.0),
    "travel_share": _Term(1.0, 0.5, _nearness),
    "hours_overlap": _Term(1.0, 0.5),
    "irregular_refused": _Term(-1.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class CoverageRanker:
    """A transparent score that one could do by hand: how much of what is asked is there."""

    feature_names: tuple[str, ...]
    kind: ClassVar[str] = "coverage"

    def score(self, features: Floats) -> Floats:
        """See :class:`Ranker`: shares of what is asked, weighed by hand."""
        return row_sums(self.contributions(features)) + sum(
            term.weight * float(term.worth(np.array(term.unknown))) for term in _TERMS.values()
        )

    def contributions(self, features: Floats) -> Floats:
        """See :class:`Ranker`; the constant is the score of someone of whom nothing is known."""
        parts = np.zeros(features.shape)
        for name, term in _TERMS.items():
            column = self.feature_names.index(name)
            values = np.where(np.isnan(features[:, column]), term.unknown, features[:, column])
            parts[:, column] = term.weight * (term.worth(values) - term.worth(np.array(term.unknown)))
        return parts

    def importance(self) -> dict[str, float]:
        """See :class:`Ranker`."""
        return {name: abs(_TERMS[name].weight) if name in _TERMS else 0.0 for name in self.feature_names}

    def to_json(self) -> dict[str, Any]:
        """See :class:`Ranker`."""
        return {"kind": self.kind, "names": list(self.feature_names)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote."""
        return cls(_knowing(data, tuple(_TERMS)))


def _knowing(data: Mapping[str, Any], needed: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(map(str, data["names"]))
    if not set(needed) <= set(names):
        raise ArtifactCorrupt("the ranker lacks features that it needs; roll back or train again")
    return names
