"""CSV and its kin -> a table, strictly: no row is lost, padded, joined or guessed.

Record and cell borders are found over the whole buffer at once by the parity of quotes; where quotes stand in
places that the standard (RFC 4180) does not allow, the csv module reads the file in its strict mode.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow
from numpy.typing import NDArray

from qa.chatlog.columns import TITLE_ROWS, Fault, Names, Table, tabled
from qa.chatlog.decode import half_written
from qa.chatlog.source import WORDS
from qa.model import N_, Refusal

DELIMITERS = ",;\t|"
QUOTE, LF, CR = b'"\n\r'
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
WIDTH = N_("the row has another number of cells than the header")


@dataclass(frozen=True)
class Records:
    """Cells of all records one after the other; record i has `widths[i]` of them from `firsts[i]` on."""

    cells: pl.Series
    firsts: Ints
    widths: Ints
    open_end: bool  # the last record does not end with a line end

    def record(self, index: int) -> list[str]:
        return self.cells.slice(int(self.firsts[index]), int(self.widths[index])).to_list()


def read_delimited(text: bytes, names: Names) -> Table:
    """Read text in UTF-8. Wrong rows become faults; Refusal for a quote that is not closed and a cut last row."""
    delimiter = _delimiter(text, names)
    records = cut(text, delimiter) or _cut_slowly(text, delimiter, names.place)
    widths = records.widths
    blank = (widths == 1) & (records.cells.gather(records.firsts).str.len_bytes() == 0).to_numpy()
    filled = np.flatnonzero(~blank)
    if not len(filled):
        raise Refusal(N_("The file is empty."), N_("Export it again."), place=names.place)
    top = [records.record(int(index)) for index in filled[: TITLE_ROWS + 1]]
    place = names.place_of_header(top) or 0
    head, header = int(filled[place]), top[place]
    names.header([name.strip() for name in header])
    rows = filled[place + 1 :]
    good = rows[widths[rows] == len(header)]
    wrong = rows[widths[rows] != len(header)]
    faults = [_fault(records, int(index), head, len(header), names.place) for index in wrong]
    if len(wrong) and records.open_end and wrong[-1] == len(widths) - 1 and widths[wrong[-1]] < len(header):
        raise half_written(names.place)
    if len(wrong) and not len(good):
        raise Refusal(
            N_("No row has as many cells as the header, which has {expected}; the first has {count}."),
            N_("Export it again, with quotes around cells that hold the separator."),
            place=names.place,
            expected=len(header),
            count=int(widths[wrong[0]]),
        )
    columns = [records.cells.gather(records.firsts[good] + cell) for cell in range(len(header))]
    _refuse_swallowed(columns, header, good - head, names)
    return tabled(header, columns, pl.Series(good - head), faults, names, above=top[:place])


def _refuse_swallowed(columns: list[pl.Series], header: list[str], rows: Ints, names: Names) -> None:
    """A line break in a cell that is no text: a quote was never closed and took the next rows into the cell."""
    for column, place in names.find([name.strip() for name in header]).items():
        broken = columns[place].str.strip_chars("\r\n").str.contains(r"[\r\n]")
        if column not in WORDS and broken.any():
            raise Refusal(
                N_("Row {row} has a line break inside the column “{column}”."),
                N_("A quote in it is probably not closed: mend that row and import the file again."),
                place=names.place,
                row=int(rows[broken.arg_max() or 0]),
                column=header[place].strip(),
            )


def cut(text: bytes, delimiter: str) -> Records | None:
    """All cells by the standard's grammar; None where the text does not follow it."""
    data = np.frombuffer(text, dtype=np.uint8)
    comma = ord(delimiter)
    places = np.flatnonzero((data == QUOTE) | (data == comma) | (data == LF) | (data == CR))
    kinds = data[places]
    quotes = kinds == QUOTE
    within = (np.cumsum(quotes) & 1).astype(bool)
    opening, closing = places[quotes & within], places[quotes & ~within]
    if len(opening) != len(closing) or not _well_placed(data, opening, closing, comma):
        return None
    border = ~quotes & ~within
    second = _after_cr(places, kinds, border)
    ends, end_kinds = places[border & ~second], kinds[border & ~second]
    paired = np.zeros(len(places), bool)
    paired[:-1] = second[1:]
    starts = np.concatenate([[0], ends + 1 + paired[border & ~second]])
    open_end = bool(starts[-1] < len(data)) or bool(len(ends) and end_kinds[-1] == comma)
    if open_end:
        ends, end_kinds = np.append(ends, len(data)), np.append(end_kinds, LF)
    starts = starts[: len(ends)]
    last = np.flatnonzero(end_kinds != comma)
    firsts = np.concatenate([[0], last[:-1] + 1]).astype(np.int64)
    escaped = opening == np.concatenate([[-1], closing[:-1] + 1])
    keep = np.ones(len(data), bool)
    for grammar in (places[border], opening[~escaped], closing):
        keep[grammar] = False
    return Records(_strings(data, starts, keep), firsts, last - firsts + 1, open_end)


