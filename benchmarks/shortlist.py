"""How long a shortlist takes: 10,000 synthetic talents, one core, explanation included.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.shortlist

Builds a world, imports, indexes and trains in a temporary home, then ranks stored vacancies one after another and
prints the median and 95th percentile, and the share of each stage. The figures belong to the machine they were made on.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.homes import filled_home
from cli.composition import encoder_made, open_matcher
from core.records import Vacancy
from core.settings import Settings
from core.store import Store
from core.vocabulary import VacancyStatus
from embeddings.indexer import update_index
from ranking.matcher import Matcher
from ranking.pipeline import StageClock
from training.learning import train_ranker


def prepare(settings: Settings, store: Store) -> None:
    """Indexes and trains."""
    encoder = encoder_made(settings, store)
    update_index(store, encoder, settings.index_dir)
    report = train_ranker(store, encoder, settings)
    print(f"model {report.model_version}, promoted: {report.promoted}; {'; '.join(report.reasons)}")


def measure(matcher: Matcher, vacancies: list[Vacancy], rounds: int) -> tuple[list[float], StageClock]:
    """Milliseconds per shortlist of 20, and the seconds in each stage."""
    for vacancy in vacancies[:5]:
        matcher.shortlist(vacancy, k=20)  # warm: first touch of memory-mapped columns
    clock, taken = StageClock(), []
    for _ in range(rounds):
        for vacancy in vacancies:
            start = time.perf_counter()
            matcher.shortlist(vacancy, k=20, clock=clock)
            taken.append((time.perf_counter() - start) * 1e3)
    return taken, clock


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talents", type=int, default=10_000)
    parser.add_argument("--vacancies", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=2_026)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = filled_home(
            Path(folder), n_talents=options.talents, n_vacancies=options.vacancies, seed=options.seed
        )
        with Store.open(settings.store_url) as store:
            prepare(settings, store)
            matcher = open_matcher(settings, store)
            vacancies = [s.record for s in store.iter_vacancies() if s.record.status is VacancyStatus.OPEN][:40]
            taken, clock = measure(matcher, vacancies, options.rounds)
    total = sum(taken) / 1e3
    print(
        f"{options.talents} synthetic talents, {len(vacancies)} vacancies x {options.rounds}, shortlist of 20 from 300"
    )
    print(f"median {statistics.median(taken):.1f} ms   p95 {statistics.quantiles(taken, n=20)[-1]:.1f} ms")
    for stage, seconds in clock.seconds.items():
        print(f"  {stage:<12} {seconds / len(taken) * 1e3:6.2f} ms  {seconds / total:5.1%}")
    rest = total - sum(clock.seconds.values())
    print(f"  {'embed, store':<12} {rest / len(taken) * 1e3:6.2f} ms  {rest / total:5.1%}")


if __name__ == "__main__":
    main()
