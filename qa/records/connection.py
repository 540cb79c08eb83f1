"""How the two databases are connected to: one SQLite file, or a PostgreSQL server.

SQLite takes its locks per process and per file, not per connection: any other library in this process that
opens and closes the same file (another copy of SQLite, even a plain `open`) drops the locks that are held here,
and two writers then destroy each other's pages. So the live file is opened by this module and by nothing else.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qa.model import N_, Refusal

SQLITE = "sqlite:///"
WAIT = 15  # seconds that a writer waits for the writer before it


def engine(url: str) -> sa.Engine:
    """An engine for `sqlite:////path/file.db` or `postgresql+psycopg://…`; other addresses are refused."""
    if url.startswith(SQLITE) and url.removeprefix(SQLITE) not in {"", ":memory:"}:
        return _sqlite(sa.URL.create("sqlite", database=url.removeprefix(SQLITE)))  # a path may hold any sign
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise _unknown(url) from None
    if parsed.drivername == "postgresql+psycopg":
        return _postgresql(parsed)
    raise _unknown(place(parsed))


def place(url: sa.URL) -> str:
    """Where the records are, in words that may be shown: the file, or the address without its password."""
    return str(url.database) if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


def file(url: sa.URL) -> Path | None:
    """The SQLite file of an address; None for PostgreSQL."""
    return Path(str(url.database)) if url.drivername == "sqlite" else None


def writing(database: sa.Engine) -> sa.Connection:
    """A connection whose transactions take the write lock at their beginning."""
    return database.connect().execution_options(begin="begin immediate")


def outside_transactions(database: sa.Engine) -> sa.Connection:
    """A SQLite connection that begins nothing of its own, for what SQLite does outside a transaction only."""
    return database.connect().execution_options(begin="")


def _unknown(shown: str) -> Refusal:
    return Refusal(
        N_("“{url}” is not an address of records."),
        N_("Write sqlite:////folder/records.db or postgresql+psycopg://user@host/database."),
        url=shown,
    )


def _sqlite(url: sa.URL) -> sa.Engine:
    database = sa.create_engine(url, connect_args={"timeout": WAIT}, pool_size=10, max_overflow=40)

    @sa.event.listens_for(database, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin below, not inside the driver
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"pragma {pragma}")
        if connection.execute("pragma journal_mode").fetchone() != ("wal",):
            connection.execute("pragma journal_mode=WAL")

    @sa.event.listens_for(database, "begin")
    def begin(connection: sa.Connection) -> None:
        if words := connection.get_execution_options().get("begin", "begin"):
            connection.exec_driver_sql(words)

    return database


def _postgresql(url: sa.URL) -> sa.Engine:
    try:
        return sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10}, pool_size=10)
    except ModuleNotFoundError as error:
        raise Refusal(
            N_("The driver for PostgreSQL is not installed ({name})."),
            N_("Install it with: pip install 'qa-desk[postgres]'."),
            place=place(url),
            name=str(error.name),
        ) from error
