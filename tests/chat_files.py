"""Made-up messages, written as each kind of file, and read back with the conservation law checked."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from qa import chatlog
from qa.chatlog import Reading

ROOT = Path(__file__).resolve().parent.parent
PLAIN = chatlog.load_source(ROOT / "policy" / "sources" / "plain.toml")
KEY = b"test key of thirty-two bytes....."
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

Row = dict[str, Any]


def read(path: Path, **how: Any) -> Reading:
    reading = chatlog.read(path, **({"zone": "Asia/Shanghai", "key": KEY, "source": PLAIN, "now": NOW} | how))
    assert reading.rows_in == reading.messages.height + reading.duplicates + len(reading.rejects)
    assert reading.messages.schema == chatlog.READ
    assert reading.conversations.schema == chatlog.TOLD
    assert reading.messages["row"].is_unique().all()
    return reading


def read_bytes(folder: Path, data: bytes | str, **how: Any) -> Reading:
    path = folder / "log"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read(path, **how)


def message(number: int = 1, **more: Any) -> Row:
    return {
        "shop": "一店", "conversation_id": "k1", "message_id": f"m{number}", "sent_at": f"2026-10-01 10:00:{number:02}",
        "speaker": "customer", "agent": None, "customer": "甲", "text": f"第{number}句", **more,
    }  # fmt: skip


def as_csv(rows: Sequence[Row], delimiter: str = ",", quoting: Any = csv.QUOTE_MINIMAL, end: str = "\n") -> str:
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(out, columns, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_lines(rows: Sequence[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def as_conversations(rows: Sequence[Row]) -> str:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["shop"], row["conversation_id"]), []).append(row)
    own = ("message_id", "sent_at", "speaker", "agent", "text")
    return as_lines(
        [
            {"shop": shop, "conversation_id": name, "customer": group[-1]["customer"], "messages": [{k: r[k] for k in own} for r in group]}
            for (shop, name), group in groups.items()
        ]
    )  # fmt: skip


def as_workbook(rows: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    for place, row in enumerate([dict.fromkeys(rows[0]) | {k: k for k in rows[0]}, *rows]):
        for column, value in enumerate(row.values()):
            if value is not None:
                sheet.write_string(place, column, str(value))
    book.close()
    return out.getvalue()
