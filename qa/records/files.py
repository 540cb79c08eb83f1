"""The SQLite file as a file: made, looked at and copied so that there is never half of one."""

import os
import secrets
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from qa.model import N_, Refusal
from qa.records import connection as connections
from qa.records.faults import CLOSED, DAMAGED, RESTORE
from qa.records.upgrade import upgrade


def writable(path: Path) -> None:
    """Refuse a place that this user cannot read and write. The folder counts too: SQLite keeps its log there."""
    for item in (path.parent, path):
        effective = os.access in os.supports_effective_ids
        if (item == path.parent or item.exists()) and not os.access(item, os.R_OK | os.W_OK, effective_ids=effective):
            raise Refusal(
                N_("The records cannot be written there."),
                N_("Name a folder that exists, and give this user the right to read and write it and the file in it."),
                place=str(item),
            )


def create(path: Path) -> None:
    """Make new records beside their place and name them when they are complete; who comes second takes the first's."""
    fresh = _beside(path)
    try:
        database = connections.engine(f"{connections.SQLITE}{fresh}")
        upgrade(database)
        database.dispose()
        _durable(fresh)
        os.link(fresh, path)
        _durable(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        what, remedy = CLOSED
        raise Refusal(what, remedy, place=str(path), fault=error.strerror) from error
    finally:
        for end in ("", "-wal", "-shm"):
            fresh.with_name(fresh.name + end).unlink(missing_ok=True)


def sound(database: sa.Engine, path: Path) -> None:
    """Refuse a file that is empty or whose pages do not fit together."""
    if path.stat().st_size == 0:
        raise Refusal(N_("The file of the records is empty."), RESTORE, place=str(path))
    with closing(database.connect()) as connection:
        said = str(connection.exec_driver_sql("pragma quick_check(1)").scalar_one())
    if said != "ok":
        what, remedy = DAMAGED
        raise Refusal(what, remedy, place=str(path), fault=said.rsplit("\n", maxsplit=1)[-1])


def copy(database: sa.Engine, own: Path, path: Path) -> None:
    """Write what the database holds now to another file, which is replaced as a whole."""
    writable(path)
    if path.exists() and path.samefile(own):
        raise Refusal(
            N_("A copy cannot take the place of the records themselves."), N_("Name another file."), place=str(path)
        )
    fresh = _beside(path)
    try:
        with closing(connections.outside_transactions(database)) as connection:
            connection.exec_driver_sql("vacuum into ?", (str(fresh),))
        _durable(fresh)
        fresh.replace(path)
        _durable(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """A new empty file in the same folder that only its owner may read and write."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return fresh


def _durable(item: Path) -> None:
    """Have the disk write it down. Never for the live file: closing it would drop the locks of its connections."""
    handle = os.open(item, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
