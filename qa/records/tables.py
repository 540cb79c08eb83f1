"""The tables of the records. Every one is append-only, except the browser sign-ins.

What people did is never edited: a correction is a new row, and the views show the state of now.
`at` is when a row was written, `by` the user_id that acted.
"""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint

from qa.model import Role, Verdict
from qa.records.columns import SEQ, Day, Exact, Instant, Json, Month, Words

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
MUTABLE = frozenset({"signin"})


class Stream(StrEnum):
    MEASURING = "measuring"
    FINDING = "finding"


class Kept(StrEnum):
    """What a closed month keeps."""

    POLICY = "policy"
    ROSTER = "roster"
    SAMPLE = "sample"
    SCORE = "score"
    APPRAISAL = "appraisal"
    BONUS = "bonus"
    METRIC = "metric"


def _table(name: str, comment: str, *items: Any) -> sa.Table:
    """A table whose instants, days and months are held to their shape by the database."""
    table = sa.Table(name, metadata, *items, comment=comment)
    for column in table.columns:
        if isinstance(column.type, Words) and column.type.shape:
            table.append_constraint(
                CheckConstraint(f"{column.name} LIKE '{column.type.shape}'", name=f"{column.name}_shape")
            )
    return table


def _seq() -> Column[Any]:
    return Column("seq", SEQ, primary_key=True, comment="order of writing")


def _key(name: str, comment: str, kind: Any = Words) -> Column[Any]:
    return Column(name, kind, primary_key=True, comment=comment)


def _has(name: str, comment: str, kind: Any = Words, *, none: bool = False, of: str = "") -> Column[Any]:
    return Column(name, kind, *([ForeignKey(of)] if of else []), nullable=none, comment=comment)


def _at() -> Column[Any]:
    return _has("at", "when it was written", Instant)


def _by() -> Column[Any]:
    return _has("by", "user_id of who did it")


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v.value) for v in values)})", name=column)


def _count(name: str, comment: str) -> Column[Any]:
    return _has(name, comment, sa.Integer)


_table(
    "audit",
    "who did what and when; each row holds the hash of the row before it",
    Column("seq", SEQ, primary_key=True, autoincrement=False, comment="1, 2, 3 … without a gap"),
    _at(),
    _has("actor", "user_id of who acted"),
    _has("action", "what was done"),
    _has("subject", "to what; empty where the action says it all"),
    _has("detail", "what else is worth knowing later", Json),
    _has("prev_hash", "hash of the row before; 64 zeros for the first"),
    _has("hash", "SHA-256 over prev_hash and this row"),
)
_table(
    "setting",
    "settings of the workspace, by name",
    _seq(),
    _has("name", "which setting"),
    _has("value", "its value from now on"),
    _at(),
    _by(),
    Index(None, "name", "seq"),
)

# ---------------------------------------------------------------- people

_table(
    "agent",
    "employees who serve customers",
    _seq(),
    _has("agent_id", "the employee's id"),
    _has("name", "the name that is shown"),
    _at(),
    _by(),
    Index(None, "agent_id", "seq"),
)
_table(
    "agent_account",
    "which agent used which account of a shop, and when",
    _seq(),
    _has("platform", "platform of the shop"),
    _has("shop", "shop the account belongs to"),
    _has("account", "the sub-account as the export names it"),
    _has("agent_id", "who used it"),
    _has("valid_from", "first day", Day),
    _has("valid_to", "first day no more; null: still; the first day itself: withdrawn", Day, none=True),
    _at(),
    _by(),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid"),
    Index(None, "platform", "shop", "account", "valid_from", "seq"),
)
_table(
    "membership",
    "which agent was in which team, and when",
    _seq(),
    _has("agent_id", "who"),
    _has("team", "team"),
    _has("valid_from", "first day", Day),
    _has("valid_to", "first day no more; null: still; the first day itself: withdrawn", Day, none=True),
    _at(),
    _by(),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid"),
    Index(None, "agent_id", "valid_from", "seq"),
)
_table(
    "user_version",
    "people who may sign in; the newest row of a user counts",
    _seq(),
    _has("user_id", "never changes"),
    _has("login", "what the person types; belongs to one user at a time"),
    _has("name", "the name that is shown"),
    _has("role", "what the person may do"),
    _has("agent_id", "the agent this person is, if any", none=True),
    _has("teams", "teams a supervisor sees", Json),
    _has("language", "language of the screens"),
    _has("password_hash", "argon2id; empty: cannot sign in with a password"),
    _has("disabled", "may not sign in", sa.Boolean),
    _at(),
    _by(),
    _one_of("role", Role),
    Index(None, "user_id", "seq"),
    Index(None, "login"),
)
_table(
    "signin",
    "browsers that are signed in; the one table whose rows change",
    _key("token_hash", "SHA-256 of the cookie's token"),
    _has("user_id", "who signed in"),
    _has("started_at", "when", Instant),
    _has("seen_at", "last request", Instant),
    _has("ended_at", "signed out or put out; null: still in", Instant, none=True),
    Index(None, "user_id"),
)
_table(
    "signin_attempt",
    "tries to sign in, for slowing down guesses",
    _seq(),
    _has("login", "what was typed"),
    _has("ok", "the password was right", sa.Boolean),
    _at(),
    Index(None, "login", "at"),
)

