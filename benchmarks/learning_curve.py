"""How good each candidate is with 100, 300, 1,000 and 10,000 placements, on synthetic worlds whose truth is known.

    python -m benchmarks.learning_curve --out curve.json

Makes worlds, learns from parts of their history, and measures two things: nDCG@10 on later lists, as the gate sees it,
and expected lasting placements among the first ten for vacancies that were published afterwards, by the world's own
chances, as a share of the way from random to the oracle. Intervals are of 95 %, over lists (or vacancies) and over the
parts that were drawn. Everything here is synthetic.

With the usual sizes a world has some 10,500 placements from before its test period, and takes some 4 GB and ten minutes
of one core.
"""

import argparse
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from benchmarks.homes import filled_home, split_vacancies
from benchmarks.world_truth import MIN_ELIGIBLE, K
from cli.composition import encoder_made, open_matcher
from core.settings import Settings
from core.store import Store
from embeddings.indexer import update_index
from ranking.eligibility import check_eligibility
from ranking.features import compute_features
from ranking.history import PlacementHistory
from ranking.outcomes import DEFAULT_LABEL, label_definition, utc_instant
from ranking.pipeline import retrieve
from ranking.pool import TalentPool
from ranking.query import VacancyQuery, build_queries
from ranking.rankers import Ranker
from ranking.reading import VacancyReader
from ranking.trees import TreeSettings
from training.candidates import Candidate
from training.curve import CurvePoint, learning_curve
from training.dataset import FeatureBuilder
from training.evaluation import random_scores
from training.judging import Judged, Past, judged
from training.shown import shown_pairs
from training.splits import split_by_time
from training.world import Truth

Floats = npt.NDArray[np.float64]

DRAWS = {100: 5, 300: 5, 1_000: 2, 10_000: 1}
"""How many parts of each number of placements are learned from."""
ROUNDS = 120
N_TEST = 60
RETRIEVE = 300


@dataclass(frozen=True, slots=True)
class Later:
    """Vacancies that were published after the cut-off, with their candidates and the truth.

    Attributes:
        features: of the retrieved candidates of each vacancy (n, f).
        gains: of each of those, expected lasting placements of showing them (n,).
        random: expected among ten eligible people in any order, by vacancy (v,).
        oracle: the best that ten can give (v,).
    """

    features: list[Floats]
    gains: list[Floats]
    random: Floats
    oracle: Floats

    def share(self, rankers: Mapping[Candidate, Ranker]) -> dict[str, Floats]:
        """Share of the way from random to the oracle by vacancy (v,): their mean is that of the sums.

        ``random`` is ten of the retrieved in any order: what retrieval does by itself.
        """
        firsts = {"random": np.array([gains.mean() * K for gains in self.gains])}
        for name, ranker in rankers.items():
            found = [_first(*pair, ranker) for pair in zip(self.features, self.gains, strict=True)]
            firsts[str(name)] = np.array(found)
        possible = float((self.oracle - self.random).mean())
        return {name: (first - self.random) / possible for name, first in firsts.items()}


@dataclass(frozen=True, slots=True)
class World:
    """One world, made ready to learn from and to judge on."""

    past: Past
    moment: datetime
    test: Judged
    later: Later

    def ndcg(self, rankers: Mapping[Candidate, Ranker]) -> dict[str, Floats]:
        """nDCG@10 of each list of the test period (g,), of chance too."""
        chance = self.test.ndcg_of(random_scores(len(self.test.table)))
        return {"random": chance, **{str(name): values for name, values in self.test.ndcg(rankers).items()}}


def _first(features: Floats, gains: Floats, ranker: Ranker) -> float:
    return float(gains[np.argsort(-ranker.score(features), kind="stable")[:K]].sum())


def made(home: Path, *, n_talents: int, n_vacancies: int, seed: int) -> World:
    """Makes a world in an empty folder, and all features that are needed of it."""
    return read(filled_home(home, n_talents=n_talents, n_vacancies=n_vacancies, seed=seed))


