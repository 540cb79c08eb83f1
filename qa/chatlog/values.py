"""Cells of text -> typed values, whole columns at a time. What cannot be read is null beside its cell."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from qa.chatlog.source import folded
from qa.model import ATTITUDE, INSTANT, N_, Refusal

BLANK = " \t\r\n\u3000\u00a0\ufeff\u200b"
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
"""Control characters, without TAB and line feed. Stripped from words, refused in ids."""


def known_zone(zone: str) -> None:
    """Raise Refusal for a time zone that this machine does not know."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refusal(N_("The time zone “{zone}” is unknown."), N_("Write it as Asia/Shanghai."), zone=zone) from None


def trimmed(cells: pl.Series) -> pl.Series:
    """Without blanks around; null for nothing."""
    bare = cells.str.strip_chars(BLANK)
    return bare.set(bare == "", None).alias(cells.name)


def words(cells: pl.Series) -> tuple[pl.Series, int]:
    """Text with line feeds only and without control characters, and how many cells held some; null for nothing."""
    plain = cells.str.replace_all("\r\n?", "\n")
    dirty = plain.str.contains(CONTROL).fill_null(False)
    plain = pl.select(pl.when(dirty).then(plain.str.replace_all(CONTROL, "")).otherwise(plain)).to_series()
    return plain.set(plain.str.strip_chars(BLANK) == "", None).alias(cells.name), int(dirty.sum())


def meant(cells: pl.Series, keys: Mapping[str, str]) -> pl.Series:
    """The key of each word, given the keys of folded words; null for others."""
    known = {cell: keys.get(folded(cell)) for cell in cells.drop_nulls().unique()}
    return cells.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def reasons(cells: pl.Series, attitude: Sequence[str]) -> pl.Series:
    """ATTITUDE where one of the reasons, which may be several, means it; the others as they are written."""
    wanted = {folded(word) for word in attitude}
    known = {
        cell: ATTITUDE if wanted & set(map(folded, re.split("[,，、;；|/]", cell))) else cell
        for cell in cells.drop_nulls().unique()
    }
    return cells.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def amounts(cells: pl.Series) -> pl.Series:
    """Yuan as Decimal(12, 2), with or without ¥, 元 and thousands separators; null for anything else."""
    bare = cells.str.replace_all(r"[¥￥元,，\s]|^RMB|^CNY", "")
    right = bare.str.contains(r"^\d{1,10}(?:\.\d{1,2}0*)?$")
    return pl.select(pl.when(right).then(bare)).to_series().cast(pl.Decimal(12, 2), strict=False).alias(cells.name)


def instants(cells: pl.Series, forms: Sequence[str], zone: str) -> pl.Series:
    """Instants in UTC, to the millisecond. Without an offset a time is in `zone`.

    Forms are tried in order; each distinct cell is read once. A time that the zone skips (a clock set forward) is
    null, one that it has twice is the earlier. 10 or 13 digits are seconds or milliseconds since 1970.
    """
    left = pl.DataFrame({"cell": cells}).with_row_index("place").drop_nulls()
    found = [pl.DataFrame(schema={"place": pl.UInt32, "at": INSTANT})]
    for read in (_epochs, *(_form(form, zone) for form in forms)):
        if not left.height:
            break
        at = read(left["cell"])
        found.append(left.select("place", at=at).drop_nulls())
        left = left.filter(at.is_null())
    places = pl.concat(found)
    empty = pl.Series(cells.name, [None], dtype=INSTANT).new_from_index(0, len(cells))
    return empty.scatter(places["place"], places["at"])


def _epochs(cells: pl.Series) -> pl.Series:
    if not cells.str.contains(r"^\d{10}(?:\.|$|\d{3}$)").any():
        return pl.Series([None], dtype=INSTANT).new_from_index(0, len(cells))
    seconds = cells.str.extract(r"^(\d{10}(?:\.\d{1,9})?)$").str.split(".").list
    whole = seconds.get(0, null_on_oob=True).cast(pl.Int64, strict=False) * 1000
    part = seconds.get(1, null_on_oob=True).str.pad_end(3, "0").str.slice(0, 3).cast(pl.Int64, strict=False)
    exact = cells.str.extract(r"^(\d{13})$").cast(pl.Int64, strict=False)
    both = pl.select(pl.coalesce(exact, whole + part.fill_null(0))).to_series()
    return both.cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")


def _form(form: str, zone: str) -> Callable[[pl.Series], pl.Series]:
    def read(cells: pl.Series) -> pl.Series:
        if form.endswith("z"):
            return cells.str.strptime(INSTANT, form, strict=False)
        local = cells.str.strptime(pl.Datetime("ms"), form, strict=False)
        # The database of zones speaks of years up to 2100 and so do chats; others could overflow it.
        near = local.set(~local.is_between(datetime(1900, 1, 1), datetime(2200, 1, 1)).fill_null(False), None)
        aware = near.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return aware.dt.convert_time_zone("UTC").cast(INSTANT)

    return read
