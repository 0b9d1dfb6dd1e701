"""The learning curve: what each candidate makes of later lists, by the number of placements it has learned from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ranking.rankers import Ranker
from training.candidates import Candidate, fit_candidates
from training.evaluation import Estimate
from training.heads import Lessons

Floats = npt.NDArray[np.float64]
Measure = Callable[[Mapping[Candidate, Ranker]], Mapping[str, Floats]]

RESAMPLES = 2_000
SEED = 20_241_101  # of the bootstrap; any fixed number would do


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One size.

    Attributes:
        placements: learned from, on average over the draws.
        draws: random halves, tenths and so on that were learned from.
        measured: by measure and ranker the mean over draws and lists, with its interval over both.
    """

    placements: float
    draws: int
    measured: dict[str, dict[str, Estimate]]


def learning_curve(
    lessons: Lessons, measures: Mapping[str, Measure], *, sizes: Mapping[int, int], rounds: int, seed: int
) -> list[CurvePoint]:
    """Fits all candidates on parts of what was known.

    A part is that of some vacancies drawn at random, with everyone who was shown for them and what came of it. The
    features stay as they are, the employers' history among them, which a smaller history would know less of.

    Args:
        lessons: all that was known.
        measures: by name, a value per list (g,) of each candidate, such as :meth:`training.judging.Judged.ndcg`.
        sizes: how many draws of how many placements.
        rounds: trees of the LambdaMART ranker.
        seed: of the draws.

    Returns:
        One point a size, from small to large; sizes beyond what there is are left out.
    """
    points = []
    for size in sorted(size for size in sizes if size <= len(lessons.placements)):
        drawn = [draw(lessons, size, np.random.default_rng((seed, size, number))) for number in range(sizes[size])]
        fitted = [fit_candidates(one, rounds=rounds) for one in drawn]
        points.append(
            CurvePoint(
                placements=float(np.mean([len(one.placements) for one in drawn])),
                draws=len(drawn),
                measured={
                    name: _over_draws([measure(rankers) for rankers in fitted]) for name, measure in measures.items()
                },
            )
        )
    return points


def _over_draws(found: Sequence[Mapping[str, Floats]]) -> dict[str, Estimate]:
    return {str(name): over_draws(np.array([one[name] for one in found])) for name in found[0]}


def over_draws(values: Floats) -> Estimate:
    """Mean of values (draws, lists) with a 95 % interval that holds the luck of both.

    Draws and lists are resampled independently (pigeonhole bootstrap, Owen 2007). Of one draw only the lists' luck can
    be told. Lists without a value are left out.
    """
    values = values[:, ~np.isnan(values).any(axis=0)]
    n_draws, n_lists = values.shape
    if not n_lists:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    rng = np.random.default_rng(SEED)
    draws, lists = (rng.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES) / n for n in (n_draws, n_lists))
    low, high = np.quantile(((draws @ values) * lists).sum(axis=1), (0.025, 0.975))
    return Estimate(float(values.mean()), float(low), float(high), n_lists)


def draw(lessons: Lessons, size: int, rng: np.random.Generator) -> Lessons:
    """What is known of vacancies drawn at random until they hold a number of placements."""
    vacancies = lessons.rows.frame["vacancy_id"].unique()
    count = lessons.placements["vacancy_id"].value_counts()
    order = rng.permutation(vacancies)
    enough = int(np.searchsorted(np.cumsum(count.reindex(order, fill_value=0).to_numpy()), size)) + 1
    kept: Sequence[str] = order[:enough].tolist()
    return replace(
        lessons,
        rows=lessons.rows.where(lessons.rows.frame["vacancy_id"].isin(kept).to_numpy()),
        placements=lessons.placements[lessons.placements["vacancy_id"].isin(kept)].reset_index(drop=True),
    )
