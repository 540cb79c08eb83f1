"""Facts -> XLSX with real types: ids are text, amounts and shares are numbers, nothing is ever a formula or a link."""

from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from qa.language import Translator, translator
from qa.model import N_, Refusal
from qa.report.facts import Facts
from qa.report.tables import LONG, MONEY, NUMBER, SHARE, TEXT, Sheet, sheets

_WORDS = {"num_format": "@", "text_wrap": True, "valign": "top"}
FORMATS = {
    TEXT: _WORDS,
    LONG: _WORDS,
    NUMBER: {"num_format": "#,##0.####", "valign": "top"},
    SHARE: {"num_format": "0.00%", "valign": "top"},
    MONEY: {"num_format": '"¥"#,##0.00####;-"¥"#,##0.00####', "valign": "top"},
}
WIDTHS = {TEXT: 16, LONG: 44, NUMBER: 12, SHARE: 12, MONEY: 16}
LONGEST = 32_000
"""Characters in a cell; the file format takes 32,767."""


def xlsx(kind: str, facts: Facts, *, language: str, zone: str = "Asia/Shanghai") -> bytes:
    """The report of a kind as a workbook, one table a sheet. The same facts give the same bytes.

    Instants are written as text in `zone`, so that no spreadsheet moves them. A missing figure is the word for it.
    """
    t = translator(language)
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {"title": facts.house.name, "created": datetime.combine(facts.house.generated, datetime.min.time())}
    )
    formats = {kind: book.add_format(look) for kind, look in FORMATS.items()}
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
    label = book.add_format({"bold": True, "font_color": "#8A5F00"})
    for sheet in sheets(kind, facts, t, zone):
        _write(book.add_worksheet(sheet.name), sheet, facts.house.made_up, t, formats, head, label)
    book.close()
    return target.getvalue()


def _write(
    page: Any, sheet: Sheet, made_up: bool, t: Translator, formats: dict[str, Any], head: Any, label: Any
) -> None:
    top = 0
    if made_up:
        _put(page, 0, 0, t.gettext("Demonstration data · all made up"), label)
        top = 1
    for place, (title, kind) in enumerate(zip(sheet.titles, sheet.kinds, strict=True)):
        _put(page, top, place, title, head)
        page.set_column(place, place, WIDTHS[kind])
    for row, cells in enumerate(sheet.rows, start=top + 1):
        for place, (cell, kind) in enumerate(zip(cells, sheet.kinds, strict=True)):
            if cell is None:
                _put(page, row, place, t.missing(), formats[TEXT])
            elif isinstance(cell, str):
                _put(page, row, place, _short(cell, t), formats[TEXT])
            else:
                _kept(page.write_number(row, place, cell, formats[kind]), row, place)
    page.freeze_panes(top + 1, 0)
    page.repeat_rows(top)
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    if sheet.rows:
        page.autofilter(top, 0, top + len(sheet.rows), len(sheet.titles) - 1)


def _short(text: str, t: Translator) -> str:
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST] + t.gettext("… (cut; {n} characters in all)").format(n=t.number(len(text)))


def _put(page: Any, row: int, column: int, text: str, look: Any) -> None:
    _kept(page.write_string(row, column, text, look), row, column)


def _kept(code: int, row: int, column: int) -> None:
    """xlsxwriter drops what it cannot write and says so only in its return value."""
    if code:
        raise Refusal(
            N_("A cell of the workbook could not be written (row {row}, column {column}, code {code})."),
            N_("Ask for HTML, and send this message to support."),
            row=row + 1,
            column=column + 1,
            code=code,
        )
