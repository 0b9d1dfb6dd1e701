"""One small town, its index and a model, made once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ranking_town import Town, settle

from core.settings import Settings
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from ranking.features import COLUMNS, FEATURE_NAMES, FEATURES
from ranking.model import ModelInfo, RankingModel
from ranking.rankers import LinearRanker
from ranking.retention import RetentionHead
from ranking.survival import Calibration, SurvivalCurve
from ranking.trees import RankingTable, TreeSettings, refit_ranker


@pytest.fixture(scope="session")
def encoder() -> BagOfWordsEncoder:
    return BagOfWordsEncoder(dim=512)


@pytest.fixture
def empty_town(tmp_path: Path) -> Iterator[Town]:
    """A home of one's own to change, with nobody in it."""
    settings = Settings(home=tmp_path / "home", threads=1)
    settings.home.mkdir()
    with Store.open(settings.store_url) as store:
        yield Town(store, settings, [], [])


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, encoder: BagOfWordsEncoder) -> Iterator[Town]:
    """The shared town; tests ask it questions and change nothing but its archive of shortlists."""
    settings = Settings(home=tmp_path_factory.mktemp("town"), threads=1)
    with Store.open(settings.store_url) as store:
        yield settle(Town(store, settings, [], []), encoder)


@pytest.fixture(scope="session")
def model(encoder: BagOfWordsEncoder) -> RankingModel:
    """Learned from lists in which a few features decide, so that it has an opinion on every kind of reason."""
    rng = np.random.default_rng(11)
    n_lists, size = 150, 10
    features = rng.uniform(0, 1, size=(n_lists * size, len(FEATURES)))
    features[rng.random(features.shape) < 0.2] = np.nan
    signs = np.array([feature.monotone or 1 for feature in FEATURES])
    worth = np.nan_to_num(features, nan=0.4) @ signs + rng.normal(scale=0.2, size=len(features))
    grades = np.digitize(worth, np.quantile(worth, [0.6, 0.85, 0.95])).astype(np.int64)
    table = RankingTable(features, grades, np.full(n_lists, size), np.tile(np.arange(1, size + 1), n_lists))
    ranker = refit_ranker(table, COLUMNS, TreeSettings(min_data_in_leaf=10), rounds=40)
    weights = rng.normal(scale=0.3, size=(21, len(FEATURES)))
    middle, spread = np.full(len(FEATURES), 0.5), np.ones(len(FEATURES))
    curve, *copies = (
        SurvivalCurve(LinearRanker(FEATURE_NAMES, middle, spread, row, 0.0), np.array([1.0, 2.0]), Calibration())
        for row in weights
    )
    head = RetentionHead("hazard_linear", curve, tuple(copies), 200)
    info = ModelInfo("7", "retained-1040h-v1", encoder.version, "2026-02-01T00:00:00+00:00", FEATURE_NAMES)
    return RankingModel(info, ranker, head)
