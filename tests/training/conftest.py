"""One small world, imported and trained on once for all tests of learning."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from core.exchange import ImportKind, import_files
from core.settings import Settings
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from training.learning import TrainReport, train_ranker
from training.world import generate

SEED, START, CUTOFF = 811, date(2023, 5, 1), datetime(2025, 5, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Market:
    """A home with a history of two years in its store.

    Attributes:
        settings: of the home.
        store: the records and events.
        cutoff: the end of history.
        events: lines of the events file.
    """

    settings: Settings
    store: Store
    cutoff: datetime
    events: list[dict[str, object]]


@pytest.fixture(scope="session")
def encoder() -> BagOfWordsEncoder:
    return BagOfWordsEncoder(dim=256)


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Read by all, changed by none."""
    home = tmp_path_factory.mktemp("market")
    generate(home / "world", 400, 250, SEED, START)
    settings = Settings(home=home, threads=1)
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
def home(tmp_path: Path) -> Settings:
    """A home of one's own with an embedded MLflow store that is not there yet."""
    return Settings(home=tmp_path / "home", threads=1)
