"""Bring a database to the schema of this program, whole or not at all."""

from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from qa.model import N_, Refusal
from qa.records import connection as connections

HEAD = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: sa.Engine) -> None:
    """Apply the migrations that are missing, in one transaction with the note that they were applied.

    Refused: a database that is not ours, or that a newer program has upgraded.
    """
    with closing(database.connect()) as connection:
        revision = _revision(connection)
    if revision == HEAD:
        return
    if revision is not None and revision not in _known():
        raise Refusal(
            N_("The records were written by a newer QA Desk (schema {found}; this program knows {known})."),
            N_("Install the newer version. Nothing was changed."),
            place=connections.place(database.url),
            found=revision,
            known=HEAD,
        )
    _migrate(database)


def _revision(connection: sa.Connection) -> str | None:
    """The revision a database is at; None for a database with nothing in it."""
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise Refusal(
            N_("This database holds something else than records of QA Desk."),
            N_("Give QA Desk a database of its own."),
            place=connections.place(connection.engine.url),
        )
    return str(connection.exec_driver_sql("select version_num from alembic_version").scalar_one())


def _known() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _migrate(database: sa.Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with closing(connections.writing(database)) as connection:
        if database.dialect.name == "sqlite":
            _let_go_of_references(connection)
        with connection.begin():
            if database.dialect.name == "postgresql":
                connection.exec_driver_sql("select pg_advisory_xact_lock(7215043)")  # one program at a time
            config.attributes["connection"] = connection
            command.upgrade(config, HEAD)
        connection.invalidate()


def _let_go_of_references(connection: sa.Connection) -> None:
    """SQLite changes a table by copying it: for a moment rows refer to nothing. Only outside a transaction."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("pragma foreign_keys=off")
