"""Bytes of a text file -> UTF-8, strictly: a byte that has no meaning is refused with its place."""

import codecs
import re
from dataclasses import dataclass

import numpy as np

from qa.model import N_, Refusal

BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LOST = re.compile("\ufffd|锟斤拷")
AS_GBK = frozenset(
    "涓殑鐨鏁杩瓧锛偍浠鍙紝鎴璇鏄崟涔璁湁鍚棶鍒鍝鍏槸濂樻鍗彲鐢悧澶鍛憿垜鏃浣瀹閫鍦灏璐屽嗗缁嬪屾棰摝銆鍛婂"
)
"""What the commonest Chinese characters turn into when UTF-8 is read as GBK; rare in Chinese as it is written."""
AS_LATIN = re.compile("[Ãâäåæçèé][\u0080-\u00bfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]")
SAMPLE = 400_000  # characters looked at for signs of a wrong encoding


@dataclass(frozen=True)
class Decoded:
    """The text as UTF-8 without a byte order mark, and the encoding it came in."""

    text: bytes
    encoding: str


def decode(data: bytes, place: str) -> Decoded:
    """Byte order mark, else strict UTF-8, else strict GB18030, else Refusal with line and byte."""
    mark = next(((bom, encoding) for bom, encoding in BOMS if data.startswith(bom)), None)
    if mark:
        return _marked(data[len(mark[0]) :], mark[1], place)
    if data[:4096].count(0) > 3 + len(data[:4096]) // 50:
        raise Refusal(
            N_("The file looks like UTF-16 without its byte order mark."), N_("Save it as UTF-8."), place=place
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _chinese(data, error, place)
    _refuse_garbled(text, place)
    return Decoded(data, "utf-8")


def _marked(body: bytes, encoding: str, place: str) -> Decoded:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end >= len(body):
            raise half_written(place) from None
        raise _unreadable(body, error, place) from None
    _refuse_garbled(text, place)
    return Decoded(body if encoding == "utf-8" else text.encode(), encoding)


def _chinese(data: bytes, first: UnicodeDecodeError, place: str) -> Decoded:
    cut = first.end >= len(data) and first.reason == "unexpected end of data" and first.start > 0
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as second:
        if cut or (second.end >= len(data) and second.reason == "incomplete multibyte sequence"):
            raise half_written(place) from None
        raise _unreadable(data, max(first, second, key=lambda error: error.start), place) from None
    garbled = _garbled(text)
    if garbled and cut:
        raise half_written(place)
    if garbled or _not_gb(text):
        raise _unreadable(data, first, place)
    return Decoded(text.encode(), "gb18030")


def half_written(place: str) -> Refusal:
    """The refusal for a file that ends in the middle."""
    return Refusal(
        N_("The file looks half written: it ends in the middle."),
        N_("Wait until the export is complete, or export it again. Nothing was stored."),
        place=place,
    )


def _unreadable(data: bytes, error: UnicodeDecodeError, place: str) -> Refusal:
    line = len(data[: error.start].splitlines() or [b""])
    return Refusal(
        N_("The encoding is not known: byte {byte} in line {line} is neither UTF-8 nor GB18030."),
        N_("Save the file as UTF-8 and import it again."),
        place=place,
        line=line,
        byte=error.start + 1,
    )


def _refuse_garbled(text: str, place: str) -> None:
    if _garbled(text):
        raise Refusal(
            N_("The characters are garbled: the file was saved in a wrong encoding before it came here."),
            N_("Export it again; do not open and save it in between."),
            place=place,
        )


def _garbled(text: str) -> bool:
    """Signs that text was once read in a wrong encoding, in more than one line of fifty or in its letters."""
    sample = text[:SAMPLE]
    lines = sample.count("\n") + sample.count("\r") + 1
    if len(LOST.findall(sample)) > lines / 50 or len(AS_LATIN.findall(sample)) > max(2, lines / 5):
        return True
    points = np.frombuffer(sample.encode("utf-32-le"), dtype="<u4")
    han = int(((points >= 0x4E00) & (points <= 0x9FFF)).sum())
    wrong = int(np.isin(points, np.array([ord(c) for c in AS_GBK], dtype="<u4")).sum())
    return wrong > max(2, han * 0.15)


def _not_gb(text: str) -> bool:
    """Text in another encoding that happens to decode: private characters (Big5), or hardly a common one (Shift-JIS)."""
    sample = text[:SAMPLE]
    points = np.frombuffer(sample.encode("utf-32-le"), dtype="<u4")
    wide = int((points > 0x7F).sum())
    private = int(((points >= 0xE000) & (points <= 0xF8FF)).sum())
    han = "".join(c for c in dict.fromkeys(sample) if "\u4e00" <= c <= "\u9fff")
    common = sum(b"\xb0" <= c.encode("gb18030")[:1] <= b"\xd7" and c.encode("gb18030")[1:] >= b"\xa1" for c in han)
    return private > wide * 0.03 or common < len(han) * 0.25
