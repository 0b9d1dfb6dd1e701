from collections.abc import Callable
from pathlib import Path

import pytest
from cli_people import fill
from cli_process import Result, run_here


@pytest.fixture(scope="session")
def indexed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with records and an index; tests read it and add shortlists, nothing else."""
    home = tmp_path_factory.mktemp("indexed")
    fill(home)
    done = run_here("--home", home, "index")
    assert done.code == 0, done.err
    return home


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KANSRIJK_HOME", "KANSRIJK_API_KEY", "KANSRIJK_LOG_LEVEL", "DATABASE_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def kansrijk(indexed_home: Path) -> Callable[..., Result]:
    """Runs a command on the indexed home, in this process."""
    return lambda *arguments, **options: run_here("--home", indexed_home, *arguments, **options)
