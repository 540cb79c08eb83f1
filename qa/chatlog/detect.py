"""What a file is, by its content and never by its name."""

import stat
from enum import StrEnum
from pathlib import Path

from qa.chatlog.columns import Names
from qa.chatlog.delimited import headed
from qa.chatlog.jsonlist import whole
from qa.chatlog.transcript import is_transcript
from qa.model import N_, Refusal

LIMIT = 2 << 30
"""Bytes of a file that is read in one go."""


class Form(StrEnum):
    DELIMITED = "delimited"
    WORKBOOK = "workbook"
    JSON_LINES = "json lines"
    JSON = "json"
    PAGE = "page"
    TRANSCRIPT = "transcript"


STRANGE = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"SQLite format": "SQLite",
    b"PAR1": "Parquet",
    b"{\\rtf": "RTF",
}
EXCEL_97 = b"\xd0\xcf\x11\xe0"
SAVE_AS = N_("Export the chats again as CSV, XLSX or JSON lines.")


def content(path: Path, place: str) -> bytes:
    """The bytes of a regular file. Raises Refusal for anything else, and for a file that is empty or too large."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Refusal(N_("This is not a file."), N_("Name a file with exported chats."), place=place)
        if found.st_size > LIMIT:
            raise Refusal(
                N_("The file has {size} MB; at most {limit} MB are read at once."),
                N_("Export fewer days at a time."),
                place=place,
                size=found.st_size >> 20,
                limit=LIMIT >> 20,
            )
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(
            N_("The file cannot be read: {error}."),
            N_("Look at its name and at your right to read it."),
            place=place,
            error=error.strerror or "",
        ) from None
    if not data.strip(b"\0\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise Refusal(N_("The file is empty."), N_("Export it again."), place=place)
    return data


def packed(data: bytes, place: str) -> bool:
    """True for a workbook, False for text. Raises Refusal for files that are neither."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return True
    if data.startswith(EXCEL_97):
        raise Refusal(
            N_("This is a workbook of the old form (.xls) or one with a password."),
            N_("Open it and save it as .xlsx without a password."),
            place=place,
        )
    strange = next((name for start, name in STRANGE.items() if data.startswith(start)), None)
    if strange:
        raise Refusal(N_("This is a {form} file and not a chat log."), SAVE_AS, place=place, form=strange)
    return False


def written(text: bytes, names: Names) -> Form:
    """What kind of text in UTF-8 it is. A title row may look like the first line of a talk; a header decides."""
    start = text[:4096].lstrip()
    if start.startswith(b"{"):
        return Form.JSON if whole(text) else Form.JSON_LINES
    if start.startswith(b"["):
        return Form.JSON
    if start.startswith(b"<"):
        return Form.PAGE
    return Form.TRANSCRIPT if is_transcript(text) and not headed(text, names) else Form.DELIMITED
