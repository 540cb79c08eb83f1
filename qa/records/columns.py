"""The kinds of column: what Python may hand in, what text is kept, what Arrow type it has.

Everything but counts, probabilities and flags is text, so that both databases keep and sort the same bytes.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def instant_text(instant: datetime) -> str:
    """An aware instant as `2026-10-30T06:05:00.000Z`: UTC, milliseconds cut off, sorts as it reads."""
    if instant.tzinfo is None:
        raise TypeError("an instant needs its time zone")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def json_text(value: object) -> str:
    """The one JSON text of a value: keys sorted, no blanks; sets as sorted lists, Decimals and days as text."""
    return json.dumps(value, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON text")


class Words(TypeDecorator[Any]):
    """Text, sorted by code points in both databases. Enumerations of text are kept as their value."""

    impl = sa.Text
    cache_ok = True
    shape = ""

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return sa.Text(collation="C") if dialect.name == "postgresql" else sa.Text()

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.kept(value)

    def kept(self, value: Any) -> str:
        """The text that is stored for a value."""
        if not isinstance(value, str):
            raise TypeError(f"text is expected, not {value!r}")
        return str(value)


class Exact(Words):
    """A decimal number in full: `86.25`. A float is refused, because it is not exact."""

    cache_ok = True

    def kept(self, value: Any) -> str:
        if isinstance(value, float) or not Decimal(value).is_finite():
            raise TypeError(f"an exact number is expected, not {value!r}")
        return value if isinstance(value, str) else format(Decimal(value), "f")


class Instant(Words):
    """A moment in UTC, as `instant_text` writes it."""

    cache_ok = True
    shape = "____-__-__T__:__:__.___Z"

    def kept(self, value: Any) -> str:
        return instant_text(value) if isinstance(value, datetime) else super().kept(value)


class Day(Words):
    """A day in the workspace's zone: `2026-10-30`."""

    cache_ok = True
    shape = "____-__-__"

    def kept(self, value: Any) -> str:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        return super().kept(value)


class Month(Words):
    """A calendar month: `2026-10`."""

    cache_ok = True
    shape = "____-__"


class Json(Words):
    """A list or mapping, kept as its one JSON text and read back as Python values."""

    cache_ok = True

    def kept(self, value: Any) -> str:
        if isinstance(value, str):
            raise TypeError("give the value itself, not its JSON text")
        return json_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)