# ---------------------------------------------------------------- chats

_table(
    "load",
    "one reading of one chat log",
    _key("load_id", "id of the load"),
    _has("file", "name of the file as it was handed in"),
    _has("file_hash", "SHA-256 of the file"),
    _has("source", "which column names and values it was read with"),
    _count("rows_in", "rows in the file"),
    _count("accepted", "rows that were new"),
    _count("duplicate", "rows that were there already"),
    _count("rejected", "rows that could not be read, each with a reason in the rejects file"),
    _count("masked", "personal details that were masked"),
    _at(),
    _by(),
    CheckConstraint("rows_in = accepted + duplicate + rejected", name="conserved"),
    CheckConstraint("accepted >= 0 AND duplicate >= 0 AND rejected >= 0 AND masked >= 0", name="counts"),
    Index(None, "file_hash"),
)
_table(
    "part_event",
    "the lake's manifest: files that came to life and files that were retired",
    _seq(),
    _has("name", "path below the lake"),
    _has("kind", "messages, conversations, findings, contacts or facts"),
    _has("day", "day of the rows", Day),
    _count("rows", "rows in the file"),
    _has("sha256", "SHA-256 of the file"),
    _has("live", "from now on: read it, or not", sa.Boolean),
    _has("load_id", "the load that brought it; null: computed", none=True, of="load.load_id"),
    _at(),
    CheckConstraint("rows >= 0", name="rows"),
    Index(None, "name", "seq"),
)

# ---------------------------------------------------------------- samples and reviews

