"""Retrieval against the truth of synthetic worlds: how many of the truly suitable are among the first 300?

    python -m benchmarks.retrieval --seeds 101 102 103
    python -m benchmarks.retrieval --seeds 101 102 103 --model MINILM

For each vacancy in a sample the product's own rules leave the eligible out of everyone in the world; every system
orders those by the likeness of the two records, and the share of the truly suitable (``Truth.suitable``: eligible,
and at least 11 % chance to be placed and to stay) among the first 300 counts. Vacancies without a suitable person,
and with no more eligible people than are retrieved, ask nothing and are left out. Of a vacancy with more than 300
suitable people not all can be found: ``ceiling`` is what a perfect system would score.

Beside the default encoder stand the same on whole texts (without ``embeddings.profiles``), character TF-IDF and BM25
on those texts, chance, and any sentence-transformers model (``--model``), which is used as the default is. Intervals
are 95 % bootstraps over vacancies, differences paired. Everything here is synthetic.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.bm25 import Bm25
from core.records import Place, Talent, Vacancy
from core.settings import Settings
from embeddings.corpus import EmbeddedCorpus, record_text
from embeddings.encoder import Encoder
from embeddings.faiss_index import VectorIndex
from embeddings.loading import load_encoder
from embeddings.sentence_transformer import SentenceTransformerEncoder
from ranking.columns import TalentColumns, coordinates
from ranking.eligibility import check_eligibility
from training.world import Truth, generate

RETRIEVED = 300
N_VACANCIES = 100
N_RESAMPLES = 10_000

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Town:
    """A world as the product sees it, and who is truly suitable.

    Attributes:
        talents: n records.
        vacancies: v records, a sample.
        eligible: (v, n), by the product's rules on the day the vacancy was published.
        suitable: (v, n), by the world's truth.
    """

    talents: Sequence[Talent]
    vacancies: Sequence[Vacancy]
    eligible: Bools
    suitable: Bools


System = Callable[[Town, int], list[Rows]]
"""Gives for each vacancy of a town the rows of the k eligible talents that it retrieves."""


def town(folder: Path, truth: Truth, *, n_vacancies: int, seed: int, retrieved: int) -> Town:
    """Reads a world; of its vacancies a sample of those that ask something of retrieval.

    Args:
        folder: where ``kansrijk world`` wrote.
        truth: of that world.
        n_vacancies: size of the sample, at most.
        seed: of the sample.
        retrieved: how many are retrieved.
    """
    talents = [Talent.model_validate_json(line) for line in _lines(folder / "talents.jsonl")]
    places = {p.postcode: p for p in (Place.model_validate_json(line) for line in _lines(folder / "places.jsonl"))}
    columns = TalentColumns.build(talents, places)
    vacancies = [Vacancy.model_validate_json(line) for line in _lines(folder / "vacancies.jsonl")]
    order = np.random.default_rng(seed).permutation(len(vacancies))
    chosen: list[Vacancy] = []
    eligible: list[Bools] = []
    suitable: list[Bools] = []
    for vacancy in (vacancies[row] for row in order):
        where = vacancy.location
        at = coordinates(where.pc4, where.lat, where.lon, places)
        may = check_eligibility(vacancy, columns, at, _published(vacancy)).eligible
        fits = truth.suitable(vacancy.vacancy_id) & may
        if fits.any() and may.sum() > retrieved:
            chosen.append(vacancy)
            eligible.append(may)
            suitable.append(fits)
        if len(chosen) == n_vacancies:
            break
    return Town(talents, chosen, np.array(eligible), np.array(suitable))


def embedded(encoder: Encoder) -> System:
    """Retrieval as the product does it: one vector a record, the nearest among the eligible."""

    def system(of: Town, k: int) -> list[Rows]:
        index = VectorIndex.of(EmbeddedCorpus.build(of.talents, encoder).vectors)
        questions = EmbeddedCorpus.build(of.vacancies, encoder).vectors
        return [
            index.search(question[None, :], k, may).rows[0]
            for question, may in zip(questions, of.eligible, strict=True)
        ]

    return system


def scored(score: Callable[[Sequence[str], Sequence[str]], Floats]) -> System:
    """Retrieval by any score of vacancy texts (v) against talent texts (n), given as (v, n)."""

    def system(of: Town, k: int) -> list[Rows]:
        scores = score(*([record_text(record) for record in records] for records in (of.vacancies, of.talents)))
        scores = np.where(of.eligible, scores, -np.inf)
        return [np.argsort(-row, kind="stable")[:k] for row in scores]

    return system


def whole_texts(encoder: Encoder) -> System:
    """One vector for the whole text of a record, without the weights of ``embeddings.views``."""

    def cosines(questions: Sequence[str], passages: Sequence[str]) -> Floats:
        return (encoder.encode(questions) @ encoder.encode(passages).T).astype(np.float64)

    return scored(cosines)


def character_tfidf(questions: Sequence[str], passages: Sequence[str]) -> Floats:
    """Cosines of character n-grams of 3 to 5, weighted on the passages."""
    weights = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    rows = weights.fit_transform(passages)
    cosines: Floats = (weights.transform(questions) @ rows.T).toarray()
    return cosines


def bm25(questions: Sequence[str], passages: Sequence[str]) -> Floats:
    """BM25 of passages for questions."""
    return Bm25(passages).scores(questions, passages)


def perfect(of: Town, k: int) -> list[Rows]:
    """The suitable first: an oracle, for the ceiling."""
    return [np.argsort(~suitable, kind="stable")[:k] for suitable in of.suitable]


def chance(seed: int) -> System:
    """Any eligible people."""
    rng = np.random.default_rng(seed)
    return scored(lambda questions, passages: rng.random((len(questions), len(passages))))


def recalls(system: System, of: Town, k: int) -> Floats:
    """Share of the suitable among the k retrieved, by vacancy (v,)."""
    found = system(of, k)
    pairs = zip(of.suitable, found, strict=True)
    return np.array([suitable[rows].sum() / suitable.sum() for suitable, rows in pairs])


def with_interval(values: Floats) -> dict[str, float]:
    """Mean and its 95 % bootstrap interval over vacancies; the same draws for all, so that differences pair."""
    draws = np.random.default_rng(0).integers(len(values), size=(N_RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), (2.5, 97.5))
    return {"mean": float(values.mean()), "low": float(low), "high": float(high)}


def report(values: Mapping[str, Floats]) -> dict[str, Any]:
    """Recall of each system and the default's lead over it."""
    first = next(iter(values))
    return {
        name: {"recall": with_interval(ours)}
        | ({} if name == first else {f"{first}_minus_this": with_interval(values[first] - ours)})
        for name, ours in values.items()
    }


