"""The first tables.

A migration says what was true when it was written and never changes; so nothing of the program is imported.
`views` is the digest of the views and triggers that belong to it: whoever changes those writes a migration.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
views = "00a4624aa0391811f19d61f95d2d04bebe1900628e0c67a20d52a231b9d721a1"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SHAPES = {"instant": "____-__-__T__:__:__.___Z", "day": "____-__-__", "month": "____-__"}


def upgrade() -> None:
    _standing()
    _people()
    _chats()
    _samples()
    _reviews()
    _closes()


def seq(*, counted: bool = True) -> sa.Column[Any]:
    return sa.Column("seq", SEQ, primary_key=True, autoincrement="auto" if counted else False)


def words(*names: str, key: bool = False, none: bool = False) -> list[Any]:
    return [sa.Column(name, TEXT, primary_key=key, nullable=none) for name in names]


def shaped(shape: str, *names: str, none: bool = False) -> list[Any]:
    held = [sa.CheckConstraint(f"{name} LIKE '{SHAPES[shape]}'", name=f"{name}_shape") for name in names]
    return [*words(*names, none=none), *held]


def numbers(*names: str, kind: type = sa.Integer, none: bool = False) -> list[Any]:
    return [sa.Column(name, kind, nullable=none) for name in names]


def refers(name: str, target: str, *, key: bool = False, none: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TEXT, sa.ForeignKey(target), primary_key=key, nullable=none)


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(map(repr, values))})", name=column)


def check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=name)


def index(table: str, *columns: str) -> None:
    op.create_index(None, table, list(columns))


def _standing() -> None:
    op.create_table(
        "audit",
        seq(counted=False),
        *shaped("instant", "at"),
        *words("actor", "action", "subject", "detail", "prev_hash", "hash"),
    )
    op.create_table("setting", seq(), *words("name", "value"), *shaped("instant", "at"), *words("by"))
    index("setting", "name", "seq")


def _people() -> None:
    op.create_table("agent", seq(), *words("agent_id", "name"), *shaped("instant", "at"), *words("by"))
    index("agent", "agent_id", "seq")
    op.create_table(
        "agent_account",
        seq(),
        *words("platform", "shop", "account", "agent_id"),
        *shaped("day", "valid_from"),
        *shaped("day", "valid_to", none=True),
        *shaped("instant", "at"),
        *words("by"),
        check("valid", "valid_to IS NULL OR valid_to >= valid_from"),
    )
    index("agent_account", "platform", "shop", "account", "valid_from", "seq")
    op.create_table(
        "membership",
        seq(),
        *words("agent_id", "team"),
        *shaped("day", "valid_from"),
        *shaped("day", "valid_to", none=True),
        *shaped("instant", "at"),
        *words("by"),
        check("valid", "valid_to IS NULL OR valid_to >= valid_from"),
    )
    index("membership", "agent_id", "valid_from", "seq")
    op.create_table(
        "user_version",
        seq(),
        *words("user_id", "login", "name", "role"),
        *words("agent_id", none=True),
        *words("teams", "language", "password_hash"),
        *numbers("disabled", kind=sa.Boolean),
        *shaped("instant", "at"),
        *words("by"),
        one_of("role", "agent", "supervisor", "hr", "admin", "owner"),
    )
    index("user_version", "user_id", "seq")
    index("user_version", "login")
    op.create_table(
        "signin",
        *words("token_hash", key=True),
        *words("user_id"),
        *shaped("instant", "started_at", "seen_at"),
        *shaped("instant", "ended_at", none=True),
    )
    index("signin", "user_id")
    op.create_table("signin_attempt", seq(), *words("login"), *numbers("ok", kind=sa.Boolean), *shaped("instant", "at"))
    index("signin_attempt", "login", "at")


def _chats() -> None:
    op.create_table(
        "load",
        *words("load_id", key=True),
        *words("file", "file_hash", "source"),
        *numbers("rows_in", "accepted", "duplicate", "rejected", "masked"),
        *shaped("instant", "at"),
        *words("by"),
        check("conserved", "rows_in = accepted + duplicate + rejected"),
        check("counts", "accepted >= 0 AND duplicate >= 0 AND rejected >= 0 AND masked >= 0"),
    )
    index("load", "file_hash")
    op.create_table(
        "part_event",
        seq(),
        *words("name", "kind"),
        *shaped("day", "day"),
        *numbers("rows"),
        *words("sha256"),
        *numbers("live", kind=sa.Boolean),
        refers("load_id", "load.load_id", none=True),
        *shaped("instant", "at"),
        check("rows", "rows >= 0"),
    )
    index("part_event", "name", "seq")


def _samples() -> None:
    op.create_table(
        "sample",
        *words("sample_id", key=True),
        *words("plan", "plan_version", "scorecard", "stream"),
        *shaped("month", "period", none=True),
        *shaped("day", "day", none=True),
        *shaped("day", "first_day", "end_day"),
        *numbers("seed", kind=sa.BigInteger),
        *words("frame_hash"),
        *numbers("frame_size"),
        *words("certificate"),
        *shaped("instant", "at"),
        *words("by"),
        one_of("stream", "measuring", "finding"),
        check("days", "first_day < end_day"),
        check("frame_size", "frame_size >= 0"),
    )
    index("sample", "first_day")
    op.create_table(
        "sample_member",
        refers("sample_id", "sample.sample_id", key=True),
        *words("conversation_id", key=True),
        *words("agent_id", "stratum"),
        *numbers("probability", kind=sa.Double),
        *numbers("stratum_size", "stratum_drawn"),
        check("probability", "probability > 0 AND probability <= 1"),
        check("stratum", "stratum_drawn >= 1 AND stratum_drawn <= stratum_size"),
    )
    index("sample_member", "conversation_id")
    op.create_table(
        "assignment",
        *words("assignment_id", key=True),
        *words("sample_id", "conversation_id", "reviewer"),
        *numbers("round"),
        *shaped("instant", "at"),
        sa.ForeignKeyConstraint(
            ["sample_id", "conversation_id"], ["sample_member.sample_id", "sample_member.conversation_id"]
        ),
        sa.UniqueConstraint("sample_id", "conversation_id", "round"),
        check("round", "round >= 1"),
    )
    index("assignment", "reviewer")
    index("assignment", "conversation_id")


def _reviews() -> None:
    op.create_table(
        "review",
        *words("review_id", key=True),
        *words("form_id", "conversation_id", "agent_id", "reviewer"),
        *numbers("round"),
        refers("sample_id", "sample.sample_id", none=True),
        *words("scorecard", "scorecard_version"),
        *words("score", none=True),
        *words("shown_findings", "note"),
        *words("root_cause", none=True),
        *numbers("seconds", none=True),
        *shaped("instant", "at"),
        sa.UniqueConstraint("form_id"),
        sa.UniqueConstraint("conversation_id", "reviewer", "scorecard"),
        check("round", "round >= 1"),
        check("seconds", "seconds >= 0"),
    )
    index("review", "agent_id", "at")
    op.create_table(
        "rating",
        refers("review_id", "review.review_id", key=True),
        *words("criterion", key=True),
        *numbers("level", none=True),
        check("level", "level >= 0"),
    )
    op.create_table(
        "verdict",
        seq(),
        *words("finding_id", "rule", "conversation_id"),
        *words("message_id", none=True),
        *words("verdict", "reason", "reviewer"),
        refers("review_id", "review.review_id", none=True),
        *shaped("instant", "at"),
        one_of("verdict", "confirmed", "rejected"),
    )
    index("verdict", "finding_id", "seq")
    index("verdict", "conversation_id")
    op.create_table("draft", seq(), *words("user_id", "conversation_id", "body"), *shaped("instant", "at"))
    index("draft", "user_id", "conversation_id", "seq")


def _closes() -> None:
    op.create_table(
        "close",
        *words("close_id", key=True),
        *shaped("month", "period"),
        *words("hash", "digests", "first_by", "second_by"),
        *shaped("instant", "at"),
        sa.UniqueConstraint("period"),
        check("two_people", "first_by <> second_by"),
    )
    op.create_table(
        "frozen",
        refers("close_id", "close.close_id", key=True),
        *words("kind", "key", key=True),
        *words("body"),
        one_of("kind", "policy", "roster", "sample", "score", "appraisal", "bonus", "metric"),
    )
