"""HTML -> a table: an exported table under any name, or a talk as 千牛 saves it. Only its text is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

import polars as pl

from qa.chatlog.columns import Fault, Names, Table, tabled
from qa.chatlog.decode import half_written
from qa.chatlog.delimited import WIDTH
from qa.chatlog.turns import Turn, talked
from qa.model import N_, Refusal, Speaker

LIMIT = 64 << 20
"""Bytes of a page that is read in one piece."""
SILENT = frozenset({"script", "style", "template", "noscript", "title"})
VOID = frozenset({"br", "img", "hr", "input", "meta", "link", "col", "wbr", "area", "base", "source", "embed"})
OF_TALK = ("active_user_nickname", "shopname")
TALK = ("groupTime", "chatTime", "chatName", "chatTextLeft", *OF_TALK)
BREAKS = frozenset({"br", "p", "div", "li"})

Attributes = list[tuple[str, str | None]]


@dataclass
class Grid:
    """The rows of one <table>; `closed` once its end was there."""

    rows: list[list[list[str]]] = field(default_factory=list)
    in_cell: bool = False
    closed: bool = False

    def cells(self) -> list[list[str]]:
        return [row for row in ([("".join(cell)).strip() for cell in row] for row in self.rows) if any(row)]


class Page(HTMLParser):
    """Collects tables, and elements whose class or id is one of a talk's. Nothing is run, fetched or opened."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Grid] = []
        self.open_tables: list[Grid] = []
        self.silent: str | None = None
        self.said: list[tuple[str, list[str]]] = []  # field, pieces of text
        self.path: list[tuple[str, list[str] | None]] = []  # open elements, with where the text of a field goes

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if self.silent:
            return
        if tag in SILENT:
            self.silent = tag
        elif tag in BREAKS:
            self.handle_data("\n")
        elif tag == "table":
            self.tables.append(Grid())
            self.open_tables.append(self.tables[-1])
        elif self.open_tables and tag == "tr":
            self.open_tables[-1].rows.append([])
            self.open_tables[-1].in_cell = False
        elif self.open_tables and tag in {"td", "th"}:
            grid = self.open_tables[-1]
            grid.rows = grid.rows or [[]]
            grid.rows[-1].append([])
            grid.in_cell = True
        self._open(tag, {word for name, value in attrs if name in {"class", "id"} for word in (value or "").split()})

    def _open(self, tag: str, words: set[str]) -> None:
        name = next((name for name in TALK if name in words), "img" if tag == "img" else None)
        pieces: list[str] | None = [] if name else None
        if name and pieces is not None:
            self.said.append((name, pieces))
        if tag not in VOID:
            self.path.append((tag, pieces))

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            self.silent = None if tag == self.silent else self.silent
            return
        if tag == "table" and self.open_tables:
            self.open_tables.pop().closed = True
        elif self.open_tables and tag in {"td", "th", "tr"}:
            self.open_tables[-1].in_cell = False
        for place in range(len(self.path) - 1, max(-1, len(self.path) - 50), -1):
            if self.path[place][0] == tag:
                del self.path[place:]
                break

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if self.open_tables and self.open_tables[-1].in_cell:
            self.open_tables[-1].rows[-1][-1].append(data)
        pieces = next((pieces for _, pieces in reversed(self.path[-20:]) if pieces is not None), None)
        if pieces is not None:
            pieces.append(data)


def read_page(text: bytes, names: Names) -> Table:
    """Read text in UTF-8. Raises Refusal for a page without a table of chats and without a talk, or one that is cut."""
    if len(text) > LIMIT:
        raise Refusal(
            N_("The web page has {size} MB; at most {limit} MB are read."),
            N_("Export fewer days at a time."),
            place=names.place,
            size=len(text) >> 20,
            limit=LIMIT >> 20,
        )
    page = Page()
    try:
        page.feed(text.decode("utf-8"))
        # An open tag or comment at the end would be looked for again from each "<" on, which can take hours.
        if "<" in page.rawdata:
            raise half_written(names.place)
        page.close()
    except AssertionError:  # what the parser raises for a declaration that is none
        raise Refusal(N_("The web page is damaged."), N_("Export it again."), place=names.place) from None
    if any(name == "chatName" for name, _ in page.said):
        return _talk(page, names)
    for grid in page.tables:
        rows = grid.cells()
        head = names.place_of_header(rows)
        if head is not None:
            if not grid.closed:
                raise half_written(names.place)
            return _table(rows, head, names)
    raise Refusal(
        N_("This is a web page (HTML or XML) without a table of chats."),
        N_("Export the chats again; the table must begin with a line of column names that are known."),
        place=names.place,
    )


def _table(grid: Sequence[Sequence[str]], head: int, names: Names) -> Table:
    header, rows = grid[head], grid[head + 1 :]
    width = len(header)
    good = [(line, row) for line, row in enumerate(rows, 1) if len(row) == width]
    faults = [Fault(line, "", WIDTH, str(len(row))) for line, row in enumerate(rows, 1) if len(row) != width]
    columns = [pl.Series([row[place] for _, row in good], dtype=pl.String) for place in range(width)]
    return tabled(
        header, columns, pl.Series([line for line, _ in good], dtype=pl.Int64), faults, names, above=grid[:head]
    )


def _talk(page: Page, names: Names) -> Table:
    first = {name: "".join(pieces).strip() for name, pieces in reversed(page.said)}
    for needed in (*OF_TALK, "groupTime"):
        if not first.get(needed):
            raise Refusal(
                N_("The page holds a talk, but not who the customer is, which shop or which day (“{field}”)."),
                N_("Export the talk again, as a whole page."),
                place=names.place,
                field=needed,
            )
    customer = first["active_user_nickname"]
    turns: list[Turn] = []
    day = ""
    block: dict[str, str] = {}
    for name, pieces in [*page.said, ("groupTime", [])]:
        value = "".join(pieces).strip()
        # Words end a block, so that a name is never given to the words of somebody else.
        if name == "groupTime" or (name != "img" and (name in block or "chatTextLeft" in block)):
            if block.keys() - {"img"}:
                turns.append(_turn(len(turns) + 1, day, block, customer))
            block = {}
        if name == "groupTime":
            day = value
        elif name not in OF_TALK:
            block[name] = value
    return talked(turns, first["shopname"], customer, names)


def _turn(line: int, day: str, block: dict[str, str], customer: str) -> Turn:
    name = block.get("chatName", "")
    speaker = None if not name else Speaker.CUSTOMER if name == customer else Speaker.AGENT
    account = name if speaker == Speaker.AGENT else ""
    time = f"{day} {block['chatTime']}" if block.get("chatTime") else ""
    text = block.get("chatTextLeft", "")
    return Turn(line, time, speaker, account, text, "img" in block and not text)
