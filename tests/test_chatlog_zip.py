"""ZIP files: their exports are read as files of their own, and nothing that could hurt is unpacked."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from chat_files import as_csv, as_lines, as_workbook, message

from qa import chatlog, pipeline
from qa.chatlog import archive
from qa.model import Refusal
from qa.workspace import OWNER, Workspace

Members = list[tuple[str, bytes]]
LOG = as_csv([message(1), message(2)]).encode()


def packed(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, data in members:
            package.writestr(name, data)
    return out.getvalue()


def unpack(folder: Path, data: bytes) -> list[tuple[str, bytes]]:
    path, target = folder / "logs.zip", folder / "out"
    path.write_bytes(data)
    target.mkdir()
    assert chatlog.is_archive(path)
    return [(name, file.read_bytes()) for name, file in chatlog.unpack(path, target)]


def test_members_come_out_by_name_and_their_names_never_become_paths(tmp_path: Path) -> None:
    members = [("十月/b.csv", LOG), ("a.jsonl", b"{}"), ("空/", b""), ("__MACOSX/._a.jsonl", b"x"), (".DS_Store", b"x")]
    assert unpack(tmp_path, packed(members)) == [("a.jsonl", b"{}"), ("十月/b.csv", LOG)]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["000", "001"]


def test_names_of_a_chinese_system_are_read(tmp_path: Path) -> None:
    plain = packed([("xxxx.csv", LOG)])
    assert unpack(tmp_path, plain.replace(b"xxxx", "聊天".encode("gb18030")))[0][0] == "聊天.csv"


def test_a_workbook_is_no_archive_and_neither_is_text(tmp_path: Path) -> None:
    for data in (as_workbook([message()]), LOG, b"PK\x03\x04 cut", packed([("mimetype", b"x"), ("a", b"x")])):
        (tmp_path / "log").write_bytes(data)
        assert not chatlog.is_archive(tmp_path / "log")


def lying(data: bytes, size: int) -> bytes:
    """The same ZIP, declaring another unpacked size in its directory."""
    place = data.index(b"PK\x01\x02") + 24
    return data[:place] + struct.pack("<I", size) + data[place + 4 :]


def encrypted(data: bytes) -> bytes:
    place = data.index(b"PK\x01\x02") + 8
    return data[:place] + b"\x01" + data[place + 1 :]


def with_directory_of(data: bytes, size: int) -> bytes:
    return data[:-10] + struct.pack("<I", size) + data[-6:]


BAD = {
    "more than 200 files": packed([(f"{i}.csv", b"x") for i in range(201)]),
    "more than 200 MB": lying(packed([("a.csv", LOG)]), 300 << 20),
    "more than 100 times": packed([("a.csv", b"0" * 1_000_000)]),
    "protected by a password": encrypted(packed([("a.csv", LOG)])),
    "stands twice": packed([("a.csv", LOG), ("A.csv", LOG)]),
    "leads out": packed([("../a.csv", LOG)]),
    "leads out of": packed([("/etc/a.csv", LOG)]),
    "leads out of its": packed([("C:a.csv", LOG)]),
    "leads out of its folder": packed([("x\\..\\..\\a.csv", LOG)]),
    "cannot be shown": packed([("a\u202evsc.exe", LOG)]),
    "inside of the ZIP": packed([("a.zip", packed([("b.csv", LOG)]))]),
    "holds no file": packed([("空/", b"")]),
    "in a way that is not read": packed([("a.csv", LOG)], zipfile.ZIP_LZMA),
    "is damaged": packed([("a.csv", LOG)], zipfile.ZIP_STORED).replace(b"shop", b"shot", 1),
    "damaged": lying(packed([("a.csv", LOG)]), 20),
    "more than 200": with_directory_of(packed([("a.csv", LOG)]), 2 << 20),
}


@pytest.mark.parametrize("why", BAD)
def test_a_zip_that_could_hurt_or_is_not_whole_is_refused(tmp_path: Path, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refusal:
        unpack(tmp_path, BAD[why])
    assert refusal.value.place.startswith("logs.zip")
    assert refusal.value.remedy


def test_bytes_are_counted_while_they_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_members", lambda package, place: {"a": package.infolist()[0]})
    monkeypatch.setattr(archive, "SIZE", 10)
    with pytest.raises(Refusal, match="unpacks to more"):
        unpack(tmp_path, packed([("a.csv", LOG)]))


def test_each_member_is_imported_as_a_file_of_its_own(ws: Workspace, tmp_path: Path) -> None:
    other = as_lines([message(3, conversation_id="k2"), message(4, conversation_id="k2", sent_at="gestern")]).encode()
    path = tmp_path / "logs.zip"
    path.write_bytes(packed([("a.csv", LOG), ("b/c.jsonl", other), ("d.txt", b"\xff\xff\xff"), ("e.csv", LOG)]))
    files = pipeline.import_logs(ws, OWNER, [path]).files
    assert [file.file for file in files] == [f"logs.zip!{name}" for name in ("a.csv", "b/c.jsonl", "d.txt", "e.csv")]
    assert [(f.rows_in, f.accepted, f.duplicate, f.rejected) for f in files] == [
        (2, 2, 0, 0), (2, 1, 0, 1), (0, 0, 0, 0), (2, 0, 2, 0),
    ]  # fmt: skip
    assert files[2].refused is not None
    assert files[2].refused.place == "logs.zip!d.txt"
    assert files[3].already_loaded
    again = pipeline.import_logs(ws, OWNER, [path])
    assert (again.total("accepted"), again.total("duplicate")) == (0, 5)


def test_a_zip_that_is_refused_stores_nothing_and_the_others_go_on(ws: Workspace, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.zip", tmp_path / "good.csv"
    bad.write_bytes(packed([("a.csv", LOG), ("../b.csv", LOG)]))
    good.write_bytes(LOG)
    files = pipeline.import_logs(ws, OWNER, [bad, good]).files
    assert [(file.file, file.accepted, file.refused is None) for file in files] == [
        ("bad.zip", 0, False),
        ("good.csv", 2, True),
    ]
