"""Chats: messages, conversations, findings, contacts and facts as table schemas, and loads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl


class Speaker(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class RatingValue(StrEnum):
    """The customer's own rating. What a reviewer gives is a level of a criterion."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    DISAPPOINTED = "disappointed"


ATTITUDE = "attitude"  # the rating reason 服务态度差, after the source's value map

INSTANT = pl.Datetime("ms", "UTC")


def _schema(columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.Schema:
    return pl.Schema(columns)


MESSAGES = _schema(
    {
        "platform": pl.String,
        "shop": pl.String,
        "conversation_id": pl.String,
        "message_id": pl.String,
        "position": pl.Int32,  # 0, 1, 2 … within the conversation
        "sent_at": INSTANT,
        "speaker": pl.String,  # Speaker
        "account": pl.String,  # the sub-account that wrote it; null for customer and system
        "text": pl.String,  # masked
    }
)

CONVERSATIONS = _schema(
    {
        "platform": pl.String,
        "shop": pl.String,
        "conversation_id": pl.String,
        "customer": pl.String,  # keyed token, never the name
        "started_at": INSTANT,
        "ended_at": INSTANT,
        "account": pl.String,  # the last human account; null where only a bot answered
        "messages": pl.Int32,
        "agent_messages": pl.Int32,
        "customer_messages": pl.Int32,
        "rating": pl.String,  # RatingValue or null
        "rating_reason": pl.String,  # ATTITUDE or free words or null
        "rating_source": pl.String,
        "rating_comment": pl.String,  # masked
        "order_id": pl.String,  # keyed token
        "ordered_at": INSTANT,
        "paid_at": INSTANT,
        "paid_amount": pl.Decimal(12, 2),
    }
)

FINDINGS = _schema(
    {
        "finding_id": pl.String,  # digest of rule, version, message and span: the same claim, the same id
        "rule": pl.String,
        "rule_version": pl.String,
        "category": pl.String,
        "severity": pl.String,
        "platform": pl.String,
        "shop": pl.String,
        "conversation_id": pl.String,
        "message_id": pl.String,  # null: the conversation as a whole is the place
        "account": pl.String,
        "sent_at": INSTANT,
        "start": pl.Int32,  # characters in the text as shown; null with message_id
        "end": pl.Int32,
        "matched": pl.String,
        "value": pl.Float64,  # what the rule measured: seconds, repeats, similarity; else null
    }
)

MEASURES = (
    "conversations",  # contacts; over several agents a transferred conversation counts for each
    "ended",  # conversations whose last human this was, so that they add up to conversations
    "agent_messages",
    "customer_messages",
    "first_n",  # contacts with a first human reply
    "first_seconds",
    "first_30s",
    "first_180s",
    "first_300s",
    "rounds",  # runs of customer messages that wait for a human
    "answered",
    "response_seconds",
    "answered_30s",
    "answered_180s",
    "answered_300s",
    "unanswered",  # contacts in which no human ever replied
    "satisfied",
    "neutral",
    "disappointed",
    "attitude_neutral",
    "attitude_disappointed",
    "ordered",
    "paid",
    "paid_fen",
)

_PLACE = {"platform": pl.String, "shop": pl.String, "account": pl.String}

CONTACTS = _schema(
    {
        **_PLACE,
        "conversation_id": pl.String,
        "ended_at": INSTANT,
        "longest_wait": pl.Int64,  # seconds; null where nothing waited
        **dict.fromkeys(MEASURES, pl.Int64),
    }
)
"""One row per conversation and account that served it (null account: bot or nobody)."""

FACTS = _schema({"day": pl.Date, **_PLACE, **dict.fromkeys(MEASURES, pl.Int64)})
"""One row per day and account: sums of CONTACTS, so that any month is a sum of days."""

LAKE = {
    "messages": MESSAGES,
    "conversations": CONVERSATIONS,
    "findings": FINDINGS,
    "contacts": CONTACTS,
    "facts": FACTS,
}
DERIVED = ("findings", "contacts", "facts")


@dataclass(frozen=True)
class Part:
    """One immutable Parquet file of the lake. `name` is the path below lake/."""

    name: str
    kind: str
    day: date
    rows: int
    sha256: str


@dataclass(frozen=True)
class Reject:
    """A row that was not accepted, with the reason a person can act on."""

    file: str
    row: int  # 1 is the first row after the header, or the first line
    column: str
    reason: str
    value: str


@dataclass(frozen=True)
class Load:
    """One reading of one chat log. rows_in = accepted + duplicate + rejected, always."""

    load_id: str
    file: str
    file_hash: str
    source: str
    rows_in: int
    accepted: int
    duplicate: int
    rejected: int
    masked: int
    already_loaded: bool = False
