"""Views for the state of now, and the triggers that keep written rows as they are.

Both are taken down before a migration and put up again after it, in its transaction: they hold no data
and always are what this module says.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from qa.records.columns import Instant, Words
from qa.records.tables import MUTABLE, metadata

NOW: dict[str, tuple[str, tuple[str, ...]]] = {
    "setting_now": ("setting", ("name",)),
    "agent_now": ("agent", ("agent_id",)),
    "account_now": ("agent_account", ("platform", "shop", "account", "valid_from")),
    "membership_now": ("membership", ("agent_id", "valid_from")),
    "user_now": ("user_version", ("user_id",)),
    "part_now": ("part_event", ("name",)),
    "verdict_now": ("verdict", ("finding_id",)),
    "draft_now": ("draft", ("user_id", "conversation_id")),
}
"""View -> its table and the columns that name a thing: of each thing the newest row."""

ALSO = {"part_now": "this.live"}

ASSIGNMENT_NOW = """
select assignment.assignment_id, assignment.sample_id, assignment.conversation_id, assignment.reviewer,
    assignment.round, assignment.at, review.review_id, sample.stream, sample.plan, sample.scorecard
from assignment
join sample on sample.sample_id = assignment.sample_id
left join review on review.conversation_id = assignment.conversation_id
    and review.reviewer = assignment.reviewer and review.scorecard = sample.scorecard
"""

views = sa.MetaData()
for _name, (_of, _) in NOW.items():
    sa.Table(_name, views, *(sa.Column(c.name, c.type, primary_key=c.primary_key) for c in metadata.tables[_of].c))
sa.Table(
    "assignment_now",
    views,
    sa.Column("assignment_id", Words, primary_key=True),
    *(sa.Column(name, Words) for name in ("sample_id", "conversation_id", "reviewer")),
    sa.Column("round", sa.Integer),
    sa.Column("at", Instant),
    *(sa.Column(name, Words) for name in ("review_id", "stream", "plan", "scorecard")),
)

READABLE: dict[str, sa.Table] = {**metadata.tables, **views.tables}
LOGIN_TAKEN = "duplicate user_version.login"


def take_down(connection: sa.Connection) -> None:
    """Drop the views and triggers; views that somebody else added to a PostgreSQL database stay."""
    for name in views.tables:
        connection.exec_driver_sql(f"drop view if exists {name}")
    if connection.dialect.name == "sqlite":
        names = connection.exec_driver_sql("select name from sqlite_master where type = 'trigger'").scalars().all()
        for name in names:
            connection.exec_driver_sql(f"drop trigger {name}")
    else:
        connection.exec_driver_sql("drop function if exists keep_rows cascade")
        connection.exec_driver_sql("drop function if exists one_login cascade")


def put_up(connection: sa.Connection) -> None:
    """Create every view and trigger; on PostgreSQL also the comments of tables and columns."""
    for statement in definitions(connection.dialect.name):
        connection.exec_driver_sql(statement)
    if connection.dialect.supports_comments:
        for table in metadata.sorted_tables:
            connection.execute(sa.schema.SetTableComment(table))
            for column in table.columns:
                connection.execute(sa.schema.SetColumnComment(column))


def definitions(dialect: str) -> Iterator[str]:
    """The statements that create the views and triggers, in order."""
    for view, (table, thing) in NOW.items():
        yield f"create view {view} as {_newest(table, thing, ALSO.get(view, ''))}"
    yield f"create view assignment_now as {ASSIGNMENT_NOW.strip()}"
    kept = [name for name in metadata.tables if name not in MUTABLE]
    yield from _sqlite_triggers(kept) if dialect == "sqlite" else _postgresql_triggers(kept)


def _newest(table: str, thing: tuple[str, ...], also: str) -> str:
    columns = ", ".join(f"this.{column.name}" for column in metadata.tables[table].c)
    same = " and ".join(f"later.{column} = this.{column}" for column in thing)
    newest = f"not exists (select 1 from {table} as later where {same} and later.seq > this.seq)"
    return f"select {columns} from {table} as this where {newest}{' and ' + also if also else ''}"


def _sqlite_triggers(kept: list[str]) -> Iterator[str]:
    for table in kept:
        for act in ("update", "delete"):
            words = f"{table} is append-only: write a new row that corrects the old one"
            yield f"create trigger {table}_no_{act} before {act} on {table} begin select raise(abort, '{words}'); end"
    yield (
        "create trigger user_version_login before insert on user_version "
        "when exists (select 1 from user_now where login = new.login and user_id <> new.user_id) "
        f"begin select raise(abort, '{LOGIN_TAKEN}'); end"
    )


def _postgresql_triggers(kept: list[str]) -> Iterator[str]:
    yield (
        "create function keep_rows() returns trigger language plpgsql as $$ begin "
        "raise exception using message = tg_table_name || ' is append-only: write a new row that corrects the old one'; "
        "end $$"
    )
    for table in kept:
        yield (
            f"create trigger {table}_keep before update or delete or truncate on {table} "
            "for each statement execute function keep_rows()"
        )
    yield (
        "create function one_login() returns trigger language plpgsql as $$ begin "
        "if exists (select 1 from user_now where login = new.login and user_id <> new.user_id) then "
        f"raise exception '{LOGIN_TAKEN}'; end if; return new; end $$"
    )
    yield "create trigger user_version_login before insert on user_version for each row execute function one_login()"
