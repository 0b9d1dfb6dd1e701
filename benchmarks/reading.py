"""What reading a vacancy's text is worth, and what it costs: a synthetic world whose forms were left empty.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.reading

Ranks by similarity for vacancies of which only title, text and place are known, without and with reading the text, and
for the same vacancies with the form as the employer filled it in. Prints expected lasting placements among the first
ten (the world's own truth) with 95 % bootstraps over vacancies, and milliseconds per text. All of it is synthetic.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.homes import filled_home
from cli.composition import encoder_made
from core.records import Vacancy
from core.store import Store
from embeddings.encoder import Encoder
from embeddings.indexer import load_index, update_index
from ranking.history import HistoryFeatures
from ranking.pipeline import Ask, rank
from ranking.pool import TalentPool, load_pool, pool_as_of
from ranking.query import build_queries
from ranking.reading import ToldVacancy, VacancyReader
from training.world import Truth

K, RETRIEVED = 10, 300
LEFT_EMPTY = (
    "occupation", "skills_required", "skills_desired", "behaviours", "education_level_min", "certificates_required",
    "licences_required", "languages_required", "hours_min", "hours_max", "irregular_hours", "transport_required",
    "starts_on", "contract_ends_on", "training_offered",
)  # fmt: skip
Floats = npt.NDArray[np.float64]


def without_form(vacancy: Vacancy) -> Vacancy:
    """Only title, text, place and what is no property of the job."""
    return Vacancy.model_validate(vacancy.model_dump(exclude=set(LEFT_EMPTY), exclude_defaults=True))


def gained(told: Sequence[ToldVacancy], truth: Truth, pool: TalentPool, encoder: Encoder) -> Floats:
    """Expected lasting placements among the first ten, per vacancy (v,), each asked on the day of its publication."""
    row = {talent_id: number for number, talent_id in enumerate(truth.talent_ids)}
    found = []
    for one in told:
        query = build_queries([one], encoder, pool.places)[0]
        moment = one.record.updated_at or datetime.now(UTC)
        ranking = rank(query, pool, HistoryFeatures(0.5, 0.0, 0.5), None, Ask(K, RETRIEVED, moment))
        gain = truth.gain(one.record.vacancy_id)
        found.append(sum(gain[row[entry.talent_id]] for entry in ranking.entries))
    return np.array(found)


def said(values: Floats) -> str:
    """The mean with its interval."""
    draws = values[np.random.default_rng(0).integers(len(values), size=(2_000, len(values)))].mean(axis=1)
    return "{:.3f} [{:.3f}, {:.3f}]".format(values.mean(), *np.percentile(draws, (2.5, 97.5)))


def seconds_per_text(vacancies: Sequence[Vacancy], reader: VacancyReader) -> float:
    """Of the processor, for one vacancy."""
    start = time.process_time()
    for vacancy in vacancies:
        reader.told(vacancy)
    return (time.process_time() - start) / len(vacancies)


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talents", type=int, default=2_000)
    parser.add_argument("--vacancies", type=int, default=400)
    parser.add_argument("--seed", type=int, default=2_026)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = filled_home(home, n_talents=options.talents, n_vacancies=options.vacancies, seed=options.seed)
        truth = Truth.load(home / "world" / "truth.jsonl")
        with Store.open(settings.store_url) as store:
            encoder = encoder_made(settings, store)
            update_index(store, encoder, settings.index_dir)
            forms = sorted((item.record for item in store.iter_vacancies()), key=lambda one: one.vacancy_id)
            live = load_pool(store, encoder, load_index(settings.index_dir, encoder))
            last = max(one.updated_at for one in forms if one.updated_at)
            pool = pool_as_of(store, encoder, live, last)
            texts = [without_form(one) for one in forms]
            reader = VacancyReader(pool.places)
            first, again = seconds_per_text(texts, reader), seconds_per_text(texts, reader)
            ways = {
                "text, not read": [ToldVacancy.as_given(one) for one in texts],
                "text, read": [reader.told(one) for one in texts],
                "form, not read": [ToldVacancy.as_given(one) for one in forms],
                "form, and read": [reader.told(one) for one in forms],
            }
            table = {name: gained(told, truth, pool, encoder) for name, told in ways.items()}
    print(f"synthetic world, seed {options.seed}: {len(forms)} vacancies, expected lasting placements among {K}")
    for name, values in table.items():
        print(f"  {name:<15} {said(values)}")
    print(f"  read − not read {said(table['text, read'] - table['text, not read'])}")
    words = np.mean([len(one.description.split()) for one in texts])
    print(f"reading {first * 1e3:.2f} ms a text of {words:.0f} words; the second time {again * 1e3:.3f} ms")


if __name__ == "__main__":
    main()
