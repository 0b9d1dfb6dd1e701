"""kill -9 in the middle of index and train, and the same command again: the same end as without the kill."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

KANSRIJK = [sys.executable, "-m", "cli.main"]


def run(home: Path, *arguments: str) -> dict[str, object]:
    done = subprocess.run([*KANSRIJK, "--home", str(home), "--json", *arguments], capture_output=True, check=False)
    assert done.returncode in {0, 4}, done.stderr.decode()
    return orjson.loads(done.stdout)


def killed(home: Path, after_s: float, *arguments: str) -> bool:
    """Starts a command and kills it; whether it was still running then."""
    process = subprocess.Popen(
        [*KANSRIJK, "--home", str(home), "--json", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(after_s)
    alive = process.poll() is None
    process.kill()
    assert process.wait() in {-signal.SIGKILL, 0, 4}
    return alive


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small world in it, not yet indexed."""
    folder = tmp_path_factory.mktemp("killed")
    home, world = folder / "home", folder / "world"
    run(home, "world", "--out", str(world), "--talents", "400", "--vacancies", "260", "--seed", "41")
    for kind in ("places", "talents", "vacancies", "events"):
        run(home, "import", kind, str(world / f"{kind}.jsonl"))
    return home


@pytest.fixture(scope="module")
def finished(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    """The same home after index and train without any kill, and how long each took."""
    home = tmp_path_factory.mktemp("finished") / "home"
    shutil.copytree(imported, home)
    seconds = {}
    for command in (("index",), ("train", "--as-of", "2026-10-31")):
        start = time.monotonic()
        run(home, *command)
        seconds[command[0]] = time.monotonic() - start
    return home, seconds


def index_state(home: Path) -> object:
    current = (home / "index" / "current").read_text()
    manifest = orjson.loads((home / "index" / current / "manifest.json").read_bytes())
    return manifest["content_version"], manifest["metadata"]


def model_state(home: Path) -> object:
    """What a user sees: the versions with their figures, and the champion's files."""
    listed = run(home, "models")
    versions = [(v["version"], v["metrics"], v["aliases"]) for v in listed["versions"]]
    champion = sorted((home / "models").glob("*/ranker.json"))
    return versions, [path.read_bytes() for path in champion], sorted(path.name for path in home.iterdir())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_index_killed_again_and_again(imported: Path, finished: tuple[Path, dict[str, float]], tmp_path: Path) -> None:
    """Each kill later than the one before, on what those left behind."""
    home = tmp_path / "home"
    shutil.copytree(imported, home)
    cut = [killed(home, share * finished[1]["index"], "index") for share in (0.3, 0.6, 0.9)]
    assert any(cut)
    run(home, "index")
    assert index_state(home) == index_state(finished[0])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_train_killed_again_and_again(imported: Path, finished: tuple[Path, dict[str, float]], tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(imported, home)
    for name in ("index", "encoder"):
        if (finished[0] / name).is_dir():
            shutil.copytree(finished[0] / name, home / name)
    train = ("train", "--as-of", "2026-10-31")
    # What a training writes, it writes late.
    cut = [killed(home, share * finished[1]["train"], *train) for share in (0.6, 0.95)]
    assert any(cut)
    run(home, *train)
    assert model_state(home) == model_state(finished[0])
