"""Which column of a file is which of ours, and the table that every reader makes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from qa.chatlog.mask import blank
from qa.chatlog.source import Column, SourceMap, folded
from qa.model import N_, Refusal


@dataclass(frozen=True)
class Fault:
    """A row that could not be cut into cells. `line` counts from 1 after the header."""

    line: int
    column: str
    reason: str
    value: str


@dataclass(frozen=True)
class Table:
    """A file as cells of text. Columns of `cells`: every Column as String (null: not said), and
    `line` (where a person finds it, from 1), `item` (message within the line, or null) and `row`, which is unique and
    rises: the line, or the number of the message where a line holds several.
    """

    cells: pl.DataFrame
    faults: tuple[Fault, ...]
    named: Mapping[Column, str]  # as the file calls them
    left_out: tuple[str, ...]  # columns and sheets that are not read
    above: tuple[str, ...] = ()  # title rows above the header

    @property
    def rows_in(self) -> int:
        return self.cells.height + len(self.faults)

    def place(self, column: Column, item: int | None) -> str:
        """The column as the file calls it, with the message of the line where a line holds several."""
        name = self.named.get(column, str(column))
        return name if item is None else f"messages[{item}].{name}"


TITLE_ROWS = 10
"""Rows above the header that may hold a title; blank ones are not counted."""


@dataclass
class Names:
    """Finds our columns among the names of a file. `mapping` (ours -> theirs) goes before the source's names."""

    source: SourceMap
    mapping: Mapping[str, str] = field(default_factory=dict)
    place: str = ""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.mapping) - set(Column))
        if unknown:
            raise Refusal(
                N_("The mapping names “{name}”, which is none of our columns."),
                N_("Our columns: {known}."),
                place=self.place,
                name=unknown[0],
                known=", ".join(Column),
            )
        self._places = {
            column: {folded(name): rank for rank, name in enumerate(self.names_of(column))} for column in Column
        }

    def names_of(self, column: Column) -> tuple[str, ...]:
        own = self.mapping.get(column)
        return (own,) if own else self.source.columns.get(column, (str(column),))

    def find(self, given: Sequence[str]) -> dict[Column, int]:
        """Our columns and the place of each among the given names; the first of our synonyms goes first."""
        where: dict[str, int] = {}
        for index, name in enumerate(given):
            where.setdefault(folded(name), index)
        taken = {folded(name) for name in self.mapping.values()}
        found = {}
        for column, ranks in self._places.items():
            known = [name for name in ranks if name in where and (column in self.mapping or name not in taken)]
            if known:
                found[column] = where[min(known, key=ranks.__getitem__)]
        return found

    def require(self, found: Iterable[Column], required: Iterable[Column], given: Sequence[str]) -> None:
        """Refuse when a required column, or one that the mapping names, is not there."""
        have = set(found)
        missing = [c for c in dict.fromkeys([*required, *map(Column, self.mapping)]) if c not in have]
        if not missing:
            return
        names = " / ".join(" | ".join(self.names_of(c)[:4]) for c in missing)
        if len(have) < 3:  # the first line may be a message: it is not shown
            raise Refusal(
                N_("The file does not begin with a line of column names that are known."),
                N_("Put a header first, with these names: {names}; or say in a mapping which column is which."),
                place=self.place,
                names=names,
            )
        raise Refusal(
            N_("Required columns are missing: “{missing}”. Columns of the file: {found}."),
            N_("Give them one of these names: {names}; or say in a mapping which column it is."),
            place=self.place,
            missing="”, “".join(missing),
            found=blank(", ".join(given))[:300],
            names=names,
        )

    def place_of_header(self, rows: Sequence[Sequence[str | None]]) -> int | None:
        """The first of the rows on top that holds every required column, under rows that are hardly filled."""
        required, widest = set(self.source.required), 0
        for index, row in enumerate(rows[: TITLE_ROWS + 1]):
            filled = sum(1 for cell in row if cell and cell.strip())
            if required <= set(self.find([(cell or "").strip() for cell in row])):
                # A row as full as the header is no title: it may be a message of an export without a header.
                return index if widest < filled / 2 else None
            widest = max(widest, filled)
        return None

    def header(self, given: Sequence[str]) -> dict[Column, int]:
        """The columns of a header line. Raises Refusal for a name that stands twice, and for missing ones."""
        seen: set[str] = set()
        for name in filter(None, map(folded, given)):
            if name in seen:
                raise Refusal(
                    N_("The column “{name}” stands twice in the header."),
                    N_("Give each column a name of its own, or delete one."),
                    place=self.place,
                    name=blank(next(g for g in given if folded(g) == name))[:80],
                )
            seen.add(name)
        found = self.find(given)
        if len(given) == 1 and ("，" in given[0] or "、" in given[0]):
            raise Refusal(
                N_("The columns are separated by a full-width comma."),
                N_("Separate them by a comma, a semicolon, TAB or |."),
                place=self.place,
            )
        self.require(found, self.source.required, given)
        return found


def tabled(
    header: Sequence[str],
    columns: Sequence[pl.Series],
    lines: pl.Series,
    faults: Sequence[Fault],
    names: Names,
    left_out: Sequence[str] = (),
    above: Sequence[Sequence[str | None]] = (),
) -> Table:
    """A table from a header and its columns of text. Rows without any value are no rows."""
    found = names.header([name.strip() for name in header])
    unread = [name.strip() for index, name in enumerate(header) if index not in found.values() and name.strip()]
    frame = pl.DataFrame([column.alias(str(index)) for index, column in enumerate(columns)])
    used = pl.any_horizontal(pl.all().str.strip_chars() != "").fill_null(False)
    cells = frame.with_columns(lines.cast(pl.Int64).alias("line")).filter(
        frame.select(used).to_series() if columns else pl.Series([], dtype=pl.Boolean)
    )
    if not cells.height and not faults:
        raise Refusal(
            N_("The file holds a header and no rows."),
            N_("Export a time in which there were chats."),
            place=names.place,
        )
    asked = [pl.col(str(found[c])).alias(c) if c in found else pl.lit(None, pl.String).alias(c) for c in Column]
    return Table(
        cells.select(*asked, pl.col("line").alias("row"), "line", pl.lit(None, pl.Int64).alias("item")),
        tuple(faults),
        {column: header[index].strip() for column, index in found.items()},
        (*unread, *left_out),
        tuple(blank(" ".join(filter(None, row)))[:200] for row in above),
    )
