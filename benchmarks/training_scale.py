"""How long training takes on a large history, stage by stage, beside a bare ``lightgbm.train`` on the same matrix.

    python -m benchmarks.training_scale --copies 30

Makes a synthetic world (``--talents``, ``--vacancies``: some eighteen shown pairs a vacancy) and puts copies of it side
by side: regions of their own, with their own people, vacancies and employers, and the same texts. Thirty copies of
2,000 talents and 2,000 vacancies are about a million shown pairs. Then trains as ``kansrijk train`` does: labels,
features, leak checks, candidates, evaluation, registry, parity. Filling the store is not counted.

Prints seconds of the wall and of the processor by stage, what one LambdaMART with the same settings takes on the
finished matrix, and the peak of memory. One thread throughout. The figures belong to the machine they were made on.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

from benchmarks.homes import filled_home
from cli.composition import encoder_made
from core.records import Event
from core.settings import Settings
from core.store import Store
from embeddings.indexer import update_index
from ranking.features import COLUMNS
from ranking.outcomes import DEFAULT_LABEL, label_definition
from ranking.trees import RankingTable, TreeSettings, refit_ranker
from training.dataset import FeatureBuilder
from training.learning import TrainReport, cutoff, train_ranker
from training.shown import shown_pairs

ROUNDS = TreeSettings().max_rounds
BATCH = 20_000  # records written at once

Mark = tuple[str, float, float]
"""What begins, and the seconds of the wall and of the processor at that moment."""


def fill_with_copies(store: Store, copies: int) -> None:
    """Puts copies of everything in the store beside it, under ids of their own."""
    now = datetime.now(UTC)
    talents = [stored.record for stored in store.iter_talents()]
    vacancies = [stored.record for stored in store.iter_vacancies()]
    events = list(store.iter_events())
    for number in range(1, copies):
        store.put_talents(
            [one.model_copy(update={"talent_id": f"{one.talent_id}:{number}"}) for one in talents], now=now
        )
        store.put_vacancies(
            [
                one.model_copy(
                    update={
                        "vacancy_id": f"{one.vacancy_id}:{number}",
                        "employer": one.employer.model_copy(
                            update={"employer_id": f"{one.employer.employer_id}:{number}"}
                        ),
                    }
                )
                for one in vacancies
            ],
            now=now,
        )
        for batch in _batches(_copied(event, number) for event in events):
            store.put_events(batch, now=now)


def _copied(event: Event, number: int) -> Event:
    names = ("event_id", "talent_id", "vacancy_id")
    return event.model_copy(update={name: f"{getattr(event, name)}:{number}" for name in names})


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    stream = iter(events)
    while batch := list(islice(stream, BATCH)):
        yield batch


def trained(store: Store, settings: Settings) -> tuple[TrainReport, list[Mark]]:
    """A training run and when each of its stages began; the last mark is its end."""
    marks: list[Mark] = []

    def mark(stage: str) -> None:
        marks.append((stage, time.perf_counter(), time.process_time()))
        print(f"  {stage} ...", flush=True)

    report = train_ranker(store, encoder_made(settings, store), settings, progress=mark)
    marks.append(("end", time.perf_counter(), time.process_time()))
    return report, marks


def matrix(store: Store, settings: Settings) -> RankingTable:
    """What that run fitted its rankers on."""
    events, label, now = store.event_columns(), label_definition(DEFAULT_LABEL), cutoff(None)
    shown = shown_pairs(events, as_of=now, label=label)
    builder = FeatureBuilder(store, encoder_made(settings, store), shown)
    return builder.rows(shown, builder.history(events, as_of=now, label=label)).table()


def _peak() -> float:
    """Most memory (GiB) that this process has ever used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(home: Path, options: argparse.Namespace) -> None:
    """Fills a home, trains there, fits the bare ranker, and prints what each took."""
    settings = filled_home(home, n_talents=options.talents, n_vacancies=options.vacancies, seed=options.seed)
    with Store.open(settings.store_url) as store:
        fill_with_copies(store, options.copies)
        update_index(store, encoder_made(settings, store), settings.index_dir)
        before = _peak()
        report, marks = trained(store, settings)
        peak = _peak()
        table = matrix(store, settings)
    start = time.perf_counter(), time.process_time()
    refit_ranker(table, COLUMNS, TreeSettings(threads=settings.threads), rounds=ROUNDS)
    bare = time.perf_counter() - start[0], time.process_time() - start[1]
    print(f"  {'':<44} {'wall s':>9} {'cpu s':>9}")
    for (stage, *began), (_, *ended) in pairwise(marks):
        _line(stage, ended[0] - began[0], ended[1] - began[1])
    together = marks[-1][1] - marks[0][1], marks[-1][2] - marks[0][2]
    _line("together", *together)
    _line(f"bare LambdaMART, {ROUNDS} rounds on {len(table)} rows", *bare)
    _line("times the bare fit", together[0] / bare[0], together[1] / bare[1])
    print(f"  {report.counts['shown']} shown pairs, {report.counts['placements']} placements; {report.ranker}")
    print(f"  peak memory {peak:.2f} GiB ({before:.2f} GiB when training began)")


def _line(what: str, wall: float, cpu: float) -> None:
    print(f"  {what:<44} {wall:>9.1f} {cpu:>9.1f}")


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talents", type=int, default=2_000)
    parser.add_argument("--vacancies", type=int, default=2_000)
    parser.add_argument("--copies", type=int, default=30)
    parser.add_argument("--seed", type=int, default=2_026)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)


if __name__ == "__main__":
    main()