def read(settings: Settings) -> World:
    """Computes all features that are needed of the world in a home."""
    label = label_definition(DEFAULT_LABEL)
    with Store.open(settings.store_url) as store:
        encoder = encoder_made(settings, store)
        update_index(store, encoder, settings.index_dir)
        cutoff, after = split_vacancies(store)
        events = store.event_columns(until=cutoff)
        shown = shown_pairs(events, as_of=cutoff, label=label)
        builder = FeatureBuilder(store, encoder, shown)
        history = builder.history(events, as_of=cutoff)
        past = Past(builder.rows(shown, history), events, label, TreeSettings(threads=settings.threads))
        pool = open_matcher(settings, store)._pool_at(cutoff)  # noqa: SLF001  who stood in the index that day
        reader = VacancyReader(pool.places)
        told = [reader.told(vacancy) for vacancy in after]
        queries = build_queries(told, encoder, pool.places)
    later = _later(queries, pool, history, Truth.load(settings.home / "world" / "truth.jsonl"), cutoff)
    split = split_by_time(past.rows.frame, cutoff)
    test = judged(past, split.test(past.rows.frame["shown_at"]), cutoff)
    return World(past, _utc(split.test_from), test, later)


def _later(
    queries: list[VacancyQuery], pool: TalentPool, history: PlacementHistory, truth: Truth, cutoff: datetime
) -> Later:
    row = {talent_id: number for number, talent_id in enumerate(truth.talent_ids)}
    rows = np.array([row[talent_id] for talent_id in pool.candidates.corpus.ids])
    features: list[Floats] = []
    gains: list[Floats] = []
    random: list[float] = []
    oracle: list[float] = []
    for query in queries:
        allowed, gain = truth.eligible(query.vacancy.vacancy_id), truth.gain(query.vacancy.vacancy_id)
        if allowed.sum() < MIN_ELIGIBLE or len(features) == N_TEST:
            continue
        eligible = check_eligibility(query.hard, pool.candidates.columns, query.hard_at, cutoff.date()).eligible
        near = retrieve(query, pool.index, eligible, RETRIEVE)
        known = history.features(query.vacancy, utc_instant(cutoff))
        features.append(compute_features(query, pool.candidates, near, known)[0])
        gains.append(gain[rows[near]])
        random.append(float(gain[allowed].mean()) * K)
        oracle.append(float(np.sort(gain)[-K:].sum()))
    return Later(features, gains, np.array(random), np.array(oracle))


def _utc(instant: np.datetime64) -> datetime:
    return datetime.fromisoformat(str(instant)).replace(tzinfo=UTC)


def curve_of(world: World, seed: int) -> list[CurvePoint]:
    """The curve of a world in both measures; learned from what was known when the test period began."""
    lessons = world.past.lessons(world.moment)
    return learning_curve(
        lessons,
        {"ndcg_at_10": world.ndcg, "share_of_truth": world.later.share},
        sizes=DRAWS | {len(lessons.placements): 1},
        rounds=ROUNDS,
        seed=seed,
    )


def main() -> None:
    """Prints the curves and writes them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--talents", type=int, default=12_000)
    parser.add_argument("--vacancies", type=int, default=21_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    worlds = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            world = made(Path(folder), n_talents=options.talents, n_vacancies=options.vacancies, seed=seed)
            points = curve_of(world, seed)
        worlds.append({"seed": seed, "points": [asdict(point) for point in points]})
        print(f"synthetic world, seed {seed}, {options.talents} talents, {options.vacancies} vacancies")
        for point in points:
            for measure, values in point.measured.items():
                told = "  ".join(
                    f"{name} {one.value:.3f}±{(one.high - one.low) / 2:.3f}" for name, one in values.items()
                )
                print(f"  {point.placements:7.0f} placements, {measure:<14} {told}", flush=True)
    if options.out:
        content = {"synthetic": True, "talents": options.talents, "vacancies": options.vacancies, "worlds": worlds}
        options.out.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
