"""Cells -> typed rows, and the rows that cannot be accepted, each with its first reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from qa.chatlog.columns import Fault, Table
from qa.chatlog.mask import blank
from qa.chatlog.source import WORDS, Column, Reason, SourceMap, folded
from qa.chatlog.values import CONTROL, amounts, instants, meant, reasons, trimmed, words
from qa.model import N_, Refusal, Speaker

LATE = timedelta(minutes=10)
"""A clock may be this much ahead of ours."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST_ID, LONGEST_TEXT = 200, 20_000  # characters

IDS = (
    Column.PLATFORM,
    Column.SHOP,
    Column.CONVERSATION_ID,
    Column.MESSAGE_ID,
    Column.AGENT,
    Column.CUSTOMER,
    Column.ORDER_ID,
)
KEYS = (Column.CONVERSATION_ID, Column.SHOP)
NEEDED = frozenset({*KEYS, Column.SENT_AT, Column.SPEAKER, Column.TEXT})
PERSONAL = frozenset({Column.CUSTOMER, Column.ORDER_ID})
"""Never shown in a reject."""

EMPTY = N_("the cell is empty")
BAD_ID = N_("the id holds control characters or more than 200 characters")
BAD_TIME = N_("the time cannot be read")
TOO_EARLY = N_("the time is before the year 2000")
TOO_LATE = N_("the time is in the future")
BAD_SPEAKER = N_("the speaker is none of the known words")
NO_TEXT = N_("the text is empty")
LONG_TEXT = N_("the text has more than 20,000 characters")
BAD_RATING = N_("the rating is none of the known words")
BAD_AMOUNT = N_("the amount is not a number of yuan with at most two decimals")

REMEDY = {
    BAD_TIME: N_("Write times as 2026-10-01 10:00:00, or add the form to the source."),
    BAD_SPEAKER: N_("Add the words to [speakers] of the source, each under customer, agent, bot or system."),
    BAD_RATING: N_("Add the words to [ratings] of the source, each under satisfied, neutral or disappointed."),
    BAD_AMOUNT: N_("Write amounts as 1234.50."),
    EMPTY: N_("Look whether the columns are named rightly."),
    NO_TEXT: N_("Look whether the columns are named rightly."),
}


@dataclass(frozen=True)
class Typed:
    """Accepted rows in the order of the file, faults of the others, and how many texts held control characters."""

    rows: pl.DataFrame
    faults: tuple[Fault, ...]
    cleaned: int


@dataclass(frozen=True)
class Check:
    column: Column
    reason: str
    wrong: pl.Series


def typed(table: Table, source: SourceMap, zone: str, now: datetime, place: str) -> Typed:
    """Type all columns, then take out the rows with a fault. Raises Refusal where a whole column cannot be read."""
    cells, cleaned = _bare(table.cells, source)
    rows = cells.with_columns(
        instants(cells[Column.SENT_AT], source.times, zone),
        instants(cells[Column.ORDERED_AT], source.times, zone),
        instants(cells[Column.PAID_AT], source.times, zone),
        amounts(cells[Column.PAID_AMOUNT]),
        meant(cells[Column.RATING], _by_word(source.ratings)),
        reasons(cells[Column.RATING_REASON], source.reasons.get(Reason.ATTITUDE, ())),
        meant(cells[Column.SPEAKER], _by_word(source.speakers)),
        account=cells[Column.AGENT],
    )
    checks = _checks(cells, rows, now)
    _refuse_whole_columns(checks, cells, table, place)
    wrong = pl.select(
        pl.coalesce(*(pl.when(check.wrong).then(index) for index, check in enumerate(checks)), pl.lit(None, pl.Int32))
    ).to_series()
    accepted = _attributed(rows.filter(wrong.is_null()), source)
    return Typed(accepted, _faults(cells.with_columns(wrong.alias("wrong")), checks, table), cleaned)


def _bare(cells: pl.DataFrame, source: SourceMap) -> tuple[pl.DataFrame, int]:
    plain, cleaned = [], 0
    for column in Column:
        if column in WORDS:
            series, dirty = words(cells[column])
            cleaned += dirty
        else:
            series = trimmed(cells[column])
        plain.append(series.alias(column))
    bare = cells.with_columns(plain).with_columns(pl.col(Column.PLATFORM).fill_null(source.platform))
    if bare[Column.TYPE].null_count() == bare.height:
        return bare, cleaned
    words_meant = [folded(word) for word in source.text_types]
    kinds = pl.DataFrame({"type": bare[Column.TYPE].unique()})
    other = [kind for kind in kinds["type"].drop_nulls() if folded(kind) not in words_meant]
    empty = pl.when(pl.col(Column.TYPE).is_in(other)).then(pl.lit(""))
    return bare.with_columns(pl.col(Column.TEXT).fill_null(empty)), cleaned


