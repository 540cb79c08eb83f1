"""One chat log -> masked messages, what it says of conversations, and the rows that were not accepted."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from qa.chatlog import accept
from qa.chatlog.columns import Fault, Names, Table
from qa.chatlog.decode import decode
from qa.chatlog.delimited import read_delimited
from qa.chatlog.detect import Form, content, packed, written
from qa.chatlog.jsonlines import read_json_lines
from qa.chatlog.jsonlist import read_json
from qa.chatlog.keys import message_ids, tokens
from qa.chatlog.mask import blank, mask
from qa.chatlog.source import Column, SourceMap
from qa.chatlog.transcript import read_transcript
from qa.chatlog.values import known_zone
from qa.chatlog.webpage import read_page
from qa.chatlog.workbook import read_workbook
from qa.model import CONVERSATIONS, MESSAGES, N_, Reject

READ = pl.Schema(
    {name: kind for name, kind in MESSAGES.items() if name != "position"} | {"customer": pl.String, "row": pl.Int64}
)
SAID = (
    "rating",
    "rating_reason",
    "rating_source",
    "rating_comment",
    "order_id",
    "ordered_at",
    "paid_at",
    "paid_amount",
)
TOLD = pl.Schema({name: CONVERSATIONS[name] for name in ("conversation_id", "platform", "shop", "customer", *SAID)})
OTHER_SHOP = N_("the conversation stands earlier in this file under another platform or shop")
OTHER_WORDS = N_("the message id stands earlier in this conversation with another content")
PLACE = ["platform", "shop", "conversation_id"]
WORDS_OF_CUSTOMER = ("rating_reason", "rating_source", "rating_comment")
READERS = {
    Form.DELIMITED: read_delimited,
    Form.JSON_LINES: read_json_lines,
    Form.JSON: read_json,
    Form.PAGE: read_page,
    Form.TRANSCRIPT: read_transcript,
}
SHOWN = 200  # characters of a rejected value


@dataclass(frozen=True)
class Reading:
    """What one file says. rows_in = messages.height + duplicates + len(rejects), always.

    `messages` has the schema READ: MESSAGES without `position`, with the customer's token and `row`, the place in the
    file; sorted by conversation, time and row. `conversations` has the schema TOLD, one row per conversation of
    `messages`, null where the file does not say. Texts are masked, customers and orders are tokens.
    """

    file: str
    file_hash: str
    source: str
    messages: pl.DataFrame
    conversations: pl.DataFrame
    rejects: tuple[Reject, ...]
    rows_in: int
    duplicates: int  # repeated rows with the same key and content
    masked: int  # spans of personal data
    form: str  # a value of detect.Form
    encoding: str
    cleaned: int  # texts from which control characters were taken
    left_out: tuple[str, ...]  # columns and sheets that are not read
    above: tuple[str, ...]  # title rows above the header


def read(
    path: Path,
    *,
    zone: str,
    key: bytes,
    source: SourceMap,
    mapping: Mapping[str, str] | None = None,
    now: datetime,
    name: str = "",
) -> Reading:
    """Read a whole file or refuse it. `name` is what to call it, else its own name.

    `zone` is that of times without an offset and of the months in which tokens stay the same; `mapping` gives column
    names, ours -> the file's; messages later than ten minutes after `now` (aware) are rejected. Raises Refusal for a
    file that cannot be read for sure.
    """
    name = name or path.name
    place = blank(name)
    known_zone(zone)
    data = content(path, place)
    names = Names(source, dict(mapping or {}), place)
    table, form, encoding = _table(data, names)
    typed = accept.typed(table, source, zone, now, place)
    rows, other_shop = _one_shop(typed.rows)
    rows, masked = _masked(_with_customer(rows, key), zone, key)
    rows, other_words = _repeats(rows.with_columns(message_ids(rows)))
    conversations, more = _told(rows, zone, key)
    faults = [
        *table.faults,
        *typed.faults,
        *_later(other_shop, Column.CONVERSATION_ID, OTHER_SHOP, table),
        *_later(other_words, Column.MESSAGE_ID, OTHER_WORDS, table),
    ]
    return Reading(
        file=name,
        file_hash=hashlib.sha256(data).hexdigest(),
        source=source.id,
        messages=rows.filter(~pl.col("again")).sort("conversation_id", "sent_at", "row").select(READ.names()),
        conversations=conversations,
        rejects=_rejects(name, faults, key),
        rows_in=table.rows_in,
        duplicates=int(rows["again"].sum()),
        masked=masked + more,
        form=str(form),
        encoding=encoding,
        cleaned=typed.cleaned,
        left_out=table.left_out,
        above=table.above,
    )


def _table(data: bytes, names: Names) -> tuple[Table, Form, str]:
    if packed(data, names.place):
        return read_workbook(data, names), Form.WORKBOOK, ""
    decoded = decode(data, names.place)
    form = written(decoded.text, names)
    return READERS[form](decoded.text, names), form, decoded.encoding


def _one_shop(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows whose conversation keeps the platform and shop it began with, and the others."""
    shops = rows.select(PLACE).unique(maintain_order=True)
    later = shops.filter(pl.col("conversation_id").is_first_distinct().not_())
    if not later.height:
        return rows, rows.clear()
    return (
        rows.join(later, on=PLACE, how="anti", maintain_order="left"),
        rows.join(later, on=PLACE, how="semi", maintain_order="left"),
    )


