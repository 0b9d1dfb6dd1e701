"""How far the product comes on worlds that no one developed on, beside what it must leave behind.

    python -m benchmarks.world_share --seeds 801,802,803

For each seed: world, import, index, train (with whatever the gate promotes), and the product's own lists for vacancies
published after the cut-off. Prints expected lasting placements among the first ten, by the world's own chances, as a
share of the way from random eligible people to the oracle; character TF-IDF behind the knock-outs, LightGBM on twenty
obvious features, similarity and the coverage score get the same people and the same cut-off. Intervals are 95 %
bootstraps over vacancies. Everything here is synthetic.
"""

import argparse
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.obvious import Obvious, People
from benchmarks.world_truth import K, TrainedWorld, interval_of_share, trained_world
from cli.composition import open_matcher
from core.records import Vacancy
from embeddings.indexer import load_index
from ranking.columns import coordinates
from ranking.eligibility import check_eligibility
from ranking.features import FEATURE_NAMES, compute_features
from ranking.history import HistoryFeatures
from ranking.matcher import Matcher
from ranking.outcomes import DEFAULT_LABEL, label_definition
from ranking.pool import TalentPool, load_pool, pool_as_of
from ranking.query import VacancyQuery, build_queries
from ranking.rankers import CoverageRanker
from ranking.reading import VacancyReader
from training.shown import list_sizes, shown_pairs

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Expected lasting placements among the first ten, per vacancy (v,), by ranking; random and oracle among them."""

    by_ranking: dict[str, Floats]
    reasons: list[str]

    def lines(self) -> list[str]:
        """A line a ranking: mean, share, interval."""
        random, oracle = self.by_ranking["random"], self.by_ranking["oracle"]
        return [
            f"  {name:<24} {values.mean():.3f}  share {share:5.2f} [{low:.2f}, {high:.2f}]"
            for name, values in self.by_ranking.items()
            for share, low, high in [interval_of_share(values, random, oracle)]
        ]


class _Baselines:
    """Rankings that are not the product's, over the same eligible people."""

    def __init__(self, world: TrainedWorld, moment: datetime) -> None:
        index = load_index(world.settings.index_dir, world.encoder)
        live = load_pool(world.store, world.encoder, index)
        self.pool: TalentPool = pool_as_of(world.store, world.encoder, live, moment)
        records = {item.record.talent_id: item.record for item in world.store.iter_talents(as_of=moment)}
        self.people = People.read([records[one] for one in self.pool.ids], self.pool.candidates.columns)
        self._world, self._moment = world, moment
        self._reader = VacancyReader(self.pool.places)
        self._coverage = CoverageRanker(FEATURE_NAMES)
        self._obvious = self._learned()

    def scores(self, vacancy: Vacancy) -> tuple[Rows, dict[str, Floats]]:
        """Rows of the eligible in the pool, and their scores by ranking."""
        told = self._reader.told(vacancy, asked_on=self._moment.date())
        query: VacancyQuery = build_queries([told], self._world.encoder, self.pool.places)[0]
        columns = self.pool.candidates.columns
        allowed = check_eligibility(query.hard, columns, query.hard_at, self._moment.date()).eligible
        rows = np.flatnonzero(allowed).astype(np.int64)
        unknown = HistoryFeatures(0.5, 0.0, 0.5)  # one value for all candidates: coverage does not read it
        features, _ = compute_features(query, self.pool.candidates, rows, unknown)
        return rows, {
            "TF-IDF": self.people.similarity(vacancy)[rows],
            "coverage": self._coverage.score(features),
            **self._obvious.scores(self.people.features(vacancy, self._at(vacancy), rows)),
        }

    def _learned(self) -> Obvious:
        events = self._world.store.event_columns(until=self._moment)
        shown = shown_pairs(events, as_of=self._moment, label=label_definition(DEFAULT_LABEL))
        vacancies = {item.record.vacancy_id: item.record for item in self._world.store.iter_vacancies()}
        row_of = {talent_id: row for row, talent_id in enumerate(self.pool.ids)}
        parts, start = [], 0
        for size in list_sizes(shown["list_id"]):
            part = shown.iloc[start : start + size]
            vacancy = vacancies[part["vacancy_id"].iloc[0]]
            rows = np.array([row_of[talent_id] for talent_id in part["talent_id"]], dtype=np.int64)
            parts.append(self.people.features(vacancy, self._at(vacancy), rows))
            start += size
        return Obvious(np.concatenate(parts), shown)

    def _at(self, vacancy: Vacancy) -> tuple[float | None, float | None]:
        place = vacancy.location
        return coordinates(place.pc4, place.lat, place.lon, self.pool.places)


def shares(home: Path, *, n_talents: int, n_vacancies: int, seed: int, n_test: int) -> Shares:
    """Runs product and baselines on one world.

    Args:
        home: an empty folder.
        n_talents: of the world.
        n_vacancies: of the world.
        seed: of the world.
        n_test: vacancies to rank for, the first ones published after the cut-off.
    """
    with trained_world(home, n_talents=n_talents, n_vacancies=n_vacancies, seed=seed) as world:
        moment = world.cutoff
        products = {
            "similarity": Matcher.open(world.settings, world.store, world.encoder, lambda: None),
            "the product": open_matcher(world.settings, world.store),
        }
        others = _Baselines(world, moment)
        found = [_expected(vacancy, world, moment, products, others) for vacancy in world.after[:n_test]]
    return Shares({name: np.array([one[name] for one in found]) for name in found[0]}, world.report.reasons)


def _expected(
    vacancy: Vacancy, world: TrainedWorld, moment: datetime, products: dict[str, Matcher], others: _Baselines
) -> dict[str, float]:
    """Expected lasting placements at ten by ranking."""
    gain, eligible = world.truth.gain(vacancy.vacancy_id), world.truth.eligible(vacancy.vacancy_id)
    by_id = dict(zip(world.truth.talent_ids, gain.tolist(), strict=True))
    result = {"random": float(gain[eligible].mean() * K)}
    rows, scores = others.scores(vacancy)
    for name, values in scores.items():
        best = rows[np.argsort(-values, kind="stable")[:K]]
        result[name] = sum(by_id[others.pool.ids[row]] for row in best)
    for name, matcher in products.items():
        entries = matcher.shortlist(vacancy, k=K, as_of=moment).entries
        result[name] = sum(by_id[entry.talent_id] for entry in entries)
    return result | {"oracle": float(np.sort(gain)[-K:].sum())}


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--talents", type=int, default=4_000)
    parser.add_argument("--vacancies", type=int, default=1_200)
    parser.add_argument("--seeds", default="801,802,803")
    parser.add_argument("--test", type=int, default=80, help="later vacancies to rank for, per world")
    options = parser.parse_args()
    every: list[Shares] = []
    for seed in map(int, options.seeds.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            every.append(
                shares(
                    Path(folder),
                    n_talents=options.talents,
                    n_vacancies=options.vacancies,
                    seed=seed,
                    n_test=options.test,
                )
            )
        print(f"synthetic world, seed {seed}: {len(every[-1].by_ranking['random'])} later vacancies")
        print("  " + "; ".join(every[-1].reasons))
        print("\n".join(every[-1].lines()), flush=True)
    if len(every) > 1:
        names = every[0].by_ranking
        pooled = Shares({name: np.concatenate([one.by_ranking[name] for one in every]) for name in names}, [])
        print("all together")
        print("\n".join(pooled.lines()))


if __name__ == "__main__":
    main()
