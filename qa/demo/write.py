"""Writes made-up conversations as the export files that real shops hand in, one form per shop."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from qa.demo.month import Contact

MESSAGE_COLUMNS = ("platform", "shop", "conversation_id", "sent_at", "speaker", "agent", "customer", "text")
LAST_ROW_COLUMNS = (
    "rating",
    "rating_reason",
    "rating_source",
    "rating_comment",
    "order_id",
    "ordered_at",
    "paid_at",
    "paid_amount",
)
WEEK = 7

Row = dict[str, Any]


def message_id(contact: Contact, position: int) -> str | None:
    """The id of a message in the exports; None for the shop whose exports carry none."""
    return None if contact.shop.code == "JD" else f"{contact.conversation_id}-{position + 1:03}"


def write_exports(folder: Path, contacts: Sequence[Contact], first: date, days: int) -> tuple[Path, ...]:
    """One file per shop and week; a conversation stands whole in the week of its beginning.

    KS: JSON lines, one conversation a line. TB: CSV, one message a row. JD: JSON lines, one message a line, and
    XLSX for the last week. An existing file is written over.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weeks: dict[tuple[str, int], list[Contact]] = {}
    for contact in contacts:
        week = (contact.sent_at[0].date() - first).days // WEEK
        weeks.setdefault((contact.shop.code, week), []).append(contact)
    last = (days - 1) // WEEK
    return tuple(_file(folder, code, week, week == last, first, found) for (code, week), found in sorted(weeks.items()))


def _file(folder: Path, code: str, week: int, is_last: bool, first: date, contacts: Sequence[Contact]) -> Path:
    ending, write = _form(code, is_last)
    path = folder / f"made-up-{code.lower()}-{first + timedelta(days=WEEK * week)}.{ending}"
    path.write_bytes(write(contacts))
    return path


def _form(code: str, is_last: bool) -> tuple[str, Callable[[Sequence[Contact]], bytes]]:
    if code == "KS":
        return "jsonl", _conversation_lines
    if code == "TB":
        return "csv", _csv
    return ("xlsx", _xlsx) if is_last else ("jsonl", _message_lines)


def _conversation_lines(contacts: Sequence[Contact]) -> bytes:
    return _json_lines(_conversation(contact) for contact in contacts)


def _conversation(contact: Contact) -> Row:
    row: Row = {
        "platform": contact.shop.platform,
        "shop": contact.shop.shop,
        "conversation_id": contact.conversation_id,
        "agent": contact.agents[-1].accounts[contact.shop.code] if contact.agents else None,
        "customer": contact.customer,
        "messages": [
            {
                "seq": position + 1,
                "message_id": message_id(contact, position),
                "sent_at": at.isoformat(),
                "speaker": line.speaker.value,
                "agent": line.account,
                "text": line.text,
            }
            for position, (line, at) in enumerate(zip(contact.lines, contact.sent_at, strict=True))
        ],
    }
    if contact.rating:
        row["rating"] = contact.rating
    if contact.order:
        row["order"] = contact.order
    return row


def _rows(contact: Contact) -> Iterator[Row]:
    """One row per message; rating and order stand on the last row only."""
    fixed = {"platform": contact.shop.platform, "shop": contact.shop.shop, "conversation_id": contact.conversation_id}
    end = len(contact.lines) - 1
    for position, (line, at) in enumerate(zip(contact.lines, contact.sent_at, strict=True)):
        yield {
            **fixed,
            "message_id": message_id(contact, position),
            "sent_at": at.isoformat(),
            "speaker": line.speaker.value,
            "agent": line.account,
            "customer": contact.customer,
            "text": line.text,
            **(_last_row(contact) if position == end else dict.fromkeys(LAST_ROW_COLUMNS)),
        }


def _last_row(contact: Contact) -> Mapping[str, Any]:
    rating, order = contact.rating or {}, contact.order or {}
    names = {"rating": "value", "rating_reason": "reason", "rating_source": "source", "rating_comment": "comment"}
    return {name: rating[names[name]] if name in names and rating else order.get(name) for name in LAST_ROW_COLUMNS}


def _message_lines(contacts: Sequence[Contact]) -> bytes:
    rows = (row for contact in contacts for row in _rows(contact))
    return _json_lines({name: row[name] for name in row if name in MESSAGE_COLUMNS or row[name]} for row in rows)


def _csv(contacts: Sequence[Contact]) -> bytes:
    columns = (*MESSAGE_COLUMNS[:3], "message_id", *MESSAGE_COLUMNS[3:], *LAST_ROW_COLUMNS)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for contact in contacts for row in _rows(contact))
    return out.getvalue().encode("utf-8")


def _xlsx(contacts: Sequence[Contact]) -> bytes:
    columns = (*MESSAGE_COLUMNS, *LAST_ROW_COLUMNS)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_urls": False}) as book:
        # without a fixed day the file would differ from one run to the next
        book.set_properties({"title": "made-up chats", "created": datetime(2026, 1, 1)})
        sheet = book.add_worksheet("made-up")
        sheet.write_row(0, 0, columns)
        for number, row in enumerate((row for contact in contacts for row in _rows(contact)), start=1):
            for column, name in enumerate(columns):
                if name == "paid_amount" and row[name] is not None:
                    sheet.write_number(number, column, float(row[name]))
                elif row[name] is not None:
                    sheet.write_string(number, column, row[name])
    return out.getvalue()


def write_roster(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _json_lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows).encode("utf-8")
