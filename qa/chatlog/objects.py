"""Objects of JSON -> columns of text. A number becomes its digits; a list or an object where a cell must be is a fault."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from qa.chatlog.columns import Names
from qa.chatlog.source import Column
from qa.model import N_

NOT_CELL = N_("the value must be a text or a number")
HALF = N_("the text holds half a character")

NESTED: Mapping[str, Mapping[str, Column]] = {
    "rating": {
        "value": Column.RATING,
        "reason": Column.RATING_REASON,
        "source": Column.RATING_SOURCE,
        "comment": Column.RATING_COMMENT,
    },
    "order": {
        "order_id": Column.ORDER_ID,
        "ordered_at": Column.ORDERED_AT,
        "paid_at": Column.PAID_AT,
        "paid_amount": Column.PAID_AMOUNT,
    },
}
CellFault = tuple[int, str, str]
"""Number of the object, key, reason."""


class Objects:
    """Many objects, numbered from 0, kept by the set of their keys."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.count = 0
        self.shapes: dict[tuple[str, ...], tuple[list[int], list[tuple[Any, ...]]]] = {}
        self.named: dict[Column, str] = {}
        self.unread: dict[str, None] = {}

    def add(self, item: dict[str, Any]) -> None:
        shape = tuple(item)
        numbers, values = self.shapes.get(shape) or self.shapes.setdefault(shape, ([], []))
        numbers.append(self.count)
        values.append(tuple(item.values()))
        self.count += 1

    def cells(self) -> tuple[pl.DataFrame, list[CellFault]]:
        """One row per object with every Column as String, in the order of adding, and at most one fault per object."""
        frames = [pl.DataFrame(schema={"number": pl.Int64, **dict.fromkeys(map(str, Column), pl.String)})]
        faults: dict[int, CellFault] = {}
        for shape, (numbers, values) in self.shapes.items():
            columns = self._columns(shape, list(zip(*values, strict=True)), numbers, faults)
            series = [pl.Series("number", numbers, dtype=pl.Int64), *(s.alias(c) for c, s in columns.items())]
            frames.append(pl.DataFrame(series))
        whole = pl.concat(frames, how="diagonal").sort("number").drop("number")
        return whole, [faults[number] for number in sorted(faults)]

    def _columns(
        self, shape: tuple[str, ...], values: list[tuple[Any, ...]], numbers: list[int], faults: dict[int, CellFault]
    ) -> dict[Column, pl.Series]:
        columns = {}
        plan = self.names.find(shape)
        for column, place in plan.items():
            self.named.setdefault(column, shape[place])
            given: Sequence[Any] = values[place]
            if shape[place] in NESTED:
                given = [None if isinstance(value, dict) else value for value in given]
            columns[column] = _texts(given, shape[place], numbers, faults)
        for group in NESTED.keys() & set(shape):
            for key, column in NESTED[group].items():
                inner = [value.get(key) if isinstance(value, dict) else None for value in values[shape.index(group)]]
                nested = _texts(inner, f"{group}.{key}", numbers, faults)
                known = columns.get(column)
                columns[column] = nested if known is None else known.zip_with(nested.is_null(), nested)
        used = {shape[place] for place in plan.values()} | NESTED.keys()
        self.unread.update(dict.fromkeys(key for key in shape if key not in used))
        return columns


def _texts(values: Sequence[Any], key: str, numbers: Sequence[int], faults: dict[int, CellFault]) -> pl.Series:
    try:
        return pl.Series(values, dtype=pl.String, strict=True)
    except (TypeError, UnicodeEncodeError, pl.exceptions.PolarsError):
        pass
    texts: list[str | None] = []
    for number, value in zip(numbers, values, strict=True):
        text, fault = _text(value, key)
        texts.append(text)
        if fault:
            faults.setdefault(number, (number, key, fault))
    return pl.Series(texts, dtype=pl.String)


def _text(value: object, key: str) -> tuple[str | None, str]:
    if isinstance(value, list) and key.endswith("reason") and all(isinstance(part, str) for part in value):
        value = "、".join(value)
    if isinstance(value, str):
        half = any("\ud800" <= c <= "\udfff" for c in value)
        return (None, HALF) if half else (value, "")
    if value is None:
        return None, ""
    finite = isinstance(value, int) or (isinstance(value, float) and abs(value) < float("inf"))
    if isinstance(value, bool) or not finite:
        return None, NOT_CELL
    return str(value), ""
