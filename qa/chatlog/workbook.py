"""XLSX -> a table of text. Only values are read: no formula, no macro, no number that a sheet has rounded."""

import io
import posixpath
import re
import zipfile
import zlib
from xml.etree import ElementTree

import fastexcel
import polars as pl

from qa.chatlog.columns import TITLE_ROWS, Names, Table, tabled
from qa.chatlog.decode import half_written
from qa.model import N_, Refusal

UNPACKED_LIMIT = 1 << 30
"""Bytes of all parts together. A larger workbook is a trap, or should be CSV."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    NotImplementedError,
    RuntimeError,
    LookupError,
    StopIteration,
    ValueError,
    OSError,
    EOFError,
)
"""What the package and XML readers raise for damaged bytes."""
FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?v>\s*-?(?:\d{16,}(?:\.\d*)?|\d(?:\.\d+)?[eE]\+?(?:1[5-9]|[2-9]\d|\d{3,}))\s*<"
)
AS_TEXT = re.compile(rb"""\bt=["'](?:s|str|inlineStr|d|b|e)["']""")
REFERENCE = re.compile(rb"""\br=["']([A-Z]+\d+)["']""")


def read_workbook(data: bytes, names: Names) -> Table:
    """Read the first sheet. Raises Refusal for what a sheet cannot say for sure."""
    first_sheet = _unpacked(data, names.place)
    _refuse_untold(first_sheet, names.place)
    try:
        book = fastexcel.read_excel(data)
        frame = _rows(book, 0)
        others = [name for index, name in enumerate(book.sheet_names) if index and _is_chats(_rows(book, index), names)]
    except fastexcel.FastExcelError:
        raise _broken(names.place) from None
    if others:
        raise Refusal(
            N_("More than one sheet holds chats: also “{sheets}”."),
            N_("Save each sheet as a file of its own."),
            place=names.place,
            sheets="”, “".join(others),
        )
    filled = frame.select(pl.any_horizontal(pl.all().str.strip_chars() != "").fill_null(False)).to_series()
    places = filled.arg_true().head(TITLE_ROWS + 1).to_list()
    if not places:
        raise Refusal(N_("The first sheet is empty."), N_("Put the chats on the first sheet."), place=names.place)
    top = [frame.row(place) for place in places]
    place = names.place_of_header(top) or 0
    head, header = places[place], [value or "" for value in top[place]]
    rows = frame.slice(head + 1)
    lines = pl.int_range(1, rows.height + 1, eager=True)
    return tabled(header, rows.get_columns(), lines, (), names, book.sheet_names[1:], top[:place])


def _unpacked(data: bytes, place: str) -> bytes:
    """The XML of the first sheet, after a look at the package."""
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except BROKEN:
        raise half_written(place) from None
    parts = {info.filename: info for info in package.infolist()}
    if sum(info.file_size for info in parts.values()) > UNPACKED_LIMIT:
        raise Refusal(
            N_("The workbook unpacks to more than {limit} MB."),
            N_("Save it as CSV, or export fewer days at a time."),
            place=place,
            limit=UNPACKED_LIMIT >> 20,
        )
    if any(info.flag_bits & 1 for info in parts.values()):
        raise Refusal(N_("The file is protected by a password."), N_("Save it without a password."), place=place)
    if "xl/workbook.xml" not in parts:
        raise Refusal(
            N_("This is a ZIP file and not an XLSX workbook."), N_("Unpack it and import what is in it."), place=place
        )
    if any(name.endswith("vbaProject.bin") for name in parts):
        raise Refusal(N_("The workbook holds macros."), N_("Save it as .xlsx, which holds none."), place=place)
    try:
        return package.read(_first_sheet(package))
    except BROKEN:
        raise _broken(place) from None


def _first_sheet(package: zipfile.ZipFile) -> str:
    book = ElementTree.fromstring(package.read("xl/workbook.xml"))
    sheet = next(element for element in book.iter() if element.tag.endswith("}sheet"))
    wanted = next(value for key, value in sheet.attrib.items() if key.endswith("}id"))
    relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    target = next(element.attrib["Target"] for element in relations if element.attrib["Id"] == wanted)
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _refuse_untold(sheet: bytes, place: str) -> None:
    if FORMULA.search(sheet):
        raise Refusal(
            N_("The sheet holds formulas."), N_("Copy it and paste it as values, then save again."), place=place
        )
    rounded = next((m for m in CELL.finditer(sheet) if not AS_TEXT.search(m.group(1))), None)
    if rounded:
        cell = REFERENCE.search(rounded.group(1))
        raise Refusal(
            N_("Cell {cell} holds a number of more than 15 digits, which the sheet has rounded."),
            N_("Export that column as text."),
            place=place,
            cell=cell.group(1).decode() if cell else "?",
        )


def _rows(book: fastexcel.ExcelReader, index: int) -> pl.DataFrame:
    return book.load_sheet(index, header_row=None, dtypes="string").to_polars()


def _is_chats(frame: pl.DataFrame, names: Names) -> bool:
    place = names.place_of_header(frame.head(TITLE_ROWS + 1).rows())
    return place is not None and frame.height > place + 1


def _broken(place: str) -> Refusal:
    return Refusal(N_("The workbook is damaged."), N_("Open it, save it again as .xlsx and import that."), place=place)
