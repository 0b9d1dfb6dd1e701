"""The workbench of the notebooks: a copy of a home, or a synthetic one, that goes when it is closed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import cli.workbench
from cli.workbench import make_synthetic_home, open_workbench
from core.errors import InputError, NotFound
from core.records import Talent
from core.settings import Settings
from core.store import Store

N_TALENTS, N_VACANCIES = 60, 30


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("workbench")
    make_synthetic_home(Settings(home=home, threads=1), n_talents=N_TALENTS, n_vacancies=N_VACANCIES, seed=3)
    return home


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KANSRIJK_HOME", "KANSRIJK_ENCODER", "DATABASE_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)


def test_what_is_done_on_it_stays_on_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANSRIJK_HOME", str(home))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.invalid")
    with open_workbench() as bench:
        bench.store.put_talents([Talent(talent_id="new")], now=datetime.now(UTC))
        assert bench.store.count_talents() == N_TALENTS + 1
        assert bench.settings.mlflow_tracking_uri is None, "nothing may be registered where others look"
        copy = bench.settings.home
        assert copy != home
        assert (copy / "index").is_dir()
    assert not copy.exists()
    with Store.open(Settings(home=home).store_url) as store:
        assert store.count_talents() == N_TALENTS


def test_it_says_what_it_holds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANSRIJK_HOME", str(home))
    with open_workbench() as bench:
        last = max(event.occurred_at for event in bench.store.iter_events())
        assert bench.as_of == last
        assert bench.truth is not None
        assert len(bench.truth.talent_ids) == N_TALENTS
        assert "SYNTHETIC" in str(bench)
        bench.store.put_talents([Talent(talent_id="new")], now=datetime.now(UTC))


def test_without_a_home_a_synthetic_one_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # where ./kansrijk-data would be
    monkeypatch.setattr(cli.workbench, "N_TALENTS", 60)
    monkeypatch.setattr(cli.workbench, "N_VACANCIES", 30)
    with open_workbench() as bench:
        assert bench.synthetic
        assert bench.truth is not None
        assert bench.store.count_talents() == 60
    assert list(tmp_path.iterdir()) == []


def test_real_people_are_not_called_synthetic(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(Settings(home=home).store_url) as source, Store.open(Settings(home=tmp_path).store_url) as real:
        real.put_talents([Talent(talent_id="someone")], now=datetime.now(UTC))
        real.put_events(list(source.iter_events())[:3], now=datetime.now(UTC))
    monkeypatch.setenv("KANSRIJK_HOME", str(tmp_path))
    with open_workbench() as bench:
        assert not bench.synthetic
        assert bench.truth is None
        assert "real people" in str(bench)


def test_an_empty_home_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANSRIJK_HOME", str(tmp_path))
    with pytest.raises(NotFound, match="kansrijk import"):
        open_workbench()
    with Store.open(Settings(home=tmp_path).store_url):
        pass
    with pytest.raises(InputError, match="no events"):
        open_workbench()


def test_a_database_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/kansrijk")
    with pytest.raises(InputError, match="DATABASE_URL"):
        open_workbench()
