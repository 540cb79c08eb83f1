"""JSON lines -> a table: one message a line, or one conversation a line with its `messages`; both may be mixed.

Objects are gathered by the set of their keys, so that each key becomes a whole column at once.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import polars as pl

from qa.chatlog.columns import Fault, Names, Table
from qa.chatlog.decode import half_written
from qa.chatlog.objects import Objects
from qa.chatlog.source import Column
from qa.model import N_, Refusal

NOT_JSON = N_("the line is not whole JSON")
NOT_OBJECT = N_("the line is JSON, but no object")
TWICE = N_("a key stands twice in the line")
NO_NUMBER = N_("NaN and Infinity are no values")
TOO_DEEP = N_("the line is nested too deeply")
NO_MESSAGES = N_("the conversation has no messages")
NOT_LIST = N_("“messages” must be a list of objects")
PLACES = {"line": pl.Int64, "item": pl.Int64, "owner": pl.Int64}
KEY = re.compile(r'"\s*:')


class Wrong(Exception):
    """What is wrong with a line. The value is not kept: it may be a person's."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass
class Lines:
    """What was read so far. Message number i stands in line `line[i]`, as its `item`, under its `owner`."""

    messages: Objects
    owners: Objects
    line: list[int] = field(default_factory=list)
    item: list[int | None] = field(default_factory=list)
    owner: list[int | None] = field(default_factory=list)
    owner_line: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def single(self, item: dict[str, Any], line: int) -> None:
        self.messages.add(item)
        self.line.append(line)
        self.item.append(None)
        self.owner.append(None)

    def whole(self, item: dict[str, Any], line: int) -> None:
        messages = item.pop("messages")
        if not isinstance(messages, list) or not all(type(message) is dict for message in messages):
            raise Wrong("messages", NOT_LIST)
        if not messages:
            raise Wrong("messages", NO_MESSAGES)
        owner = len(self.owner_line)
        self.owners.add(item)
        self.owner_line.append(line)
        for place, message in _ordered(messages):
            self.messages.add(message)
            self.item.append(place)
        self.line.extend([line] * len(messages))
        self.owner.extend([owner] * len(messages))


def read_json_lines(text: bytes, names: Names) -> Table:
    """Read text in UTF-8. A line that is wrong is a fault; Refusal for a cut last line and for missing keys."""
    read = Lines(Objects(names), Objects(names))
    lines = text.splitlines()
    last = max(number for number, line in enumerate(lines, 1) if line.strip())
    cut = not text.endswith((b"\n", b"\r"))
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = _object(line.decode("utf-8"))
            (read.whole if "messages" in item else read.single)(item, number)
        except Wrong as wrong:
            if number == last and cut and wrong.reason == NOT_JSON:
                raise half_written(names.place) from None
            read.faults.append(Fault(number, wrong.column, wrong.reason, ""))
    if not read.line:
        _refuse_all(read.faults[0].line, names.place)
    return table_of(read, names)


def _object(line: str) -> dict[str, Any]:
    try:
        item = json.loads(line, parse_constant=_no_constant)
        if type(item) is not dict:
            raise Wrong("", NOT_OBJECT)
        if len(KEY.findall(line)) != _keys(item):
            json.loads(line, object_pairs_hook=_unique)
    except RecursionError:
        raise Wrong("", TOO_DEEP) from None
    except ValueError:
        raise Wrong("", NOT_JSON) from None
    return item


def _keys(value: Any) -> int:
    """How many keys a value holds. Fewer than were written: one stands twice, or a text looks like a key."""
    if isinstance(value, dict):
        return len(value) + sum(_keys(inner) for inner in value.values() if isinstance(inner, dict | list))
    return sum(_keys(inner) for inner in value if isinstance(inner, dict | list))


def _unique(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise Wrong(next(name for name in names if names.count(name) > 1), TWICE)


def _no_constant(_: str) -> NoReturn:
    raise Wrong("", NO_NUMBER)


def _ordered(messages: list[dict[str, Any]]) -> Sequence[tuple[int, dict[str, Any]]]:
    """Messages with their places, in the order of `seq` where each has one, else as they stand."""
    placed = list(enumerate(messages))
    if all(type(message.get("seq")) is int for message in messages):
        placed.sort(key=lambda pair: pair[1]["seq"])
    return placed


def table_of(read: Lines, names: Names) -> Table:
    """The table of what was read. Raises Refusal for missing keys."""
    own, own_faults = read.messages.cells()
    shared, shared_faults = read.owners.cells()
    named = {**read.owners.named, **read.messages.named}
    unread = [key for key in {**read.owners.unread, **read.messages.unread} if key not in named.values()]
    every_owned = None not in read.owner
    required = names.source.required_per_conversation if every_owned else names.source.required
    names.require(named, required, [*named.values(), *unread])
    places = pl.DataFrame({"line": read.line, "item": read.item, "owner": read.owner}, schema=PLACES)
    above = shared.select(pl.all().gather(pl.lit(places["owner"]))) if shared.height else own.clear(own.height)
    cells = own.select(pl.coalesce(pl.col(c), above[c]) for c in Column).hstack(places)
    lost_owners = {owner for owner, _, _ in shared_faults}
    lost = {number for number, _, _ in own_faults}
    faults = [*read.faults, *(Fault(read.owner_line[owner], key, reason, "") for owner, key, reason in shared_faults)]
    for number, key, reason in own_faults:
        if read.owner[number] not in lost_owners:
            item = read.item[number]
            faults.append(Fault(read.line[number], key if item is None else f"messages[{item}].{key}", reason, ""))
    whole = cells.with_columns(number=pl.int_range(pl.len(), dtype=pl.Int64))
    whole = whole.with_columns(row=pl.col("number") + 1 if read.owner_line else pl.col("line"))
    if lost or lost_owners:
        gone = pl.col("owner").is_in(sorted(lost_owners)).fill_null(False) | pl.col("number").is_in(sorted(lost))
        whole = whole.filter(~gone)
    return Table(whole.drop("owner", "number"), tuple(faults), named, tuple(unread))


def _refuse_all(line: int, place: str) -> NoReturn:
    raise Refusal(
        N_("No line can be read as a message or a conversation; the first is line {line}."),
        N_("Write one whole JSON object a line, as the plain format says."),
        place=place,
        line=line,
    )