def _with_customer(rows: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """The token of the conversation's customer on each of its rows: the last one named in the file."""
    named = rows.filter(pl.col("customer").is_not_null())
    known = named.unique("conversation_id", keep="last", maintain_order=True)
    known = known.select("conversation_id", customer=tokens(known["customer"], known["platform"], key, "c"))
    return rows.drop("customer").join(known, on="conversation_id", how="left", maintain_order="left")


def _masked(rows: pl.DataFrame, zone: str, key: bytes) -> tuple[pl.DataFrame, int]:
    texts, count = mask(rows["text"], rows.select(_scope(zone)).to_series(), key)
    return rows.with_columns(texts.alias("text")), count


def _scope(zone: str) -> pl.Expr:
    """Customer and month: inside of it the same value has the same token."""
    day = pl.col("sent_at").dt.convert_time_zone(zone)
    return pl.concat_str(
        pl.coalesce("customer", "conversation_id"), day.dt.year(), day.dt.month(), separator=" "
    ).alias("scope")


def _repeats(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with `again` (the same key and content stand earlier), and rows whose key stands earlier with other content."""
    key = [*PLACE, "message_id"]
    if not rows.select(key).is_duplicated().any():
        return rows.with_columns(again=pl.lit(False)), rows.clear()
    content = ["sent_at", "speaker", "account", "text"]
    first = rows.unique(key, keep="first", maintain_order=True)
    both = rows.join(first.select(*key, *content, head="row"), on=key, suffix="_first", maintain_order="left")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_first")) for name in content)
    both = both.with_columns(again=pl.col("row") != pl.col("head"), same=same)
    return (
        both.filter("same").select(*rows.columns, "again"),
        both.filter(~pl.col("same")).select(rows.columns),
    )


def _told(rows: pl.DataFrame, zone: str, key: bytes) -> tuple[pl.DataFrame, int]:
    """What the file says of each conversation: the last word that is not null, and how many spans were masked."""
    told = rows.unique("conversation_id", keep="last", maintain_order=True).sort("conversation_id")
    told = told.select(*PLACE, "customer", _scope(zone))
    for name in SAID:
        said = rows.filter(pl.col(name).is_not_null()).unique("conversation_id", keep="last", maintain_order=True)
        told = told.join(said.select("conversation_id", name), on="conversation_id", how="left", maintain_order="left")
    count = 0
    for name in WORDS_OF_CUSTOMER:
        texts, masked = mask(told[name], told["scope"], key)
        told, count = told.with_columns(texts.alias(name)), count + masked
    told = told.with_columns(tokens(told["order_id"], told["platform"], key, "o").alias("order_id"))
    return told.select(pl.col(name).cast(kind) for name, kind in TOLD.items()), count


def _later(rows: pl.DataFrame, column: Column, reason: str, table: Table) -> list[Fault]:
    places = rows.select("line", "item", column).iter_rows()
    return [Fault(line, table.place(column, item), reason, value) for line, item, value in places]


def _rejects(file: str, faults: list[Fault], key: bytes) -> tuple[Reject, ...]:
    faults = sorted(faults, key=lambda fault: fault.line)
    values = pl.Series("value", [fault.value for fault in faults], dtype=pl.String)
    shown, _ = mask(values, values.clear().extend_constant("reject", len(values)), key)
    return tuple(
        Reject(file, fault.line, fault.column, fault.reason, value[:SHOWN])
        for fault, value in zip(faults, shown, strict=True)
    )
