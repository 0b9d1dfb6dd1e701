"""One small world, imported and trained on once for all tests of learning."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from training_parts import Market

from core.exchange import ImportKind, import_files
from core.settings import Settings
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from training.learning import TrainReport, train_ranker
from training.tracking import make_embedded_store, quiet
from training.world import generate

SEED, START, CUTOFF = 811, date(2023, 5, 1), datetime(2025, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def encoder() -> BagOfWordsEncoder:
    return BagOfWordsEncoder(dim=256)


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Settings]:
    """Makes homes with an empty MLflow store each, copied from one: MLflow takes seconds to make its tables."""
    blank = tmp_path_factory.mktemp("blank") / "mlflow.db"
    quiet()
    make_embedded_store(blank)

    def make(name: str) -> Settings:
        home = tmp_path_factory.mktemp(name)
        shutil.copyfile(blank, home / "mlflow.db")
        return Settings(home=home, threads=1)

    return make


@pytest.fixture(scope="session")
def market(new_home: Callable[[str], Settings]) -> Iterator[Market]:
    """Read by all, changed by none."""
    settings = new_home("market")
    home = settings.home
    generate(home / "world", 400, 250, SEED, START)
    with Store.open(settings.store_url) as store:
        for kind in (ImportKind.PLACES, ImportKind.TALENTS, ImportKind.VACANCIES, ImportKind.EVENTS):
            report = import_files(
                store,
                kind,
                [home / "world" / f"{kind}.jsonl"],
                rejects_dir=home / "rejects",
                now=CUTOFF - timedelta(days=900),
            )
            assert report.rejected == 0
        lines = (home / "world" / "events.jsonl").read_bytes().splitlines()
        yield Market(settings, store, CUTOFF, [orjson.loads(line) for line in lines])


@pytest.fixture(scope="session")
def trained(market: Market, encoder: BagOfWordsEncoder) -> TrainReport:
    """The first training run on the market."""
    return train_ranker(market.store, encoder, market.settings, as_of=market.cutoff)


@pytest.fixture
def home(new_home: Callable[[str], Settings]) -> Settings:
    """A home of one's own, with nothing but an empty MLflow store."""
    return new_home("own")
