"""How long training takes on a large history, stage by stage, beside a bare ``lightgbm.train`` on the same matrix.

    python -m benchmarks.training_scale --regions 30

Makes regions side by side: synthetic worlds (``--talents``, ``--vacancies``) of different seeds, each with its own
people, employers and vacancies, every vacancy with a text of its own; some seventeen shown pairs a vacancy. Thirty
regions of 2,000 talents and 2,000 vacancies are about a million shown pairs. Then trains as ``kansrijk train`` does:
labels, features, leak checks, candidates, evaluation, registry, parity. Filling the store is not counted; with
``--home`` it is done once and kept there.

Prints seconds of the wall and of the processor by stage, what one LambdaMART with the same settings takes on the
finished matrix, and the peak of memory. One thread throughout. The figures belong to the machine they were made on.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import orjson

from benchmarks.homes import KINDS
from cli.composition import encoder_made
from core.exchange import ImportKind, import_files
from core.settings import Settings, load_settings
from core.store import Store
from embeddings.indexer import update_index
from ranking.features import COLUMNS
from ranking.trees import TreeSettings, refit_ranker
from training import learning
from training.dataset import FeatureRows
from training.learning import TrainReport, train_ranker
from training.run_record import run_record
from training.tracking import RunRecord
from training.trained import Trained
from training.world import generate

ROUNDS = TreeSettings().max_rounds
_OWN = ("event_id", "talent_id", "vacancy_id", "employer_id")
"""Ids that two regions may share by chance, and must not."""

Mark = tuple[str, float, float]
"""What begins, and the seconds of the wall and of the processor at that moment."""


def filled(home: Path, options: argparse.Namespace) -> Settings:
    """A home with all regions and an index; one that is there already is taken as it is."""
    settings = load_settings(home=home, threads=1)
    if settings.index_dir.exists():
        return settings
    with Store.open(settings.store_url) as store:
        for number in range(options.regions):
            generate(home / "world", options.talents, options.vacancies, options.seed + number)
            for kind in KINDS:
                file = _renamed(home / "world" / f"{kind}.jsonl", number)
                import_files(store, kind, [file], rejects_dir=settings.rejects_dir, now=datetime.now(UTC))
            print(f"  region {number + 1} of {options.regions}", flush=True)
        update_index(store, encoder_made(settings, store), settings.index_dir)
    return settings


def _renamed(file: Path, number: int) -> Path:
    """The same records under ids of their own."""
    if file.stem == ImportKind.PLACES:
        return file
    beside = file.with_name(f"own-{file.name}")
    with beside.open("wb") as written:
        written.writelines(_records(file, number))
    return beside


def _records(file: Path, number: int) -> Iterator[bytes]:
    with file.open("rb") as lines:
        for line in lines:
            record = orjson.loads(line)
            for part in (record, record.get("employer") or {}):
                part |= {name: f"{part[name]}:{number}" for name in _OWN if part.get(name)}
            yield orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def trained(store: Store, settings: Settings) -> tuple[TrainReport, list[Mark], FeatureRows]:
    """A training run, when each of its stages began (the last mark is its end), and what it was fitted on."""
    marks: list[Mark] = []
    used: list[FeatureRows] = []

    def mark(stage: str) -> None:
        marks.append((stage, time.perf_counter(), time.process_time()))
        print(f"  {stage} ...", flush=True)

    def record(run: Trained) -> RunRecord:
        used.append(run.past.rows)  # to make the same matrix again would take minutes
        return run_record(run)

    with patch.object(learning, "run_record", record):
        report = train_ranker(store, encoder_made(settings, store), settings, progress=mark)
    marks.append(("end", time.perf_counter(), time.process_time()))
    return report, marks, used[0]


def _peak() -> float:
    """Most memory (GiB) that this process has ever used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(home: Path, options: argparse.Namespace) -> None:
    """Fills a home, trains there, fits the bare ranker, and prints what each took."""
    settings = filled(home, options)
    with Store.open(settings.store_url) as store:
        before = _peak()
        report, marks, rows = trained(store, settings)
        peak = _peak()
    table = rows.table()
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
    parser.add_argument("--regions", type=int, default=30)
    parser.add_argument("--seed", type=int, default=2_026)
    parser.add_argument("--home", type=Path, default=None, help="keeps the filled store there for the next time")
    options = parser.parse_args()
    if options.home is not None:
        options.home.mkdir(parents=True, exist_ok=True)
        measure(options.home, options)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)


if __name__ == "__main__":
    main()
