"""The chance of lasting against the truth of synthetic worlds that no head has seen.

    python -m benchmarks.retention_truth --seeds 2026 2027 2028

Makes a world, trains on what was known at a cut-off, and makes shortlists for vacancies that were published after it.
Holds `retention.probability` of everyone on them, and forward predictions for placed pairs, against the world's own
probability for that very pair. Beside it stand the ways of learning that it was compared with, with and without the
correction for who was picked, on the same shortlists. Intervals are 95 % bootstraps over vacancies.
Everything here is synthetic.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.homes import filled_home, split_vacancies
from benchmarks.world_truth import MIN_ELIGIBLE
from cli.composition import encoder_made, open_matcher
from core.records import Vacancy
from core.settings import Settings
from core.store import Store
from core.vocabulary import Band
from embeddings.encoder import Encoder
from embeddings.indexer import update_index
from ranking.features import COLUMNS
from ranking.matcher import Matcher
from ranking.outcomes import DEFAULT_LABEL, label_definition, placements, utc_instant
from ranking.retention import band
from ranking.survival import SurvivalCurve
from ranking.trees import TreeSettings
from training.dataset import FeatureBuilder
from training.forward import as_served, forward_curves
from training.learning import train_ranker
from training.retention import calibrated_curve, learn_retention
from training.retention_methods import CANDIDATES, COMPARED, Method, Placed, fit_curve, placed_rows
from training.shown import shown_pairs
from training.world import Truth

K, BINS = 20, 10
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Told:
    """Predictions beside the world's own probabilities, pair by pair (n,); pairs of a group are drawn together."""

    said: Floats
    truth: Floats
    group: npt.NDArray[np.object_]

    def ece(self) -> float:
        """Mean distance between prediction and truth, over ten bins of equal width."""
        number = np.minimum((self.said * BINS).astype(int), BINS - 1)
        return float(np.abs(np.bincount(number, self.said - self.truth)).sum() / len(self.said))

    def bias(self) -> float:
        """Mean prediction minus mean truth: above 0 is optimism."""
        return float((self.said - self.truth).mean())

    def divergence(self) -> float:
        """Mean Kullback-Leibler divergence of the prediction from the truth, in nats."""
        p, q = np.clip(self.truth, 1e-6, 1 - 1e-6), np.clip(self.said, 1e-6, 1 - 1e-6)
        return float((p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))).mean())

    def interval(self, of: Callable[["Told"], float], n_draws: int = 400) -> tuple[float, float, float]:
        """A number with its interval."""
        rng = np.random.default_rng(0)
        rows = [np.flatnonzero(self.group == name) for name in np.unique(self.group)]
        drawn = []
        for _ in range(n_draws):
            chosen = np.concatenate([rows[number] for number in rng.integers(len(rows), size=len(rows))])
            drawn.append(of(Told(self.said[chosen], self.truth[chosen], self.group[chosen])))
        low, high = np.percentile(drawn, (2.5, 97.5))
        return of(self), float(low), float(high)


@dataclass(frozen=True, slots=True)
class RetentionAgainstTruth:
    """One world.

    Attributes:
        shortlisted: what the entries of shortlists said.
        inside: share of those pairs whose true probability lies in the entry's interval.
        inside_groups: the same for the mean truth of ten groups with about the same prediction, beside their mean
            interval: what a person's record cannot tell, no interval can hold.
        placed: forward predictions for placed pairs.
        methods: on the same shortlists, by way of learning; "corrected" is with selection weights.
        bands: share of entries by band.
        bands_shown: share of the pairs by band that the world's own matchmakers were shown, to compare.
        chosen: how the head was learned.
    """

    shortlisted: Told
    inside: float
    inside_groups: float
    placed: Told | None
    methods: dict[str, Told]
    bands: dict[str, float]
    bands_shown: dict[str, float]
    chosen: str


def retention_against_truth(
    home: Path, *, n_talents: int, n_vacancies: int, seed: int, n_test: int = 80
) -> RetentionAgainstTruth:
    """Runs the whole product on a world and holds its chances of lasting against that world's truth.

    Args:
        home: an empty folder.
        n_talents: of the world.
        n_vacancies: of the world.
        seed: of the world.
        n_test: vacancies to rank for, the first ones published after the cut-off.
    """
    settings = filled_home(home, n_talents=n_talents, n_vacancies=n_vacancies, seed=seed)
    truth = Truth.load(home / "world" / "truth.jsonl")
    with Store.open(settings.store_url) as store:
        encoder = encoder_made(settings, store)
        update_index(store, encoder, settings.index_dir)
        cutoff, after = split_vacancies(store)
        after = [vacancy for vacancy in after if truth.eligible(vacancy.vacancy_id).sum() >= MIN_ELIGIBLE][:n_test]
        return _held_against(store, encoder, settings, truth, after, cutoff)


