"""A source: how one kind of export names its columns and values. Read from policy/sources/*.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from qa.model import N_, STRICT, RatingValue, Refusal, Speaker, Text


class Column(StrEnum):
    """What a chat log can say about a message or its conversation, by our own names."""

    PLATFORM = "platform"
    SHOP = "shop"
    CONVERSATION_ID = "conversation_id"
    MESSAGE_ID = "message_id"
    SEQ = "seq"
    SENT_AT = "sent_at"
    SPEAKER = "speaker"
    AGENT = "agent"
    CUSTOMER = "customer"
    TEXT = "text"
    TYPE = "type"
    RATING = "rating"
    RATING_REASON = "rating_reason"
    RATING_SOURCE = "rating_source"
    RATING_COMMENT = "rating_comment"
    ORDER_ID = "order_id"
    ORDERED_AT = "ordered_at"
    PAID_AT = "paid_at"
    PAID_AMOUNT = "paid_amount"


WORDS = (Column.TEXT, Column.RATING_REASON, Column.RATING_SOURCE, Column.RATING_COMMENT)
"""Columns of free words: they may run over several lines, and are masked."""


class Reason(StrEnum):
    ATTITUDE = "attitude"


@dataclass(frozen=True)
class SourceMap:
    """Column names, value words and time forms of one kind of export. `id` is the file's stem."""

    __pydantic_config__ = STRICT
    id: str
    name: Text
    platform: str
    required: tuple[Column, ...]
    required_per_conversation: tuple[Column, ...]
    bots: tuple[str, ...]
    text_types: tuple[str, ...]
    times: tuple[str, ...]
    columns: Mapping[Column, tuple[str, ...]]
    speakers: Mapping[Speaker, tuple[str, ...]]
    ratings: Mapping[RatingValue, tuple[str, ...]]
    reasons: Mapping[Reason, tuple[str, ...]]


WIDE = str.maketrans({0xFF01 + i: 0x21 + i for i in range(94)} | {" ": None, "\u3000": None, "_": None, "\t": None})


def folded(name: str) -> str:
    """A name as it is compared: lower case, half-width, without blanks and "_"."""
    return name.translate(WIDE).casefold()


def load_source(path: Path) -> SourceMap:
    """Read one source file. Raises Refusal naming file, key and what was expected."""
    place = f"{path.parent.name}/{path.name}"
    try:
        items = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Refusal(N_("The file is missing."), N_("Put it back from the shipped policy."), place=place) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(
            N_("The file is not TOML: {error}."),
            N_("Mend the line; text stands in quotes, and each item begins with [name]."),
            place=place,
            error=str(error).rstrip("."),
        ) from None
    try:
        source = TypeAdapter(SourceMap).validate_python(items | {"id": path.stem})
    except ValidationError as error:
        raise _refusal(error, place) from None
    for table in ("columns", "speakers", "ratings"):
        _refuse_ambiguous(getattr(source, table), f"{place} [{table}]")
    return source


def _refusal(error: ValidationError, place: str) -> Refusal:
    faults = error.errors()
    worst: Any = next((f for f in faults if f["type"] in {"unexpected_keyword_argument", "enum"}), faults[0])
    path = [str(step) for step in worst["loc"] if step != "[key]"]
    table = f"{place} [{path[0]}]" if len(path) > 1 else place
    if worst["type"] == "missing":
        return Refusal(N_("The key “{key}” is missing."), N_("Add it to the item."), place=table, key=path[-1])
    if worst["type"] == "enum":
        wrong, known = str(worst["input"]), worst["ctx"]["expected"].replace("'", "")
        return Refusal(
            N_("The key “{key}” is unknown."), N_("Known keys here: {known}."), place=table, key=wrong, known=known
        )
    if worst["type"] == "unexpected_keyword_argument":
        known = ", ".join(sorted(field for field in SourceMap.__dataclass_fields__ if field != "id"))
        return Refusal(
            N_("The key “{key}” is unknown."),
            N_("Known keys here: {known}."),
            place=place,
            key=".".join(path),
            known=known,
        )
    return Refusal(
        N_("“{key}” must be {expected}."),
        N_("Mend the value of this key."),
        place=table,
        key=".".join(path),
        expected="a list, as [ … ]" if worst["type"].startswith("tuple") else "a text in quotes",
    )


def _refuse_ambiguous(table: Mapping[Any, tuple[str, ...]], place: str) -> None:
    owner: dict[str, str] = {}
    for key, names in table.items():
        for name in names:
            other = owner.setdefault(folded(name), str(key))
            if other != str(key):
                raise Refusal(
                    N_("“{name}” stands for both “{first}” and “{second}”."),
                    N_("Keep it in one of the two lists."),
                    place=place,
                    name=name,
                    first=other,
                    second=str(key),
                )
