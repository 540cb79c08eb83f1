"""The records: people's acts, written once, each act whole and in the audit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import local
from typing import Any

import pyarrow.lib as pa
import sqlalchemy as sa

from qa.model import N_, Refusal
from qa.records import chain, faults, files, rows
from qa.records import connection as connections
from qa.records.columns import instant_text, json_text
from qa.records.tables import MUTABLE, metadata
from qa.records.upgrade import upgrade

AUDIT = metadata.tables["audit"]
SIGNIN = metadata.tables["signin"]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Act:
    """One act under way. `at` is its instant, as it is written into every row."""

    def __init__(self, connection: sa.Connection, actor: str, now: str, guard: "Records") -> None:
        self._connection, self._guard, self._actor = connection, guard, actor
        last = connection.execute(
            sa.select(AUDIT.c.seq, AUDIT.c.at, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)
        ).first()
        self._seq: int = last.seq + 1 if last else 1
        self._prev_hash: str = last.hash if last else chain.FIRST
        self.at: str = max(now, last.at) if last else now
        self._detail: dict[str, object] = {}
        self._failed = False

    def append(self, table: str, new: Sequence[Mapping[str, Any]]) -> None:
        """Add rows to a table. `at` and `by` may be left out, and so may columns that may be empty.

        A key that is there already raises `Duplicate`; what the table does not allow is refused. After either
        the act is lost, even when the exception is caught.
        """
        if table == "audit" or table in MUTABLE:
            raise ValueError(f"{table} is not appended to by an act")
        values = rows.complete(table, new, at=self.at, by=self._actor)
        if not values:
            return
        try:
            with self._guard.told():
                self._connection.execute(sa.insert(metadata.tables[table]), values)
        except BaseException:
            self._failed = True
            raise

    def read(self, name: str, /, *, order: str = "", limit: int | None = None, **where: object) -> list[dict[str, Any]]:
        """As `Records.read`, with what this act has appended so far."""
        with self._guard.told():
            return rows.read(self._connection, name, order, limit, where)

    def detail(self, more: Mapping[str, object]) -> None:
        """Add to what the audit says about this act."""
        self._detail.update(more)

    def sign(self, action: str, subject: str) -> None:
        """Write the act's row into the audit; the store does this at the end."""
        if self._failed:
            raise RuntimeError("an act that failed cannot be finished")
        detail = json_text(self._detail)
        signed = (self._seq, self.at, self._actor, action, subject, detail, self._prev_hash)
        row = dict(zip(AUDIT.c.keys(), (*signed, chain.link(*signed)), strict=True))
        self._connection.execute(sa.insert(AUDIT), [{**row, "detail": self._detail}])