def compared(systems: Mapping[str, System], towns: Iterable[Town], k: int) -> dict[str, Floats]:
    """Recalls of all systems over all towns' vacancies."""
    found: dict[str, list[Floats]] = {name: [] for name in systems}
    for of in towns:
        for name, system in systems.items():
            found[name].append(recalls(system, of, k))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _published(vacancy: Vacancy) -> date:
    if vacancy.updated_at is None:
        raise ValueError(f"vacancy {vacancy.vacancy_id} has no updated_at")
    return vacancy.updated_at.date()


def _lines(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        yield from file


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    parser.add_argument("--talents", type=int, default=4_000)
    parser.add_argument("--vacancies", type=int, default=1_200)
    parser.add_argument("--sample", type=int, default=N_VACANCIES, help="vacancies asked for in each world")
    parser.add_argument("--encoder", help="folder or name, instead of the default encoder")
    parser.add_argument("--model", nargs="*", default=[], help="folders of sentence-transformers models to compare")
    options = parser.parse_args()
    encoder = load_encoder(Settings(encoder=options.encoder))
    systems = {
        "encoder": embedded(encoder),
        "encoder_on_whole_texts": whole_texts(encoder),
        "character_tfidf": scored(character_tfidf),
        "bm25": scored(bm25),
        **{model: embedded(SentenceTransformerEncoder(model)) for model in options.model},
        "chance": chance(0),
        "ceiling": perfect,
    }

    def towns() -> Iterable[Town]:
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                generate(Path(folder), options.talents, options.vacancies, seed)
                truth = Truth.load(Path(folder) / "truth.jsonl")
                yield town(Path(folder), truth, n_vacancies=options.sample, seed=seed, retrieved=RETRIEVED)

    values = compared(systems, towns(), RETRIEVED)
    n = len(next(iter(values.values())))
    print(json.dumps({"vacancies": n, "retrieved": RETRIEVED, "systems": report(values)}, indent=2))


if __name__ == "__main__":
    main()
