"""ZIP of exports -> files in a folder, within limits that are checked before and counted while inflating."""

import os
import re
import zipfile
from pathlib import Path
from typing import BinaryIO

from qa.chatlog.mask import blank
from qa.chatlog.workbook import BROKEN
from qa.model import N_, Refusal

ENTRIES, SIZE, RATIO = 200, 200 << 20, 100
"""At most this many members, bytes of all together, and bytes out of one packed byte."""
DIRECTORY = 1 << 20
"""Bytes of the list of members; it is read whole before its members can be counted."""
CHUNK = 1 << 20
SIGNS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
UTF8, ENCRYPTED = 0x800, 0x1
DRIVE = re.compile("[A-Za-z]:")
OFFICE = {"[Content_Types].xml", "mimetype", "xl/workbook.xml"}
"""Members that make a document of a ZIP: a workbook, a text, a drawing."""


def is_archive(path: Path) -> bool:
    """True for a ZIP that is no office document, by its content. False for what cannot be opened at all."""
    try:
        with path.open("rb") as file:
            if file.read(4) not in SIGNS:
                return False
            if _directory(file) > DIRECTORY:
                return True
            with zipfile.ZipFile(file) as package:
                return not OFFICE & set(package.namelist())
    except BROKEN:
        return False


def unpack(path: Path, folder: Path) -> tuple[tuple[str, Path], ...]:
    """Name and unpacked file of each member, sorted by name; hidden ones (.name) and folders are left out.

    Files in `folder` are numbered: a member's name never becomes a path. Raises Refusal, before anything is
    inflated, for more than 200 members or 200 MiB, more than 100 bytes out of one, passwords, and names that stand
    twice or lead out of the folder; and afterwards for a ZIP inside of the ZIP and for sizes that were not true.
    """
    place = blank(path.name)
    try:
        with path.open("rb") as file:
            if _directory(file) > DIRECTORY:
                raise _too_many(place)
            with zipfile.ZipFile(file) as package:
                members = _members(package, place)
                return tuple(_inflated(package, members, folder, place))
    except BROKEN:
        raise Refusal(
            N_("The ZIP file is damaged."), N_("Pack the files again, or import them without a ZIP."), place=place
        ) from None


def _directory(file: BinaryIO) -> int:
    """Bytes of the list of members as the end of the file tells; huge where it is in the form for huge files."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 42))
    tail = file.read()
    file.seek(0)
    end = len(tail) - 22
    if end < 0 or not (tail.startswith(SIGNS[1], end) and tail.endswith(b"\0\0")):
        end = tail.rfind(SIGNS[1])
    if end < 0:
        raise zipfile.BadZipFile
    if tail.startswith(b"PK\x06\x07", max(0, end - 20)):
        return DIRECTORY + 1
    return int.from_bytes(tail[end + 12 : end + 16], "little")


def _members(package: zipfile.ZipFile, place: str) -> dict[str, zipfile.ZipInfo]:
    """The members by name, after a look at what all of them declare."""
    infos = [info for info in package.infolist() if not info.is_dir()]
    if len(infos) > ENTRIES:
        raise _too_many(place)
    if sum(info.file_size for info in infos) > SIZE:
        raise _too_large(place)
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = _name(info, place)
        where = f"{place}!{name}"
        if name.casefold() in {known.casefold() for known in members}:
            raise Refusal(
                N_("The name stands twice in the ZIP file."), N_("Give each file a name of its own."), place=where
            )
        if info.flag_bits & ENCRYPTED:
            raise Refusal(N_("The file is protected by a password."), N_("Save it without a password."), place=where)
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Refusal(
                N_("The ZIP file is packed in a way that is not read."), N_("Pack it with Deflate."), place=where
            )
        if info.file_size > RATIO * max(info.compress_size, 1):
            raise Refusal(
                N_("The file would unpack to more than {ratio} times its size."),
                N_("Import it without a ZIP, if it is an export."),
                place=where,
                ratio=RATIO,
            )
        members[name] = info
    seen = {name: info for name, info in members.items() if not name.rsplit("/", 1)[-1].startswith(".")}
    if not seen:
        raise Refusal(N_("The ZIP file holds no file."), N_("Pack the exports into it."), place=place)
    return dict(sorted(seen.items()))


def _name(info: zipfile.ZipInfo, place: str) -> str:
    """The member's name with "/", also where a Chinese system wrote it in GB18030 without saying so."""
    name = info.orig_filename
    if not info.flag_bits & UTF8:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    name = name.replace("\\", "/")
    if name.startswith("/") or DRIVE.match(name) or ".." in name.split("/") or not name.isprintable():
        raise Refusal(
            N_("The ZIP file holds a name that leads out of its folder or cannot be shown."),
            N_("Pack the files again, under plain names."),
            place=place,
        )
    return name


def _inflated(
    package: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], folder: Path, place: str
) -> list[tuple[str, Path]]:
    left, files = SIZE, []
    for number, (name, info) in enumerate(members.items()):
        target = folder / f"{number:03}"
        with package.open(info) as packed, target.open("xb") as out:
            while chunk := packed.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _too_large(place)
                out.write(chunk)
        if is_archive(target):
            raise Refusal(
                N_("A ZIP file stands inside of the ZIP file."),
                N_("Unpack it and pack the exports themselves."),
                place=f"{place}!{name}",
            )
        files.append((name, target))
    return files


def _too_many(place: str) -> Refusal:
    return Refusal(
        N_("The ZIP file holds more than {limit} files."), N_("Split it into several."), place=place, limit=ENTRIES
    )


def _too_large(place: str) -> Refusal:
    return Refusal(
        N_("The ZIP file unpacks to more than {limit} MB."),
        N_("Split it into several, or export fewer days at a time."),
        place=place,
        limit=SIZE >> 20,
    )
