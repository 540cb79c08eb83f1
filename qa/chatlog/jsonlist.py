"""JSON in one piece -> a table: a list of messages or conversations, one object, or an object around one such list."""

import json
import re
from collections.abc import Iterator
from typing import Any

from qa.chatlog.columns import Fault, Names, Table
from qa.chatlog.decode import half_written
from qa.chatlog.jsonlines import NO_NUMBER, NOT_OBJECT, TOO_DEEP, TWICE, Lines, Wrong, table_of
from qa.chatlog.objects import Objects
from qa.model import N_, Refusal

LIMIT = 256 << 20
"""Bytes of a text that has to be in memory as objects all at once."""
DEPTH = 32
MORE = re.compile(rb"\S")


class Twice(dict[str, Any]):
    """An object in which `key` was written twice."""

    key = ""


def whole(text: bytes) -> bool:
    """True for an object that is one piece of JSON over the whole text, and not the first of several lines."""
    end = text.find(b"\n", len(text) - len(text.lstrip()))
    if end > 0 and MORE.search(text, end) and _is_json(text[:end]):
        return False
    return len(text) <= LIMIT and _is_json(text)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def read_json(text: bytes, names: Names) -> Table:
    """Read text in UTF-8. An item that is wrong is a fault, whose line is its place in the list, from 1.

    Raises Refusal for text that is not whole, too large or too deep, and where no list or more than one is found.
    """
    if len(text) > LIMIT:
        raise Refusal(
            N_("The JSON text has {size} MB; at most {limit} MB are read in one piece."),
            N_("Write one object a line, or export fewer days at a time."),
            place=names.place,
            size=len(text) >> 20,
            limit=LIMIT >> 20,
        )
    read = Lines(Objects(names), Objects(names))
    for number, item in enumerate(_items(_parsed(text, names.place), names), 1):
        try:
            _look(item, DEPTH)
            if type(item) is not dict:
                raise Wrong("", NOT_OBJECT)
            (read.whole if "messages" in item else read.single)(item, number)
        except Wrong as wrong:
            read.faults.append(Fault(number, wrong.column, wrong.reason, ""))
    if not read.line:
        raise Refusal(
            N_("The JSON text holds nothing that can be read as a message or a conversation."),
            N_("Write a list of whole objects, as the plain format says."),
            place=names.place,
        )
    return table_of(read, names)


def _parsed(text: bytes, place: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise Refusal(N_("The JSON text is nested too deeply."), N_("Write one object a line."), place=place) from None
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
            raise half_written(place) from None
        raise Refusal(
            N_("The text is not whole JSON from line {line}, character {column} on."),
            N_("Export it again; nothing may stand before or behind the list."),
            place=place,
            line=error.lineno,
            column=error.colno,
        ) from None
    except ValueError:
        raise Refusal(
            N_("The JSON text holds a number that is too long."), N_("Write ids in quotes."), place=place
        ) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    item = dict(pairs)
    if len(item) < len(pairs):
        item = Twice(item)
        names = [name for name, _ in pairs]
        item.key = next(name for name in names if names.count(name) > 1)
    return item


def _items(value: Any, names: Names) -> list[Any]:
    if isinstance(value, dict) and set(names.source.required) <= set(names.find(list(value))):
        return [value]
    lists = list(_lists(value, DEPTH))
    if len(lists) > 1:
        raise Refusal(
            N_("The JSON text holds {count} lists of objects, and it is not sure which one are the chats."),
            N_("Save the list of messages or conversations as a file of its own."),
            place=names.place,
            count=len(lists),
        )
    return lists[0] if lists else [value]


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    """Lists of objects that are reached through objects alone; a conversation is a list of one."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield value
    elif isinstance(value, dict) and "messages" in value:
        yield [value]
    elif isinstance(value, dict) and depth:
        for inner in value.values():
            yield from _lists(inner, depth - 1)


def _look(value: Any, depth: int) -> None:
    """Raise Wrong for a key that stands twice, for what is no number, and for depth."""
    if not depth:
        raise Wrong("", TOO_DEEP)
    if isinstance(value, Twice):
        raise Wrong(value.key, TWICE)
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise Wrong("", NO_NUMBER)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(inner, dict | list | float):
            _look(inner, depth - 1)
