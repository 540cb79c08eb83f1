"""What a database error means to the person who meets it."""

from typing import Any

import sqlalchemy as sa

from qa.model import N_, Refusal
from qa.records.tables import metadata
from qa.records.views import LOGIN_TAKEN

RESTORE = N_("Do not write to it. Stop QA Desk and restore the workspace from its last backup.")
DAMAGED = (N_("The records are damaged: {fault}."), RESTORE)
BUSY = (N_("The records are busy with something else."), N_("Nothing was stored. Do it again in a moment."))
FULL = (N_("The disk is full: {fault}."), N_("Nothing was stored. Make room, then do it again."))
CLOSED = (
    N_("The records cannot be written: {fault}."),
    N_("Give this user the right to read and write the file and its folder."),
)
FAILED = (N_("The disk failed: {fault}."), N_("Nothing was stored. Look after the disk, then start QA Desk again."))
UNFIT = (
    N_("The records do not take this: {fault}."),
    N_("Nothing was stored. Look at what was handed in and do it again."),
)
AWAY = (
    N_("The records cannot be reached: {fault}."),
    N_("Look whether the database runs and the address is right, then do it again."),
)
BY_CODE = (
    (("SQLITE_BUSY", "SQLITE_LOCKED", "TimeoutError", "55P03", "40P01", "57014"), BUSY),
    (("SQLITE_FULL", "53100"), FULL),
    (("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH", "42501", "25006"), CLOSED),
    (("SQLITE_IOERR", "58"), FAILED),
    (("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX"), DAMAGED),
    (("08", "57P", "OperationalError", "InterfaceError"), AWAY),
)
"""How the codes of SQLite and the SQLSTATEs of PostgreSQL begin, and what they mean; the first match counts, else UNFIT."""
LASTING = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "58", "XX")


class Duplicate(Exception):
    """A row that is there already. `table` and `columns` name the key that it repeats; nothing was stored."""

    def __init__(self, table: str, columns: tuple[str, ...]) -> None:
        super().__init__(f"{table}: {', '.join(columns)} is there already")
        self.table, self.columns = table, columns


def meaning(error: sa.exc.SQLAlchemyError, place: str) -> Exception:
    """What to raise for a database error: `Duplicate`, a `Refusal` with what to do, or the mistake in the call itself."""
    cause: Any = getattr(error, "orig", None) or error
    if not isinstance(error, sa.exc.DBAPIError | sa.exc.TimeoutError):
        return cause if isinstance(cause, Exception) else error
    words = str(cause).strip().split("\n")[0]
    code = _code(cause)
    if LOGIN_TAKEN in words:
        return Duplicate("user_version", ("login",))
    if code in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
        fields = [field.split(".") for field in words.rpartition(": ")[2].split(", ")]
        return Duplicate(fields[0][0], tuple(column for _, column in fields))
    if code == "23505":
        return _repeated_key(cause.diag.table_name, cause.diag.constraint_name)
    what, remedy = next((said for starts, said in BY_CODE if code.startswith(starts)), UNFIT)
    return Refusal(what, remedy, place=place, fault=words)


def lasts(error: sa.exc.SQLAlchemyError) -> bool:
    """Whether the disk or the file failed, so that no later write may be trusted until a restart."""
    return _code(getattr(error, "orig", None)).startswith(LASTING)


def _code(cause: Any) -> str:
    return str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or type(cause).__name__)


def _repeated_key(table: str, constraint: str) -> Duplicate:
    for key in metadata.tables[table].constraints:
        if key.name == constraint and isinstance(key, sa.UniqueConstraint | sa.PrimaryKeyConstraint):
            return Duplicate(table, tuple(column.name for column in key.columns))
    return Duplicate(table, (constraint,))
