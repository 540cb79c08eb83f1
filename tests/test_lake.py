"""The lake: parts are whole, named by what they hold, and never edited."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from qa.lake import Lake
from qa.model import MESSAGES, Refusal

DAY = date(2026, 10, 1)


def messages(*texts: str) -> pl.DataFrame:
    rows = [
        {
            "platform": "p",
            "shop": "s",
            "conversation_id": "c",
            "message_id": f"m{i}",
            "position": i,
            "sent_at": datetime(2026, 10, 1, tzinfo=UTC),
            "speaker": "agent",
            "account": "a",
            "text": text,
        }
        for i, text in enumerate(texts)
    ]
    return pl.DataFrame(rows, schema=MESSAGES)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    part = lake.write("messages", DAY, messages("您好", "再见"))
    assert lake.read("messages", [part]).equals(messages("您好", "再见"))
    assert part.rows == 2


def test_the_same_rows_have_the_same_name_and_other_rows_another(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first, again = (lake.write("messages", DAY, messages("您好")) for _ in range(2))
    assert first == again
    assert lake.write("messages", DAY, messages("您好呀")).name != first.name
    assert not list(tmp_path.rglob(".*"))


def test_no_parts_read_as_the_empty_frame_of_the_kind(tmp_path: Path) -> None:
    assert Lake(tmp_path).read("messages", []).schema == MESSAGES


def test_a_part_that_is_gone_is_refused_with_a_remedy(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    part = lake.write("messages", DAY, messages("您好"))
    (tmp_path / part.name).unlink()
    with pytest.raises(Refusal, match="missing"):
        lake.files([part])
    assert lake.faults([part]) == [f"lake/{part.name}: missing"]


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    part = lake.write("messages", DAY, messages("您好"))
    path = tmp_path / part.name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert lake.faults([part]) == [f"lake/{part.name}: changed since it was written"]


def test_a_folder_that_cannot_be_written_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "messages").write_text("a file where a folder must be")
    with pytest.raises(Refusal, match="could not be written"):
        Lake(tmp_path).write("messages", DAY, messages("您好"))


def test_sweeping_keeps_what_is_live(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    old, live = lake.write("messages", DAY, messages("一")), lake.write("messages", DAY, messages("二"))
    assert lake.sweep([live]) == 1
    assert lake.faults([live]) == []
    assert lake.faults([old]) != []
