"""The file of the records: private, durable, copied whole, and refused when it is damaged."""

import os
import random
import stat
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, Clock, child, do, ended, fill, fresh, with_

from qa.model import Refusal
from qa.records import Records
from qa.records.views import READABLE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


def test_the_file_belongs_to_its_owner_alone_and_is_written_through(file: Path) -> None:
    records = Records.open(f"sqlite:///{file}")
    records.see("u1", "look")
    assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}
    with records._database.connect() as raw:
        pragmas = [raw.exec_driver_sql(f"pragma {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert pragmas == ["wal", 2]
        assert raw.exec_driver_sql("pragma foreign_keys").scalar() == 1
    records.close()
    assert list(file.parent.iterdir()) == [file]


def test_a_backup_opens_and_is_equal(file: Path) -> None:
    records = Records.open(f"sqlite:///{file}", Clock())
    fill(records)
    copy = file.with_name("copy.db")
    copy.write_text("an older backup")
    records.backup(copy)
    records.see("u1", "after")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert {path.name for path in file.parent.glob("*copy*")} == {"copy.db"}
    opened = Records.open(f"sqlite:///{copy}")
    assert opened.version() == records.version() - 1
    for name in READABLE:
        limit = 1 if name == "audit" else None
        assert opened.read(name) == records.read(name, limit=limit)
    with pytest.raises(Refusal, match="take the place"):
        records.backup(file)
    with pytest.raises(Refusal, match="cannot be written there"):
        records.backup(file.parent / "nowhere" / "copy.db")
    opened.close()
    records.close()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_postgresql_database_is_copied_by_its_own_tools(kind: str, tmp_path: Path) -> None:
    with fresh(kind, tmp_path) as url:
        records = Records.open(url)
        with pytest.raises(Refusal, match="pg_dump"):
            records.backup(tmp_path / "copy.db")
        records.close()


def _filled(file: Path) -> bytes:
    records = Records.open(f"sqlite:///{file}")
    do(records, "draft", *(with_("draft", body={"text": "话" * 900}) for _ in range(100)))
    records.close()
    return file.read_bytes()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda whole: b"", "is empty"),
        (lambda whole: whole[: len(whole) // 2], "damaged"),
        (lambda whole: whole[:8192] + random.Random(7).randbytes(8192) + whole[16384:], "damaged"),
        (lambda whole: b"conversation_id,text\n" * 400, "damaged"),
        (lambda whole: b"QA" + whole[2:], "damaged"),
    ],
)
def test_a_damaged_file_is_refused_with_the_way_back_and_left_alone(file: Path, damage: Any, said: str) -> None:
    spoiled = damage(_filled(file))
    file.write_bytes(spoiled)
    with pytest.raises(Refusal, match=f"{said}.*restore the workspace") as caught:
        Records.open(f"sqlite:///{file}")
    assert caught.value.place == str(file)
    assert file.read_bytes() == spoiled


def test_a_file_that_breaks_while_it_is_open_is_not_written_any_more(file: Path) -> None:
    _filled(file)
    records = Records.open(f"sqlite:///{file}")
    records._database.dispose()  # forget the pages that were read
    ended(child("import sys; f = open(sys.argv[1], 'r+b'); f.seek(8192); f.write(bytes(200_000))", str(file)))
    with pytest.raises(Refusal, match="damaged"):
        records.read("draft")
    with pytest.raises(Refusal, match="damaged"):
        records.see("u1", "look")
    records.close()


FULL_DISK = """
import resource, sys
from qa.model import Refusal
from qa.records import Records
records = Records.open(sys.argv[1])
records.see("u1", "before")
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for attempt in range(2):
    try:
        with records.act("u1", "too much") as act:
            act.append("draft", [{"user_id": "u", "conversation_id": str(i), "body": {"x": "y" * 5000}} for i in range(200)])
    except Refusal as refusal:
        print(refusal)
print(len(records.read("draft")), records.version())
"""


def test_a_disk_that_takes_no_more_loses_the_act_and_nothing_else(file: Path) -> None:
    first, second, left = ended(child(FULL_DISK, f"sqlite:///{file}")).splitlines()
    assert first.startswith(f"{file}: The disk") and "Nothing was stored" in first
    assert second == first
    assert left == "0 1"
    records = Records.open(f"sqlite:///{file}")
    assert (records.read("draft"), records.version(), records.chain_faults()) == ([], 1, [])
    records.close()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be written there"):
        Records.open(f"sqlite:///{tmp_path / 'nowhere' / 'records.db'}")
    with pytest.raises(Refusal, match=r"cannot be (written|reached)"):
        Records.open(f"sqlite:///{tmp_path}")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_of_somebody_else_is_refused(file: Path) -> None:
    Records.open(f"sqlite:///{file}").close()
    for folder in (file.parent, *file.parent.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        with pytest.raises(Refusal, match="cannot be written there"):
            Records.open(f"sqlite:///{file}")
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("url", ["records.db", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Refusal, match="is not an address of records"):
        Records.open(url)


def test_a_server_that_is_away_is_refused_without_its_password() -> None:
    with pytest.raises(Refusal, match="cannot be reached") as caught:
        Records.open("postgresql+psycopg://qa:secret@127.0.0.1:9/qa")
    assert "secret" not in str(caught.value)
