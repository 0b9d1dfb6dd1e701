"""Rankers made of rankers: the expected gain of a chain of steps, and the blend; and how any ranker is read back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from core.errors import ArtifactCorrupt
from ranking.rankers import CoverageRanker, LinearRanker, Ranker, SimilarityRanker, row_sums
from ranking.survival import StayRanker
from ranking.trees import TreeRanker

Floats = npt.NDArray[np.float64]

_UNREADABLE = "the ranker cannot be read; roll back or train again"
# Points and weights on [0, 1] of the integral behind the contributions; with 12 the error is below 1e-9.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_POINTS, _SHARES = (_NODES + 1.0) / 2.0, _WEIGHTS / 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step towards a lasting placement.

    Attributes:
        name: of the step.
        head: log-odds of taking it, for whoever took the step before.
        gain: what taking it is worth, on top of the steps before.
    """

    name: str
    head: Ranker
    gain: float


@dataclass(frozen=True, slots=True)
class StagedRanker:
    """Orders by the logarithm of the expected gain: p₁·(g₁ + p₂·(g₂ + …)).

    With gains 0 and 1 for placed and retained it is log P(placed | shown) + log P(retained | placed).
    """

    steps: tuple[Step, ...]
    kind: ClassVar[str] = "staged"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of its heads, which all read the same."""
        return self.steps[0].head.feature_names

    def score(self, features: Floats) -> Floats:
        """See :class:`ranking.rankers.Ranker`."""
        return self._log_gain([step.head.score(features) for step in self.steps])[0]

    def contributions(self, features: Floats) -> Floats:
        """See :class:`ranking.rankers.Ranker`.

        Aumann-Shapley values (integrated gradients, Sundararajan et al. 2017) from the heads' constants to the heads'
        log-odds, shared out over the features by each head's own contributions. The constant is the score at the
        heads' constants.
        """
        if not len(features):
            return np.empty((0, len(self.feature_names)))
        parts = [step.head.contributions(features) for step in self.steps]
        ends = [step.head.score(features) for step in self.steps]
        moves = [row_sums(part) for part in parts]
        total = np.zeros(features.shape)
        for point, share in zip(_POINTS, _SHARES, strict=True):
            _, slopes = self._log_gain([end - (1.0 - point) * move for end, move in zip(ends, moves, strict=True)])
            for slope, part in zip(slopes, parts, strict=True):
                total += share * slope[:, None] * part
        return total

    def importance(self) -> dict[str, float]:
        """See :class:`ranking.rankers.Ranker`: the mean of the heads' shares."""
        return _mean_shares([(1.0, step.head) for step in self.steps], self.feature_names)

    def to_json(self) -> dict[str, Any]:
        """See :class:`ranking.rankers.Ranker`."""
        steps = [{"name": step.name, "head": step.head.to_json(), "gain": step.gain} for step in self.steps]
        return {"kind": self.kind, "steps": steps}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote.

        Raises:
            ArtifactCorrupt: there is no step, or nothing to gain.
        """
        steps = tuple(
            Step(str(step["name"]), ranker_from_json(step["head"]), float(step["gain"])) for step in data["steps"]
        )
        if not steps or not all(step.gain >= 0 for step in steps) or not steps[-1].gain > 0:
            raise ArtifactCorrupt(_UNREADABLE)
        _check_alike([step.head for step in steps])
        return cls(steps)

    def _log_gain(self, log_odds: list[Floats]) -> tuple[Floats, list[Floats]]:
        """Log expected gain (n,) and its slope by each head's log-odds, in one pass from the last step to the first."""
        chances = [np.asarray(expit(values), dtype=np.float64) for values in log_odds]
        worth = [np.zeros_like(log_odds[0])]  # of having reached a step, from the last to the first
        for step, chance in zip(reversed(self.steps), reversed(chances), strict=True):
            worth.append(chance * (step.gain + worth[-1]))
        slopes, share = [], np.ones_like(log_odds[0])
        for step, chance, later in zip(self.steps, chances, worth[-2::-1], strict=True):
            slopes.append(share * (1.0 - chance))
            share = share * later / (step.gain + later)
        return np.log(worth[-1]), slopes


@dataclass(frozen=True, slots=True)
class Part:
    """One ranker of a blend.

    Attributes:
        ranker: whose scores are used.
        weight: of its score.
        spread: of its scores where it was fitted: by this they are divided, so that weights compare.
    """

    ranker: Ranker
    weight: float
    spread: float


@dataclass(frozen=True, slots=True)
class BlendRanker:
    """The weighted sum of standardised scores; of log-odds or log gains it is a geometric mean of the chances."""

    parts: tuple[Part, ...]
    kind: ClassVar[str] = "blend"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of its parts, which all read the same."""
        return self.parts[0].ranker.feature_names

    def score(self, features: Floats) -> Floats:
        """See :class:`ranking.rankers.Ranker`."""
        total = np.zeros(len(features))
        for part in self.parts:
            total = total + part.ranker.score(features) * (part.weight / part.spread)
        return total

    def contributions(self, features: Floats) -> Floats:
        """See :class:`ranking.rankers.Ranker`."""
        total = np.zeros(features.shape)
        for part in self.parts:
            total = total + part.ranker.contributions(features) * (part.weight / part.spread)
        return total

    def importance(self) -> dict[str, float]:
        """See :class:`ranking.rankers.Ranker`: the parts' shares, by weight."""
        return _mean_shares([(part.weight, part.ranker) for part in self.parts], self.feature_names)

    def to_json(self) -> dict[str, Any]:
        """See :class:`ranking.rankers.Ranker`."""
        parts = [{"ranker": part.ranker.to_json(), "weight": part.weight, "spread": part.spread} for part in self.parts]
        return {"kind": self.kind, "parts": parts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote.

        Raises:
            ArtifactCorrupt: there is no part, or a weight or spread that cannot be.
        """
        parts = tuple(
            Part(ranker_from_json(part["ranker"]), float(part["weight"]), float(part["spread"]))
            for part in data["parts"]
        )
        if not parts or not all(np.isfinite(part.weight) and 0 < part.spread < np.inf for part in parts):
            raise ArtifactCorrupt(_UNREADABLE)
        _check_alike([part.ranker for part in parts])
        return cls(parts)


def _mean_shares(rankers: list[tuple[float, Ranker]], names: tuple[str, ...]) -> dict[str, float]:
    total = dict.fromkeys(names, 0.0)
    for weight, ranker in rankers:
        gains = ranker.importance()
        whole = sum(gains.values()) or 1.0
        for name, gain in gains.items():
            total[name] += weight * gain / whole
    return total


def _check_alike(rankers: list[Ranker]) -> None:
    if len({ranker.feature_names for ranker in rankers}) != 1:
        raise ArtifactCorrupt("the ranker's parts know different features; roll back or train again")


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Ranker]]] = {
    TreeRanker.kind: TreeRanker.from_json,
    LinearRanker.kind: LinearRanker.from_json,
    CoverageRanker.kind: CoverageRanker.from_json,
    SimilarityRanker.kind: SimilarityRanker.from_json,
    StagedRanker.kind: StagedRanker.from_json,
    BlendRanker.kind: BlendRanker.from_json,
    StayRanker.kind: lambda data: StayRanker.from_json(data, ranker_from_json),
}


def ranker_from_json(data: Any) -> Ranker:
    """Reads any ranker from what its ``to_json`` wrote.

    Raises:
        ArtifactCorrupt: it is of no known kind, or its parts are missing or do not fit together.
    """
    try:
        return _READERS[data["kind"]](data)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ArtifactCorrupt(_UNREADABLE) from error
