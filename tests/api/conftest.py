from collections.abc import Iterator
from pathlib import Path

import pytest
from api_parts import LOCAL, WordRanking, service_on
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from core.settings import Settings
from core.store import Store


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("KANSRIJK_API_KEY", raising=False)
    return Settings(home=tmp_path, threads=2)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.store_url) as opened:
        yield opened


@pytest.fixture
def ranking(store: Store) -> WordRanking:
    return WordRanking(store)


@pytest.fixture
def app(store: Store, ranking: WordRanking, settings: Settings) -> FastAPI:
    return create_app(service_on(store, ranking), settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=LOCAL) as opened:
        yield opened