def _held_against(
    store: Store, encoder: Encoder, settings: Settings, truth: Truth, after: list[Vacancy], cutoff: datetime
) -> RetentionAgainstTruth:
    train_ranker(store, encoder, settings, as_of=cutoff)
    entries = pd.DataFrame(_entries(store, open_matcher(settings, store), after, cutoff))
    if entries["said"].isna().any():
        raise SystemExit("the gate kept the learned ranking back: no champion, no chances; try another seed")
    true_chance = _true_chances(truth, entries)
    features = np.array(entries["features"].tolist(), dtype=np.float64)
    placed, corrected, chosen, of_shown = _placed(store, encoder, cutoff)
    moment, group = utc_instant(cutoff), entries["vacancy_id"].to_numpy(dtype=object)
    shortlisted = Told(entries["said"].to_numpy(), true_chance, group)
    return RetentionAgainstTruth(
        shortlisted,
        float(((true_chance >= entries["low"]) & (true_chance <= entries["high"])).mean()),
        _inside_groups(entries, true_chance),
        _forward(chosen, placed, moment, truth),
        {
            name: Told(curve.probability(features), true_chance, group)
            for name, curve in _curves(placed, corrected, moment)
        },
        _shares(entries["band"].tolist()),
        _shares([band(chance).value for chance in of_shown.tolist()]),
        chosen.value,
    )


def _entries(store: Store, matcher: Matcher, after: list[Vacancy], cutoff: datetime) -> Iterator[dict[str, object]]:
    for vacancy in after:
        shortlist = matcher.shortlist(vacancy, k=K, as_of=cutoff)
        kept: Any = store.shortlist_features(shortlist.shortlist_id)
        for entry in shortlist.entries:
            said = entry.retention
            yield {
                "vacancy_id": vacancy.vacancy_id,
                "talent_id": entry.talent_id,
                "said": np.nan if said is None else said.probability,
                "low": np.nan if said is None else said.low,
                "high": np.nan if said is None else said.high,
                "band": "" if said is None else said.band.value,
                "features": kept["values"][entry.talent_id],
            }


def _shares(bands: Sequence[str]) -> dict[str, float]:
    return {str(word): round(bands.count(word) / len(bands), 2) for word in Band}


def _placed(store: Store, encoder: Encoder, cutoff: datetime) -> tuple[Placed, Placed, Method, Floats]:
    """The placements that it learned from, the same corrected for who was picked, how, and what it says of all."""
    label, settings = label_definition(DEFAULT_LABEL), TreeSettings()
    events = store.event_columns(until=cutoff)
    shown = shown_pairs(events, as_of=cutoff, label=label)
    builder = FeatureBuilder(store, encoder, shown)
    rows = builder.rows(shown, builder.history(events, as_of=cutoff))
    hired = placements(events, as_of=cutoff, label=label)
    learned = learn_retention(rows, hired, as_of=cutoff, seed=settings.seed)
    if learned is None:
        raise SystemExit("this world has too few placements for a head; make it larger")
    both = [placed_rows(rows, hired, COLUMNS, settings, corrected=corrected) for corrected in (False, True)]
    return both[0], both[1], learned.evidence.chosen, learned.head.probability(rows.features)


def _curves(placed: Placed, corrected: Placed, moment: np.datetime64) -> Iterator[tuple[str, SurvivalCurve]]:
    """Every way of learning; the candidates also corrected for who was picked."""
    for method in CANDIDATES:
        for name, some in (("", placed), (", corrected", corrected)):
            yield method.value + name, calibrated_curve(method, some, forward_curves(method, some), moment)
    for method in COMPARED:
        yield method.value, fit_curve(method, placed, moment)


def _forward(method: Method, placed: Placed, moment: np.datetime64, truth: Truth) -> Told | None:
    """Predictions for placed pairs, made from what was signed before."""
    parts = as_served(method, forward_curves(method, placed), placed, moment)
    if not parts:
        return None
    frame = pd.concat([part.later.frame for part in parts], ignore_index=True)
    said = np.concatenate([part.curve.probability(part.later.features) for part in parts])
    return Told(said, _true_chances(truth, frame), frame["vacancy_id"].to_numpy(dtype=object))


def _true_chances(truth: Truth, pairs: pd.DataFrame) -> Floats:
    row = {talent_id: number for number, talent_id in enumerate(truth.talent_ids)}
    both = zip(pairs["vacancy_id"], pairs["talent_id"], strict=True)
    return np.array([truth.p_retained(vacancy_id)[row[talent_id]] for vacancy_id, talent_id in both])


def _inside_groups(entries: pd.DataFrame, truth: Floats) -> float:
    groups = np.array_split(np.argsort(entries["said"].to_numpy(), kind="stable"), BINS)
    low, high = entries["low"].to_numpy(), entries["high"].to_numpy()
    inside = [low[rows].mean() <= truth[rows].mean() <= high[rows].mean() for rows in groups]
    return float(np.mean(inside))


def _line(name: str, told: Told) -> str:
    ece, bias = ("{:+.3f} [{:+.3f}, {:+.3f}]".format(*told.interval(of)) for of in (Told.ece, Told.bias))
    return f"  {name:<28} ECE {ece}  bias {bias}  KL {told.divergence():.3f}"


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talents", type=int, default=4_000)
    parser.add_argument("--vacancies", type=int, default=1_200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[2_026, 2_027, 2_028])
    options = parser.parse_args()
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            found = retention_against_truth(
                Path(folder), n_talents=options.talents, n_vacancies=options.vacancies, seed=seed
            )
        print(f"synthetic world, seed {seed}: {len(found.shortlisted.said)} entries of shortlists")
        print(f"  bands: entries {found.bands}, pairs of the old lists {found.bands_shown}")
        print(_line(f"entries ({found.chosen})", found.shortlisted))
        print(f"  truth inside the interval: pairs {found.inside:.2f}, groups {found.inside_groups:.2f}")
        if found.placed is not None:
            print(_line("placed later", found.placed))
        for name, told in found.methods.items():
            print(_line(name, told))


if __name__ == "__main__":
    main()