class Records:
    """The store of what people did. Safe to use from several threads and several processes at once.

    On SQLite nothing else in this process may open the file: see `qa.records.connection`.
    """

    def __init__(self, url: str, database: sa.Engine, now: Callable[[], datetime]) -> None:
        self.url, self._database, self._now = url, database, now
        self._place = connections.place(database.url)
        self._stopped: Exception | None = None
        self._mine = local()
        self._tables: dict[str, tuple[int, pa.Table]] = {}

    @classmethod
    def open(cls, url: str, now: Callable[[], datetime] = utc_now) -> "Records":
        """Open the records at `sqlite:////path/records.db` or `postgresql+psycopg://…`, made or upgraded as needed.

        `now` gives the instants. Refused: records of a newer program, damaged or foreign ones, a place that
        cannot be written.
        """
        records = cls(url, connections.engine(url), now)
        try:
            with records.told():
                records._make_ready()
        except BaseException:
            records.close()
            raise
        return records

    def _make_ready(self) -> None:
        path = connections.file(self._database.url)
        if path:
            files.writable(path)
            if not path.exists():
                files.create(path)
            files.sound(self._database, path)
        upgrade(self._database)

    def close(self) -> None:
        self._database.dispose()

    # ------------------------------------------------------------ reading

    def read(self, name: str, /, *, order: str = "", limit: int | None = None, **where: object) -> list[dict[str, Any]]:
        """Rows of a table or view. A scalar means equal, a list, tuple or set one of, None empty.

        `order` is "at" or "-at", several with commas; rows that tie, or all without it, come by their key.
        Lists and mappings come as Python values, everything else as it is stored.
        """
        with self.told(), self._database.connect() as connection:
            return rows.read(connection, name, order, limit, where)

    def arrow(self, name: str) -> pa.Table:
        """All rows of a table or view by their key, as Arrow; JSON stays text. Kept until the next act."""
        version = self.version()
        kept = self._tables.get(name)
        if kept and kept[0] == version and name not in MUTABLE:
            return kept[1]
        with self.told():
            table = rows.arrow(self._database, name)
        self._tables[name] = version, table
        return table

    def version(self) -> int:
        """A number that grows with every act: the highest seq of the audit, 0 before the first."""
        with self.told(), self._database.connect() as connection:
            return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(AUDIT.c.seq), 0))).scalar_one())

    def chain_faults(self) -> list[str]:
        """Rows of the audit that were changed, moved or taken out since they were written."""
        statement = sa.select(AUDIT).order_by(AUDIT.c.seq)
        text = str(statement.compile(dialect=self._database.dialect))
        with self.told(), self._database.connect() as connection:
            return chain.faults(tuple(row) for row in connection.exec_driver_sql(text).yield_per(10_000))

    # ------------------------------------------------------------ writing

    @contextmanager
    def act(
        self, actor: str, action: str, subject: str = "", detail: Mapping[str, object] | None = None
    ) -> Iterator[Act]:
        """One act: all rows appended in it and its row in the audit, or nothing.

        Acts come one after the other, over all processes. Whatever is read inside sees all acts before it.
        """
        with self._writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"set local lock_timeout = '{connections.WAIT}s'")
                connection.exec_driver_sql("lock table audit in exclusive mode")
            act = Act(connection, actor, instant_text(self._now()), self)
            act.detail(detail or {})
            yield act
            act.sign(action, subject)

    def see(self, actor: str, action: str, subject: str = "", detail: Mapping[str, object] | None = None) -> None:
        """Write into the audit that somebody looked at something."""
        with self.act(actor, action, subject, detail):
            pass

    def start_signin(self, row: Mapping[str, Any]) -> None:
        """Add a browser sign-in: token_hash, user_id, started_at, seen_at."""
        with self._writing() as connection:
            connection.execute(sa.insert(SIGNIN), rows.complete("signin", [row]))

    def touch_signin(self, token_hash: str, seen_at: str | datetime) -> None:
        """Note the last request of a sign-in that has not ended."""
        still = SIGNIN.c.token_hash == token_hash, SIGNIN.c.ended_at.is_(None)
        with self._writing() as connection:
            connection.execute(sa.update(SIGNIN).where(*still).values(seen_at=seen_at))

    def end_signins(self, *, token_hash: str | None = None, user_id: str | None = None) -> None:
        """End one sign-in, or all of a user, as of now. Neither given is an error."""
        if token_hash is None and user_id is None:
            raise ValueError("say which sign-ins end")
        still: list[sa.ColumnElement[bool]] = [SIGNIN.c.ended_at.is_(None)]
        if token_hash is not None:
            still.append(SIGNIN.c.token_hash == token_hash)
        if user_id is not None:
            still.append(SIGNIN.c.user_id == user_id)
        with self._writing() as connection:
            connection.execute(sa.update(SIGNIN).where(*still).values(ended_at=self._now()))

    def backup(self, path: Path) -> None:
        """Write a copy of the records as of now to a file, whole or not at all; a file of that name is replaced."""
        own = connections.file(self._database.url)
        if own is None:
            raise Refusal(
                N_("QA Desk does not copy a PostgreSQL database."),
                N_("Use pg_dump and pg_restore, which come with PostgreSQL."),
                place=self._place,
            )
        try:
            files.copy(self._database, own, path)
        except sa.exc.SQLAlchemyError as error:
            raise faults.meaning(error, str(path)) from error

    # ------------------------------------------------------------ what may go wrong

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """The one transaction that this thread writes in; a second inside it would wait for the first for ever."""
        if self._stopped:
            raise self._stopped
        if getattr(self._mine, "writing", False):
            raise RuntimeError("the records are written inside another act")
        self._mine.writing = True
        try:
            with self.told(), closing(connections.writing(self._database)) as connection, connection.begin():
                yield connection
        finally:
            self._mine.writing = False

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say in plain words what a database error means; after a failure of the disk nothing is written any more."""
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            meant = faults.meaning(error, self._place)
            if faults.lasts(error):
                self._stopped = meant
            raise meant from error
