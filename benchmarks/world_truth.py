"""Rankings against the truth of a synthetic world that no ranker has seen.

    python -m benchmarks.world_truth --seed 2026

Makes a world, imports and indexes it, trains on what was known at a cut-off, and ranks for vacancies that were
published after it. Prints expected lasting placements among the first ten (p_placed × p_retained of the world itself),
for random eligible people, similarity, and the learned ranking, and the share of the way from random to the oracle.
Intervals are 95 % bootstraps over vacancies. Everything here is synthetic.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.homes import filled_home, split_vacancies
from cli.composition import encoder_made, open_matcher
from core.records import Vacancy
from core.settings import Settings
from core.store import Store
from embeddings.encoder import Encoder
from embeddings.indexer import update_index
from ranking.matcher import Matcher
from training.learning import TrainReport, train_ranker
from training.world import Truth

K = 10
MIN_ELIGIBLE = 30
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AgainstTruth:
    """Expected lasting placements among the first ten, per vacancy (v,).

    Attributes:
        random: of eligible people in any order.
        similarity: of the ranking without a model.
        learned: of the ranking with the champion.
        oracle: of the best possible list.
        report: of the training.
    """

    random: Floats
    similarity: Floats
    learned: Floats
    oracle: Floats
    report: TrainReport

    def share(self, ranking: Floats) -> tuple[float, float, float]:
        """Share of the way from random to the oracle, with its interval."""
        return interval_of_share(ranking, self.random, self.oracle)

    def difference(self) -> tuple[float, float, float]:
        """Learned minus similarity, in expected lasting placements per vacancy, with its interval."""
        better = self.learned - self.similarity
        return _interval(better.mean(), better[_draws(len(better))].mean(axis=1))


@dataclass(frozen=True, slots=True)
class TrainedWorld:
    """A world in the product, with a ranker trained on what was known at a cut-off.

    Attributes:
        after: vacancies that were published after the cut-off, the first ones first.
    """

    settings: Settings
    store: Store
    encoder: Encoder
    truth: Truth
    cutoff: datetime
    after: list[Vacancy]
    report: TrainReport


@contextmanager
def trained_world(home: Path, *, n_talents: int, n_vacancies: int, seed: int) -> Iterator[TrainedWorld]:
    """World, import, index and train in an empty home, as the commands do it."""
    settings = filled_home(home, n_talents=n_talents, n_vacancies=n_vacancies, seed=seed)
    truth = Truth.load(home / "world" / "truth.jsonl")
    with Store.open(settings.store_url) as store:
        encoder = encoder_made(settings, store)
        update_index(store, encoder, settings.index_dir)
        cutoff, after = split_vacancies(store)
        report = train_ranker(store, encoder, settings, as_of=cutoff)
        after = [v for v in after if truth.eligible(v.vacancy_id).sum() >= MIN_ELIGIBLE]
        yield TrainedWorld(settings, store, encoder, truth, cutoff, after, report)


def against_truth(home: Path, *, n_talents: int, n_vacancies: int, seed: int, n_test: int = 80) -> AgainstTruth:
    """Runs the whole product on a world and holds it against that world's truth.

    Args:
        home: an empty folder.
        n_talents: of the world.
        n_vacancies: of the world.
        seed: of the world.
        n_test: vacancies to rank for, the first ones published after the cut-off.
    """
    with trained_world(home, n_talents=n_talents, n_vacancies=n_vacancies, seed=seed) as world:
        learned = open_matcher(world.settings, world.store)
        similarity = Matcher.open(world.settings, world.store, world.encoder, lambda: None)
        columns = [_expected(v, world.truth, similarity, learned, world.cutoff) for v in world.after[:n_test]]
    report = world.report
    random, similar, ranked, oracle = np.array(columns).T
    return AgainstTruth(random, similar, ranked, oracle, report)


def _expected(
    vacancy: Vacancy, truth: Truth, similarity: Matcher, learned: Matcher, cutoff: datetime
) -> tuple[float, float, float, float]:
    """Expected lasting placements at ten: random, similarity, learned, oracle."""
    gain = truth.gain(vacancy.vacancy_id)
    eligible = truth.eligible(vacancy.vacancy_id)
    row = {talent_id: number for number, talent_id in enumerate(truth.talent_ids)}

    def of(matcher: Matcher) -> float:
        entries = matcher.shortlist(vacancy, k=K, as_of=cutoff).entries
        return float(sum(gain[row[entry.talent_id]] for entry in entries))

    return float(gain[eligible].mean() * K), of(similarity), of(learned), float(np.sort(gain)[-K:].sum())


def _draws(n: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng(0).integers(n, size=(2_000, n))


def interval_of_share(ranking: Floats, random: Floats, oracle: Floats) -> tuple[float, float, float]:
    """Share of the way from random to the oracle (v,) each, with its 95 % bootstrap interval."""
    gained, possible = ranking - random, oracle - random
    draws = _draws(len(ranking))
    return _interval(gained.sum() / possible.sum(), gained[draws].sum(axis=1) / possible[draws].sum(axis=1))


def _interval(value: float, resampled: Floats) -> tuple[float, float, float]:
    low, high = np.percentile(resampled, (2.5, 97.5))
    return float(value), float(low), float(high)


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talents", type=int, default=4_000)
    parser.add_argument("--vacancies", type=int, default=1_200)
    parser.add_argument("--seed", type=int, default=2_026)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = against_truth(
            Path(folder), n_talents=options.talents, n_vacancies=options.vacancies, seed=options.seed
        )
    print(f"synthetic world, seed {options.seed}: {len(result.random)} vacancies published after the cut-off")
    print("; ".join(result.report.reasons))
    for name in ("random", "similarity", "learned", "oracle"):
        values = getattr(result, name)
        share = "{:5.2f} [{:.2f}, {:.2f}]".format(*result.share(values))
        print(f"  {name:<11} {values.mean():.3f} expected lasting placements at {K}, share {share}")
    print("  learned − similarity {:+.3f} [{:+.3f}, {:+.3f}]".format(*result.difference()))


if __name__ == "__main__":
    main()
