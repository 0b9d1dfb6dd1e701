"""The rankers that compete, and how each is made of what was known."""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ranking.rankers import CoverageRanker, Ranker, SimilarityRanker
from ranking.rankers_combined import BlendRanker, Part, StagedRanker, Step
from ranking.trees import refit_ranker
from training.heads import (
    Lessons,
    StepTable,
    fit_logistic,
    fit_trees,
    placed_step,
    proposed_step,
)
from training.retention_methods import fit_stay
from training.sample import MAX_LINEAR_ROWS, whole_lists
from training.shown import GAIN, Grade

Floats = npt.NDArray[np.float64]


class Candidate(StrEnum):
    """The rankers that compete, in the order in which they are kept when they are as good.

    First those without learning. Of the learned ones first the blend: its parts err in different ways, so that it is
    the steadiest with few placements, while logged lists, on which only people stand whom the old way of working
    liked, hardly tell the learned ones apart (``benchmarks/learning_curve.py`` shows both on worlds whose truth is
    known). One of its parts takes its place only when it is better by more than luck.
    """

    SIMILARITY = "similarity"
    COVERAGE = "coverage"
    BLEND = "blend"
    LOGISTIC = "logistic"
    EXPECTED_GAIN = "expected_gain"
    TWO_HEAD = "two_head"
    LIGHTGBM = "lightgbm"


_GAINS = tuple(np.diff([GAIN[grade] for grade in Grade if grade >= Grade.SHOWN]).tolist())  # of each step by itself
_LASTING = (0.0, 0.0, 1.0)  # only a placement that lasts counts
PLACEMENTS_FOR_HALF = 300
"""Placements with which trees and regression have equal shares of the blend. With fewer the regression has more: on
worlds with known truth the best share of trees was about a third at 125 placements, half at 330, three quarters at 980.
"""
UNLEARNED = (Candidate.SIMILARITY, Candidate.COVERAGE)


def fit_candidates(
    lessons: Lessons, *, rounds: int, wanted: Collection[Candidate] = tuple(Candidate)
) -> dict[Candidate, Ranker]:
    """Fits candidates on what was known.

    Args:
        lessons: the shown pairs and the moment.
        rounds: trees of the LambdaMART ranker.
        wanted: which ones; what they share is fitted once.

    Returns:
        The rankers, in the order of :class:`Candidate`.
    """
    parts = _Parts(lessons, rounds)
    make: Mapping[Candidate, Callable[[], Ranker]] = {
        Candidate.SIMILARITY: lambda: SimilarityRanker(lessons.columns.names),
        Candidate.COVERAGE: lambda: CoverageRanker(lessons.columns.names),
        Candidate.BLEND: lambda: parts.blend,
        Candidate.LOGISTIC: lambda: pointwise(lessons),
        Candidate.EXPECTED_GAIN: lambda: parts.expected_gain,
        Candidate.TWO_HEAD: lambda: parts.two_head,
        Candidate.LIGHTGBM: lambda: parts.trees,
    }
    return {name: make[name]() for name in Candidate if name in wanted}


class _Parts:
    """What several candidates are made of, each fitted when it is first asked for."""

    def __init__(self, lessons: Lessons, rounds: int) -> None:
        self._lessons, self._rounds = lessons, rounds

    @cached_property
    def trees(self) -> Ranker:
        return refit_ranker(
            self._lessons.rows.table(), self._lessons.columns, self._lessons.settings, rounds=self._rounds
        )

    @cached_property
    def expected_gain(self) -> Ranker:
        """What showing someone is worth to be expected, by the gains that rankings are judged with."""
        return staged([*self._tree_heads, self._stay], _GAINS)

    @cached_property
    def two_head(self) -> Ranker:
        """P(placed | shown) × P(retained | placed), the first in its two steps."""
        return staged([*self._tree_heads, self._stay], _LASTING)

    @cached_property
    def blend(self) -> Ranker:
        """P(placed and retained | shown), each step to a placement by trees and regression together."""
        columns, share = self._lessons.columns, tree_share(len(self._lessons.placements))
        heads: list[Ranker] = [
            BlendRanker((Part(trees, share, 1.0), Part(fit_logistic(step, columns)[0], 1.0 - share, 1.0)))
            for step, trees in zip(self._steps, self._tree_heads, strict=True)
        ]
        return staged([*heads, self._stay], _LASTING)

    @cached_property
    def _steps(self) -> list[StepTable]:
        return [step(self._lessons) for step in (proposed_step, placed_step)]

    @cached_property
    def _tree_heads(self) -> list[Ranker]:
        return [fit_trees(step, self._lessons.columns, self._lessons.settings) for step in self._steps]

    @cached_property
    def _stay(self) -> Ranker:
        lessons = self._lessons
        return fit_stay(
            lessons.rows, lessons.placements, as_of=lessons.as_of, columns=lessons.columns, settings=lessons.settings
        )


def tree_share(placements: int) -> float:
    """Of each head of the blend; the rest is the regression's."""
    return placements / (placements + PLACEMENTS_FOR_HALF)


def staged(heads: Sequence[Ranker], gains: Sequence[float]) -> StagedRanker:
    """Being proposed, then placed, then retained, each with its gain."""
    names = ("proposed", "placed", "retained")
    return StagedRanker(tuple(Step(*parts) for parts in zip(names, heads, gains, strict=True)))


def pointwise(lessons: Lessons) -> Ranker:
    """Logistic regression of the gain as a share of the most there is to gain, each pair by itself."""
    known = lessons.rows.where((lessons.rows.frame["grade"] != Grade.UNKNOWN).to_numpy())
    known = whole_lists(known, MAX_LINEAR_ROWS)
    share = np.asarray(GAIN)[known.frame["grade"].to_numpy(dtype=np.int64)] / max(GAIN)
    places = known.frame["rank"].to_numpy(dtype=np.float64)
    yes = np.repeat([True, False], len(share))  # a share is that much of a yes and the rest of a no
    table = StepTable(np.tile(known.features, (2, 1)), yes, np.append(share, 1.0 - share), np.tile(places, 2))
    return fit_logistic(table, lessons.columns)[0]
