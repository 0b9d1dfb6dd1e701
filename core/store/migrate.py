"""Brings a database to the schema of this version: Alembic, run from code, without a configuration file."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from core.errors import StoreUnavailable
from core.store.engine import Database

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrades to a revision (default the newest); does nothing where it is there already.

    Runs under the write lock, so processes that start at once wait for the first; in one transaction, so a killed
    migration leaves the old schema.

    Raises:
        StoreUnavailable: the database does not answer, or was written by a newer version.
    """
    scripts = ScriptDirectory(str(_SCRIPTS))
    with database.reading() as connection:
        if _check_known(scripts, connection) == scripts.get_current_head() and revision == "head":
            return
    with database.writing() as connection:
        _check_known(scripts, connection)
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Goes back to an earlier revision (``base``: no tables at all); what only newer tables hold is lost.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with database.writing() as connection:
        command.downgrade(_config(connection), revision)


def _check_known(scripts: ScriptDirectory, connection: Connection) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreUnavailable(
            f"the database is at schema {current}, which this version of Kansrijk does not know; "
            "start the newer version that wrote it"
        )
    return current


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
