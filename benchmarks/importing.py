"""How fast files go into the store, and how much memory that takes.

    python -m benchmarks.importing [--rows 100000] [--events 1000000] [--database-url URL]

Prints rows per second and the peak of resident memory: for talents into an empty store, for the same file again, for
one talent in ten changed, for events, and for reading the events back as columns. Each step runs in a process of its
own, so that each peak is its own.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from core.exchange import ImportKind, import_files
from core.store import Store

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS: Final = (
    "orders",
    "verzamelen",
    "lossen",
    "laden",
    "heftruck",
    "klanten",
    "helpen",
    "kassa",
    "schoonmaken",
    "lassen",
    "plannen",
    "koken",
)


def main() -> None:
    """Runs all steps and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=100_000, help="talents to import")
    parser.add_argument("--events", type=int, default=1_000_000, help="events to import and read back")
    parser.add_argument(
        "--database-url", default=None, help="an empty PostgreSQL database; default SQLite in a temporary folder"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kansrijk-bench-") as name:
        folder = Path(name)
        url = options.database_url or f"sqlite:///{folder / 'kansrijk.db'}"
        talents, changed, events = folder / "talents.jsonl", folder / "changed.jsonl", folder / "events.jsonl"
        _write(talents, (_talent(number, "nieuw") for number in range(options.rows)))
        _write(changed, (_talent(i, "anders" if i % 10 == 0 else "nieuw") for i in range(options.rows)))
        _write(events, (_event(number) for number in range(options.events)))
        _measure("talents, new", options.rows, _import, url, ImportKind.TALENTS, talents)
        _measure("talents, the same again", options.rows, _import, url, ImportKind.TALENTS, talents)
        _measure("talents, one in ten changed", options.rows, _import, url, ImportKind.TALENTS, changed)
        _measure("talents, read back", options.rows, _read_talents, url)
        _measure("events, new", options.events, _import, url, ImportKind.EVENTS, events)
        _measure("events, read as columns", options.events, _read_columns, url)


def _measure(label: str, rows: int, step: Callable[..., None], *arguments: object) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_timed, args=(label, rows, step, arguments))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"{label} failed; the error is above")


def _timed(label: str, rows: int, step: Callable[..., None], arguments: tuple[object, ...]) -> None:
    base_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started, used = time.perf_counter(), time.process_time()
    step(*arguments)
    seconds, busy = time.perf_counter() - started, time.process_time() - used
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{label:30} {rows:>9,} rows  {seconds:6.1f} s ({busy:5.1f} s of processor)  {rows / seconds:>9,.0f} rows/s"
        f"  peak {peak_mb:5.0f} MiB ({base_mb:.0f} before)"
    )


def _import(url: str, kind: ImportKind, path: Path) -> None:
    with Store.open(url) as store:
        report = import_files(store, kind, [path], rejects_dir=path.parent / "rejects", now=NOW)
    if report.rejected:
        sys.exit(f"{report.rejected} rows were rejected; see {report.rejects_file}")


def _read_talents(url: str) -> None:
    with Store.open(url) as store:
        for _ in store.iter_talents():
            pass


def _read_columns(url: str) -> None:
    with Store.open(url) as store:
        store.event_columns()


def _write(path: Path, rows: Iterator[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _talent(number: int, skill: str) -> dict[str, object]:
    """A talent of usual size: some 900 bytes."""
    random_ = random.Random(number)  # noqa: S311  text, not secrets
    words = [random_.choice(_WORDS) for _ in range(60)]
    return {
        "talent_id": f"t{number}",
        "presentation": "Ik ben goed in " + " ".join(words[:40]),
        "behaviours": [{"code": 24105, "level": 1}, {"code": 24121, "level": 2}, {"code": 24116, "level": 1}],
        "skills": [*words[40:45], skill],
        "interests": words[45:47],
        "preferred_occupations": words[47:49],
        "experience": [{"occupation": words[49], "months": number % 90, "text": " ".join(words[50:])}],
        "education_level": number % 6 + 1,
        "licences": ["B"] if number % 2 else [],
        "languages": [{"code": "nld", "spoken": number % 5, "written": 2}],
        "location": {"postcode": f"30{number % 90 + 10}"},
        "max_travel_minutes": 45,
        "transport": ["bicycle", "public_transport"],
        "hours_min": 16,
        "hours_max": 32,
        "available_from": "2026-01-01",
    }


def _event(number: int) -> dict[str, object]:
    """Of every ten events eight are shown, one is proposed, one placed; in order of time."""
    shared: dict[str, object] = {
        "event_id": f"e{number}",
        "occurred_at": (NOW - timedelta(days=700) + timedelta(seconds=number * 50)).isoformat(),
        "vacancy_id": f"v{number // 20}",
        "talent_id": f"t{number * 7919 % 100_000}",
        "shortlist_id": f"s{number // 20}",
    }
    if number % 10 == 9:
        return {**shared, "kind": "placed", "starts_on": "2025-01-01", "contract_hours_per_week": 32}
    return {**shared, "kind": "shown", "rank": number % 20 + 1} if number % 10 < 8 else {**shared, "kind": "proposed"}


if __name__ == "__main__":
    main()
