"""Messages without ids, as web pages and text files have them -> a table, cut into conversations by silence."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from qa.chatlog.columns import Names, Table
from qa.chatlog.source import Column
from qa.chatlog.values import instants
from qa.model import Speaker

SILENCE = timedelta(minutes=30)
"""After this long without a message a new conversation begins."""
PICTURE = "image"


@dataclass(frozen=True)
class Turn:
    """One message of a talk. `line` is where a person finds it; `account` is empty for the customer."""

    line: int
    sent_at: str
    speaker: Speaker | None
    account: str
    text: str
    picture: bool = False


def talked(turns: Sequence[Turn], shop: str, customer: str, names: Names) -> Table:
    """The table of what one customer and one shop said to each other, in the order of the file."""
    sent_at = pl.Series([turn.sent_at for turn in turns], dtype=pl.String)
    told: dict[str, Sequence[str | None]] = {
        Column.SHOP: [shop] * len(turns),
        Column.CONVERSATION_ID: _conversations(sent_at, shop, customer, names),
        Column.SENT_AT: sent_at.to_list(),
        Column.SPEAKER: [_word(turn.speaker, names) for turn in turns],
        Column.AGENT: [turn.account for turn in turns],
        Column.CUSTOMER: [customer] * len(turns),
        Column.TEXT: [turn.text for turn in turns],
        Column.TYPE: [PICTURE if turn.picture else None for turn in turns],
    }
    columns = [pl.Series(str(c), told.get(c, [None] * len(turns)), dtype=pl.String) for c in Column]
    lines = pl.Series("line", [turn.line for turn in turns], dtype=pl.Int64)
    cells = pl.DataFrame([*columns, lines.alias("row"), lines, pl.Series("item", [None] * len(turns), dtype=pl.Int64)])
    return Table(cells, (), {}, ())


def _word(speaker: Speaker | None, names: Names) -> str | None:
    """A word that the source reads as this speaker."""
    return next(iter(names.source.speakers.get(speaker, ())), str(speaker)) if speaker else None


def _conversations(sent_at: pl.Series, shop: str, customer: str, names: Names) -> list[str]:
    """An id for each message, from the shop, the customer and the first time; it does not show the customer's name."""
    at = instants(sent_at, names.source.times, "UTC")
    # A message whose time cannot be read is rejected later; until then it stays with its neighbour.
    frame = (
        pl.DataFrame({"at": at.forward_fill().backward_fill()}).with_row_index("place").sort("at", maintain_order=True)
    )
    number = (pl.col("at").diff() > SILENCE).fill_null(False).cum_sum()
    begun = frame.with_columns(number=number).with_columns(begin=pl.col("at").min().over("number")).sort("place")
    known = {
        begin: hashlib.sha256("\x1f".join((shop, customer, str(begin))).encode()).hexdigest()[:20]
        for begin in begun["begin"].unique()
    }
    return [known[begin] for begin in begun["begin"]]
