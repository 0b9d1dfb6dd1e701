from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_process import Result, run_here

from core.records import Location, Talent, Vacancy
from core.store import Store

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
JOBS = ("magazijnmedewerker", "kok", "schoonmaker", "lasser", "verkoper", "verzorgende", "chauffeur", "monteur")


def fill(home: Path) -> None:
    """Eighty people and eight jobs; each person wants one of the jobs and says so."""
    home.mkdir(parents=True, exist_ok=True)
    talents = [
        Talent(
            talent_id=f"T-{number:02d}",
            presentation=f"Ik wil graag werken als {JOBS[number % 8]}.",
            skills=[JOBS[number % 8], "samenwerken"],
            licences=["B"] if number % 2 else [],
            location=Location(lat=51.9 + number / 1000, lon=4.4),
        )
        for number in range(80)
    ]
    vacancies = [
        Vacancy(vacancy_id=f"V-{job}", title=job, skills_required=[job], status="filled" if job == "kok" else "open")
        for job in JOBS
    ]
    with Store.open(f"sqlite:///{home / 'kansrijk.db'}") as store:
        store.put_talents(talents, now=NOW)
        store.put_vacancies(vacancies, now=NOW)


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
