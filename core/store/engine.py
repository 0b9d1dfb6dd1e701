"""The database: connecting, transactions, the write lock, and vendor errors mapped to ours. No SQL of the domain here.

Why writes take a lock. Readers follow changes by sequence number: one that has seen 41 asks for what is above 41. If
two writers could hold numbers at once, 42 might be committed before 41 and a reader would never see 41. So the writer
of numbered rows is alone from before it reads the highest number until its commit: on SQLite by ``BEGIN IMMEDIATE``
(there is one writer anyway), on PostgreSQL by an advisory lock that ends with the transaction, whatever ends it. The
numbers are dealt by the store under that lock, because a database sequence numbers at insert, not at commit.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import SettingsInvalid, StoreUnavailable

WRITE_LOCK: Final = 0x6B616E73  # "kans": any constant that no one else uses in this database
BUSY_TIMEOUT_MS: Final = 30_000  # longer than the longest batch of an import holds the lock
CONNECT_TIMEOUT_S: Final = 10
POOL_SIZE: Final = 8  # the API's thread pool reads; more only queues inside the database
POOL_OVERFLOW: Final = 32
_WRITING: Final = "kansrijk_writing"


class Database:
    """An engine with read and write transactions; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITING: True})  # the same pool

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded default is used."""
        return self._engine.dialect.name == "sqlite"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; on SQLite it neither waits for writers nor holds them up.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with self._mapped_errors(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is the only writer until it commits; all of it happens, or nothing.

        Raises:
            StoreUnavailable: the database does not answer, is full, or another process keeps the lock.
        """
        with self._mapped_errors(), self._writer.begin() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITE_LOCK)))
            yield connection

    def scrub(self) -> None:
        """Makes what was erased unreadable in the SQLite files: the write-ahead log still holds old pages.

        On PostgreSQL dead rows go at the next vacuum, and the log follows the operator's retention.
        """
        if self.is_sqlite:
            with self._mapped_errors(), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except (exc.IntegrityError, exc.DataError):
            raise  # a defect of this package, not of the surroundings
        except (exc.DatabaseError, exc.InterfaceError, exc.TimeoutError) as error:
            raise unavailable(self._engine.url, error) from error


def unavailable(url: URL, error: Exception) -> StoreUnavailable:
    """What to do about a vendor error; names the address without its password, never a statement's values."""
    cause = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]
    where = url.render_as_string(hide_password=True)
    if "locked" in cause or "lock timeout" in cause:
        advice = "another process keeps writing: wait until it is done and try again"
    elif "full" in cause or "No space" in cause:
        advice = "make room on the disk and run the same again"
    elif url.get_backend_name() == "sqlite":
        advice = "check that the file is a Kansrijk database and that you may write it and its folder"
    else:
        advice = "check that the server runs and that DATABASE_URL names an existing database and user"
    return StoreUnavailable(f"the database at {where} cannot be used ({cause}); {advice}")


def connect(url: str) -> Database:
    """Makes the engine; on SQLite also the file and its folder, readable by this user only.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql://USER@HOST/NAME``.

    Raises:
        SettingsInvalid: another kind of database.
        StoreUnavailable: the file or folder cannot be made.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return Database(_sqlite(address))
    return Database(_postgresql(address))


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except exc.ArgumentError:
        raise SettingsInvalid(
            "DATABASE_URL is not a database address; write postgresql://USER:PASSWORD@HOST/NAME or leave it empty"
        ) from None
    if address.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername == "sqlite" and address.database and address.database != ":memory:":
        return address
    raise SettingsInvalid(f"{address.drivername} is not supported here; use postgresql://… or sqlite:///PATH/TO/FILE")


def _sqlite(address: URL) -> Engine:
    path = Path(address.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)  # personal data; SQLite gives its side files the same mode
    except OSError as error:
        raise StoreUnavailable(
            f"cannot make the database file {path} ({error.strerror}); choose another --home or fix its permissions"
        ) from error
    engine = sa.create_engine(
        address,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "cached_statements": 256},
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_sqlite)
    _use_write_ahead_log(engine)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # Python's own implicit transactions would start a write as a read and fail when it upgrades: we begin ourselves.
    connection.isolation_level = None
    for pragma in (
        "foreign_keys = ON",  # off by default in SQLite
        "synchronous = NORMAL",  # with a write-ahead log: no corruption, at worst the last commits go with the power
        "secure_delete = ON",  # erased content is overwritten, not merely unlinked
        "cache_size = -32768",  # 32 MiB a connection
        "temp_store = MEMORY",  # sorting leaves no personal data in a temporary file
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _use_write_ahead_log(engine: Engine) -> None:
    """Readers and the writer do not wait for each other; kept in the file, so set once.

    SQLite does not apply its busy timeout to this switch, so several processes that start at once retry here.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            raw = engine.raw_connection()
            with contextlib.closing(raw):
                raw.cursor().execute("PRAGMA journal_mode = WAL")
        except (sqlite3.Error, exc.DatabaseError) as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise unavailable(engine.url, error) from error
            time.sleep(0.01)
        else:
            return


def _postgresql(address: URL) -> Engine:
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "kansrijk",
        "options": f"-c lock_timeout={BUSY_TIMEOUT_MS} -c client_encoding=utf8",
    }
    return sa.create_engine(
        address,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_pre_ping=True,  # a server that was restarted costs one round trip, not an error
        isolation_level="READ COMMITTED",  # after the write lock, a statement must see what its predecessor committed
        connect_args=options,
    )