def _well_placed(
    data: Bytes,
    opening: Ints,
    closing: Ints,
    comma: int,
) -> bool:
    """Each quote opens a cell, closes it, or is one of a pair inside of it."""
    near = np.array([comma, LF, CR, QUOTE], dtype=np.uint8)
    before = data[opening[opening > 0] - 1]
    after = data[closing[closing < len(data) - 1] + 1]
    return bool(np.isin(before, near).all() and np.isin(after, near).all())


def _after_cr(
    places: Ints,
    kinds: Bytes,
    border: Bools,
) -> Bools:
    """The LF of each CR LF that ends a record."""
    second = np.zeros(len(places), bool)
    second[1:] = (kinds[1:] == LF) & (kinds[:-1] == CR) & (places[1:] == places[:-1] + 1) & border[1:] & border[:-1]
    return second


def _strings(data: Bytes, starts: Ints, keep: Bools) -> pl.Series:
    """Cells from their starts, without the bytes that are only grammar. The bytes are valid UTF-8 and stay so."""
    dropped = np.flatnonzero(~keep)
    offsets = np.append(starts - np.searchsorted(dropped, starts), len(data) - len(dropped)).astype(np.int64)
    values = pyarrow.lib.py_buffer(data[keep])
    array = pyarrow.lib.LargeStringArray.from_buffers(len(starts), pyarrow.lib.py_buffer(offsets), values)
    return pl.Series("cell", pl.from_arrow(array), dtype=pl.String)


def _cut_slowly(text: bytes, delimiter: str, place: str) -> Records:
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter, strict=True)
    begins, rows = 1, []
    try:
        for row in reader:
            rows.append(row or [""])
            begins = reader.line_num + 1
    except csv.Error as error:
        if "end of data" in str(error):
            raise Refusal(
                N_("A quote that opens in line {line} is never closed; the file may be half written."),
                N_("Export it again, or double the quotes inside of that cell. Nothing was stored."),
                place=place,
                line=begins,
            ) from None
        raise Refusal(
            N_("A quote in the row from line {line} on stands in a wrong place."),
            N_("Double the quotes inside of a quoted cell, and put nothing behind its closing quote."),
            place=place,
            line=begins,
        ) from None
    widths = np.array([len(row) for row in rows], dtype=np.int64)
    cells = pl.Series("cell", [cell for row in rows for cell in row], dtype=pl.String)
    return Records(cells, np.cumsum(widths) - widths, widths, not text.endswith((b"\n", b"\r")))


def _fault(records: Records, index: int, head: int, expected: int, place: str) -> Fault:
    cells = records.record(index)
    if any("\n" in cell or "\r" in cell for cell in cells):
        raise Refusal(
            N_("Row {row} has {count} cells, the header {expected}, and a line break inside quotes."),
            N_("A quote in it is probably not closed: mend that row and import the file again."),
            place=place,
            row=index - head,
            count=len(cells),
            expected=expected,
        )
    return Fault(index - head, "", WIDTH, str(len(cells)))


def headed(text: bytes, names: Names) -> bool:
    """True where one of the first lines is a header that holds every required column."""
    lines = _first_lines(text)
    return any(names.place_of_header([_cells(line, d) for line in lines]) is not None for d in DELIMITERS)


def _delimiter(text: bytes, names: Names) -> str:
    """The delimiter by which one of the first lines is a header, else by which the first has the most known columns."""
    lines = _first_lines(text)

    def known(delimiter: str) -> tuple[bool, int, int]:
        first = _cells(lines[0], delimiter)
        below = names.place_of_header([_cells(line, delimiter) for line in lines]) is not None
        return below, len(names.find(first)), len(first)

    return max(DELIMITERS, key=known)


def _first_lines(text: bytes) -> list[str]:
    filled = [line for line in text[:65536].splitlines() if line.strip()][: TITLE_ROWS + 1]
    return [line.decode("utf-8", "ignore") for line in filled] or [""]


def _cells(line: str, delimiter: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
