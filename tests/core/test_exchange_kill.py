"""An import that is killed, at any moment, and given again: the same final state as without the kill."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.store import Store

ROOT = Path(__file__).parents[2]
IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from core.exchange import ImportKind, import_files
from core.store import Store

now = datetime(2025, 6, 1, tzinfo=UTC)
with Store.open(sys.argv[1]) as store:
    for kind in ("talents", "events", "vacancies"):
        import_files(
            store, ImportKind(kind), [Path(sys.argv[2]) / f"{kind}.jsonl"], rejects_dir=Path(sys.argv[2]) / "rejects",
            now=now, progress=lambda told: print(told.read, flush=True),
        )
"""


def start(url: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", IMPORT, url, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def state(url: str) -> tuple[list[object], ...]:
    """Everything that an import writes. Of the vacancies, which come twice in the file, what can be read."""
    with Store.open(url) as store:
        moments = [datetime(2025, month, 1, tzinfo=UTC) for month in (1, 3, 5, 7)]
        return (
            list(store.talent_revisions()),
            store.changes(after_seq=0, limit=2_988),
            list(store.iter_events()),
            [stored.record for stored in store.iter_vacancies()],
            [stored.record for moment in moments for stored in store.iter_vacancies(as_of=moment)],
        )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """3,000 talents of which some are bad, 3,000 events, 500 vacancies that each come three times."""
    lines = [json.dumps({"talent_id": f"t{i}", "skills": [f"s{i}"], "presentation": "x" * 300}) for i in range(3_000)]
    for number in range(0, 3_000, 250):
        lines[number] = "{bad"
    (tmp_path / "talents.jsonl").write_text("\n".join(lines))
    base = {"kind": "proposed", "occurred_at": "2025-01-01T00:00:00Z", "vacancy_id": "v"}
    events = [{**base, "event_id": f"e{i}", "talent_id": f"t{i}"} for i in range(3_000)]
    (tmp_path / "events.jsonl").write_text("\n".join(json.dumps(row) for row in events))
    vacancies = [
        {
            "vacancy_id": f"v{i % 500}",
            "title": f"Versie {i // 500}",
            "updated_at": f"2025-0{2 + 2 * (i // 500)}-01T00:00:00Z",
        }
        for i in range(1_500)
    ]
    (tmp_path / "vacancies.jsonl").write_text("\n".join(json.dumps(row) for row in vacancies))
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_import_is_given_again(request: pytest.FixtureRequest, files: Path, kind: str, postgres_url: str):
    url = f"sqlite:///{files / 'killed.db'}" if kind == "sqlite" else postgres_url
    undisturbed = f"sqlite:///{files / 'undisturbed.db'}"
    process = start(undisturbed, files)
    process.communicate(timeout=120)
    assert process.returncode == 0
    # After so many batches were told, and so much later, within the next.
    for batches, seconds in ((0, 0.3), (1, 0.0), (2, 0.03), (4, 0.01), (7, 0.02)):
        process = start(url, files)
        assert process.stdout is not None
        for _ in range(batches):
            process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        # Where it stopped, batches are whole, and whoever follows has seen a beginning of the final history.
        with Store.open(url) as store:
            assert len(store.changes(after_seq=0)) == store.last_seq()
            assert sum(1 for _ in store.iter_events()) % 1_000 == 0
    process = start(url, files)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert not list((files / "rejects").glob("*.partial"))
    for found, expected in zip(state(url), state(undisturbed), strict=True):
        assert len(found) > 400
        assert found == expected
