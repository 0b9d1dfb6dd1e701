"""Opening: migrations, several processes at once, and databases that cannot be used."""

import multiprocessing
import sqlite3
import stat
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core.errors import SettingsInvalid, StoreUnavailable
from core.records import Talent
from core.store import Store, engine
from core.store.engine import Database, connect
from core.store.migrate import downgrade, migrate
from core.store.schema import Base

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(sa.inspect(connection).get_table_names())


def test_migrations_make_what_the_schema_says(database_url: str):
    database = connect(database_url)
    migrate(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    assert tables(database) == {*Base.metadata.tables, "alembic_version"}
    database.close()


def test_migrations_go_back_and_forth(database_url: str):
    database = connect(database_url)
    migrate(database)
    migrate(database)
    downgrade(database, "base")
    assert tables(database) == {"alembic_version"}
    database.close()
    with Store.open(database_url) as store:
        store.put_talents([Talent(talent_id="a")], now=NOW)
        assert store.last_seq() == 1


def test_ids_sort_by_bytes_in_postgresql_too(postgres_url: str):
    with Store.open(postgres_url), psycopg.connect(postgres_url) as connection:
        found = connection.execute(
            "SELECT DISTINCT collation_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name IN ('id', 'event_id', 'talent_id', 'shortlist_id')"
        ).fetchall()
    assert found == [("C",)]


def open_and_write(url: str, number: int, results: "multiprocessing.Queue[str]") -> None:
    try:
        with Store.open(url) as store:
            store.put_talents([Talent(talent_id=f"t{number}")], now=NOW)
        results.put("")
    except BaseException as error:  # the parent shows what the child met
        results.put(repr(error))
        raise


def test_several_processes_can_open_a_new_database_at_once(database_url: str):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=open_and_write, args=(database_url, i, results)) for i in range(4)]
    for process in processes:
        process.start()
    told = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(timeout=60)
    assert told == [""] * 4
    with Store.open(database_url) as store:
        assert [change.seq for change in store.changes(after_seq=0)] == [1, 2, 3, 4]


def test_a_follower_never_misses_a_change(store: Store):
    """Six writers at once; whoever reads only above what was seen, has seen everything in the end."""
    writers = [
        threading.Thread(
            target=lambda writer: [
                store.put_talents([Talent(talent_id=f"w{writer}-{i}-{j}") for j in range(3)], now=NOW)
                for i in range(15)
            ],
            args=(writer,),
        )
        for writer in range(6)
    ]
    for thread in writers:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in writers):
        seen += [change.seq for change in store.changes(after_seq=seen[-1] if seen else 0)]
    seen += [change.seq for change in store.changes(after_seq=seen[-1] if seen else 0)]
    assert seen == list(range(1, 6 * 15 * 3 + 1))


def test_only_one_of_many_can_create(store: Store):
    from core.errors import Conflict

    created: list[int] = []
    refused: list[int] = []

    def create(number: int) -> None:
        try:
            store.put_talent(Talent(talent_id="a", skills=[str(number)]), now=NOW, if_none_match=True)
        except Conflict:
            refused.append(number)
        else:
            created.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(created), len(refused)) == (1, 7)
    assert store.talent("a").record.skills == [str(created[0])]


def test_reading_does_not_wait_for_a_writer(store: Store):
    store.put_talents([Talent(talent_id="a")], now=NOW)
    with store._database.writing() as connection:
        connection.execute(sa.text("DELETE FROM talents"))
        assert store.count_talents() == 1
        connection.rollback()


def test_half_a_write_is_no_write(store: Store):
    def write_and_fail() -> None:
        with store._database.writing() as connection:
            connection.execute(sa.text("INSERT INTO places VALUES ('3011', '', '', 1, 1)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert store.places() == {}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_sqlite_files_are_for_their_owner_only(sqlite_store: Store, sqlite_url: str):
    sqlite_store.put_talents([Talent(talent_id="a")], now=NOW)
    files = list(Path(sqlite_url.removeprefix("sqlite:///")).parent.iterdir())
    assert len(files) == 3  # the database, its log and their shared memory
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_sqlite_is_set_up_as_we_say(sqlite_store: Store):
    with sqlite_store._database.reading() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 1, 1, 1, engine.BUSY_TIMEOUT_MS]


def test_ping(store: Store):
    store.ping()


@pytest.mark.parametrize(
    "url",
    ["", "no address", "mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "mssql+pyodbc://x"],
)
def test_other_databases_are_refused(url: str):
    with pytest.raises(SettingsInvalid, match=r"postgresql://"):
        Store.open(url)


def test_a_file_that_is_no_database_is_told(tmp_path: Path):
    path = tmp_path / "notes.db"
    path.write_text("Dit is geen database, maar wel lang genoeg om er een te lijken. " * 100)
    with pytest.raises(StoreUnavailable, match="check that the file is a Kansrijk database"):
        Store.open(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot make the database file"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'kansrijk.db'}")


def test_a_server_that_is_not_there_is_told_without_its_password():
    with pytest.raises(StoreUnavailable, match="check that the server runs") as caught:
        Store.open("postgresql://someone:geheim@127.0.0.1:1/nothing")
    assert "geheim" not in str(caught.value)


def test_a_database_of_a_newer_version_is_left_alone(database_url: str):
    with Store.open(database_url) as store, store._database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer version"):
        Store.open(database_url)


def test_a_server_that_goes_away_is_told(postgres_url: str, postgres_server: str):
    with Store.open(postgres_url) as store:
        store.ping()
        name = postgres_url.split("@/")[1].split("?", maxsplit=1)[0]
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            store.ping()
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
        store.ping()  # and comes back by itself


def test_a_lock_that_is_not_released_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    with Store.open(sqlite_url) as store:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="wait until it is done"):
            store.put_talents([Talent(talent_id="a")], now=NOW)
        other.execute("ROLLBACK")
        other.close()
        store.put_talents([Talent(talent_id="a")], now=NOW)


def test_a_record_of_another_contract_is_told(store: Store):
    store.put_talents([Talent(talent_id="a", presentation="geheim")], now=NOW)
    with store._database.writing() as connection:
        connection.execute(sa.text('UPDATE revisions SET content = \'{"talent_id": "a", "hours_min": -1}\''))
    with pytest.raises(StoreUnavailable, match="another contract"):
        store.talent("a")