_table(
    "sample",
    "one draw under a plan",
    _key("sample_id", "id of the draw"),
    _has("plan", "id of the plan"),
    _has("plan_version", "version of the plan"),
    _has("scorecard", "what the members are judged by"),
    _has("stream", "measuring enters scores, finding does not"),
    _has("period", "month it was drawn for", Month, none=True),
    _has("day", "day it was drawn for", Day, none=True),
    _has("first_day", "first day of the frame", Day),
    _has("end_day", "first day after the frame", Day),
    _has("seed", "with frame and plan it gives the same draw again", sa.BigInteger),
    _has("frame_hash", "digest of the conversations that could be drawn"),
    _count("frame_size", "how many they were"),
    _has("certificate", "strata with sizes and numbers drawn", Json),
    _at(),
    _by(),
    _one_of("stream", Stream),
    CheckConstraint("first_day < end_day", name="days"),
    CheckConstraint("frame_size >= 0", name="frame_size"),
    Index(None, "first_day"),
)
_table(
    "sample_member",
    "conversations that were drawn, each with the probability it had",
    Column("sample_id", Words, ForeignKey("sample.sample_id"), primary_key=True, comment="the draw"),
    _key("conversation_id", "the conversation"),
    _has("agent_id", "who served it"),
    _has("stratum", "stratum it was drawn from"),
    _has("probability", "of being drawn, above 0, at most 1", sa.Double),
    _count("stratum_size", "conversations in the stratum"),
    _count("stratum_drawn", "how many of them were drawn"),
    CheckConstraint("probability > 0 AND probability <= 1", name="probability"),
    CheckConstraint("stratum_drawn >= 1 AND stratum_drawn <= stratum_size", name="stratum"),
    Index(None, "conversation_id"),
)
_table(
    "assignment",
    "this conversation to this reviewer",
    _key("assignment_id", "id of the assignment"),
    _has("sample_id", "the draw"),
    _has("conversation_id", "what to review"),
    _has("reviewer", "user_id of who reviews"),
    _has("round", "1 first, 2 blind second", sa.Integer),
    _at(),
    ForeignKeyConstraint(
        ["sample_id", "conversation_id"], ["sample_member.sample_id", "sample_member.conversation_id"]
    ),
    UniqueConstraint("sample_id", "conversation_id", "round"),
    CheckConstraint("round >= 1", name="round"),
    Index(None, "reviewer"),
    Index(None, "conversation_id"),
)
_table(
    "review",
    "one reviewer's judgment of one conversation under one scorecard",
    _key("review_id", "id of the review"),
    _has("form_id", "made once by the screen: a double click saves once"),
    _has("conversation_id", "what was reviewed"),
    _has("agent_id", "who served it"),
    _has("reviewer", "user_id of who judged"),
    _has("round", "1 first, 2 blind second", sa.Integer),
    _has("sample_id", "the draw it came from; null: own pick", none=True, of="sample.sample_id"),
    _has("scorecard", "what it was judged by"),
    _has("scorecard_version", "in which version"),
    _has("score", "0 to 100, exact; null: no criterion applied", Exact, none=True),
    _has("shown_findings", "finding_ids on the screen at that time", Json),
    _has("note", "words to the agent; may be empty"),
    _has("root_cause", "why it happened; null: not said", none=True),
    _has("seconds", "time spent; null: not measured", sa.Integer, none=True),
    _at(),
    UniqueConstraint("form_id"),
    UniqueConstraint("conversation_id", "reviewer", "scorecard"),
    CheckConstraint("round >= 1", name="round"),
    CheckConstraint("seconds >= 0", name="seconds"),
    Index(None, "agent_id", "at"),
)
_table(
    "rating",
    "a review's level for one criterion",
    Column("review_id", Words, ForeignKey("review.review_id"), primary_key=True, comment="the review"),
    _key("criterion", "id of the criterion"),
    _has("level", "counts from 0; null: does not apply", sa.Integer, none=True),
    CheckConstraint("level >= 0", name="level"),
)
_table(
    "verdict",
    "a person's word on a finding; the newest counts",
    _seq(),
    _has("finding_id", "the finding"),
    _has("rule", "its rule"),
    _has("conversation_id", "where"),
    _has("message_id", "on which message; null: the whole conversation", none=True),
    _has("verdict", "confirmed or rejected"),
    _has("reason", "why; may be empty"),
    _has("reviewer", "user_id of who judged"),
    _has("review_id", "the review it was part of; null: on its own", none=True, of="review.review_id"),
    _at(),
    _one_of("verdict", Verdict),
    Index(None, "finding_id", "seq"),
    Index(None, "conversation_id"),
)
_table(
    "draft",
    "what a reviewer has filled in and not yet handed in; the newest counts",
    _seq(),
    _has("user_id", "whose draft"),
    _has("conversation_id", "on what"),
    _has("body", "the form; empty: nothing left", Json),
    _at(),
    Index(None, "user_id", "conversation_id", "seq"),
)

# ---------------------------------------------------------------- closed months

_table(
    "close",
    "months that are closed",
    _key("close_id", "id of the close"),
    _has("period", "the month; closed once", Month),
    _has("hash", "digest of everything that was frozen"),
    _has("digests", "digest of every policy file in force", Json),
    _has("first_by", "user_id of who closed"),
    _has("second_by", "user_id of the second person"),
    _at(),
    UniqueConstraint("period"),
    CheckConstraint("first_by <> second_by", name="two_people"),
)
_table(
    "frozen",
    "what a closed month was made of, as it was then",
    Column("close_id", Words, ForeignKey("close.close_id"), primary_key=True, comment="the close"),
    _key("kind", "what it is"),
    _key("key", "which one of its kind"),
    _has("body", "the whole of it", Json),
    _one_of("kind", Kept),
)