def _by_word(table: Mapping[Any, tuple[str, ...]]) -> dict[str, str]:
    return {folded(word): str(key) for key, names in table.items() for word in names}


def _checks(cells: pl.DataFrame, rows: pl.DataFrame, now: datetime) -> list[Check]:
    sent, text = rows[Column.SENT_AT], rows[Column.TEXT]
    checks = [Check(column, EMPTY, cells[column].is_null()) for column in KEYS]
    for column in IDS:
        ids = cells[column]
        if ids.null_count() < len(ids):
            odd = ids.str.contains(CONTROL) | ids.str.contains(r"[\t\n]") | (ids.str.len_chars() > LONGEST_ID)
            checks.append(Check(column, BAD_ID, odd.fill_null(False)))
    checks += [
        Check(Column.SENT_AT, BAD_TIME, sent.is_null()),
        Check(Column.SENT_AT, TOO_EARLY, (sent < EARLIEST).fill_null(False)),
        Check(Column.SENT_AT, TOO_LATE, (sent > now + LATE).fill_null(False)),
        Check(Column.SPEAKER, BAD_SPEAKER, rows[Column.SPEAKER].is_null()),
        Check(Column.TEXT, NO_TEXT, text.is_null()),
        Check(Column.TEXT, LONG_TEXT, (text.str.len_chars() > LONGEST_TEXT).fill_null(False)),
    ]
    for column, reason in (
        (Column.RATING, BAD_RATING),
        (Column.ORDERED_AT, BAD_TIME),
        (Column.PAID_AT, BAD_TIME),
        (Column.PAID_AMOUNT, BAD_AMOUNT),
    ):
        checks.append(Check(column, reason, cells[column].is_not_null() & rows[column].is_null()))
    return checks


def _refuse_whole_columns(checks: list[Check], cells: pl.DataFrame, table: Table, place: str) -> None:
    """A column of which nothing can be read is of the wrong type, or is another column."""
    for check in checks:
        count, filled = int(check.wrong.sum()), cells.height - cells[check.column].null_count()
        if check.reason not in REMEDY or not count or count < (cells.height if check.column in NEEDED else filled):
            continue
        if check.column not in NEEDED and cells[check.column].drop_nulls().n_unique() < 2:
            continue  # one odd word is a fault of its rows
        column = table.named.get(check.column, str(check.column))
        if not filled:
            raise Refusal(
                N_("The column “{column}” is empty in every row."), REMEDY[check.reason], place=place, column=column
            )
        raise Refusal(
            N_("No value of the column “{column}” can be read, such as “{value}”."),
            REMEDY[check.reason],
            place=place,
            column=column,
            value=blank(cells.filter(check.wrong)[check.column].drop_nulls()[0])[:80],
        )


def _attributed(rows: pl.DataFrame, source: SourceMap) -> pl.DataFrame:
    """A bot's account makes a bot of its messages; customer and system have no account."""
    bots = [folded(name) for name in source.bots]
    named = [name for name in rows["account"].unique().drop_nulls() if folded(name) in bots]
    speaker, account = pl.col(Column.SPEAKER), pl.col("account")
    human = speaker == Speaker.AGENT
    return rows.with_columns(
        pl.when(human & account.is_in(named)).then(pl.lit(str(Speaker.BOT))).otherwise(speaker).alias(Column.SPEAKER),
        pl.when(speaker.is_in([str(Speaker.AGENT), str(Speaker.BOT)])).then(account).alias("account"),
    )


def _faults(cells: pl.DataFrame, checks: list[Check], table: Table) -> tuple[Fault, ...]:
    faults = []
    for index, check in enumerate(checks):
        rows = cells.filter(pl.col("wrong") == index).select("line", "item", check.column)
        for line, item, value in rows.iter_rows():
            shown = "" if check.column in PERSONAL else value or ""
            faults.append(Fault(line, table.place(check.column, item), check.reason, shown))
    return tuple(faults)
