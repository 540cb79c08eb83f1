"""Chat logs: any writing of the same messages reads the same, no row is lost, and a strange file gets a plain no."""

import csv
import io
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from chat_files import ROOT, Row, as_conversations, as_csv, as_lines, as_workbook, message, read, read_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.chatlog import Reading
from qa.chatlog.delimited import cut
from qa.model import Refusal

BAD = ROOT / "tests" / "bad_logs"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((BAD / "expected.toml").read_text(encoding="utf-8"))


# ---------------------------------------------------------------- the folder of bad files


@pytest.mark.parametrize("name", EXPECTED)
def test_each_bad_file_ends_in_its_expected_verdict(name: str) -> None:
    expected = EXPECTED[name]
    if "refused" in expected:
        with pytest.raises(Refusal) as refusal:
            read(BAD / name)
        assert re.search(expected["refused"], str(refusal.value))
        assert refusal.value.place == name
        assert refusal.value.remedy
        return
    reading = read(BAD / name)
    counts = {"rows_in": reading.rows_in, "accepted": reading.messages.height, "duplicates": reading.duplicates}
    assert counts == {count: expected[count] for count in counts}
    assert [(r.row, r.column) for r in reading.rejects] == [(row, column) for row, column, _ in expected["rejects"]]
    for reject, (_, _, reason) in zip(reading.rejects, expected["rejects"], strict=True):
        assert reason in reject.reason


def test_each_file_of_the_folder_has_a_verdict() -> None:
    assert {p.name for p in BAD.iterdir()} - {"expected.toml", ".gitattributes"} == set(EXPECTED)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, why in ((tmp_path, "not a file"), (tmp_path / "pipe", "not a file"), (tmp_path / "none", "No such file")):
        with pytest.raises(Refusal, match=why):
            read(path)


def test_a_text_or_an_unknown_zone_that_is_too_much_is_refused(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, as_csv([message(1), message(2, text="好" * 20_001)]))
    assert [r.column for r in reading.rejects] == ["text"]
    with pytest.raises(Refusal, match="Mars/Olympus"):
        read_bytes(tmp_path, as_csv([message()]), zone="Mars/Olympus")


# ---------------------------------------------------------------- the same messages in any form


names = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=6)
said = st.text(st.sampled_from([*"好的吗？,;|\"' \t\n1a", "😀", "㐀", "，"]), min_size=1, max_size=12).filter(str.strip)
tables = st.lists(
    st.builds(
        lambda c, n, second, who, agent, text: message(
            conversation_id=f"k{c}", shop=f"店{c}", customer=f"客{c}", message_id=f"m{n}", speaker=who,
            sent_at=f"2026-10-01 10:{second // 60:02}:{second % 60:02}", agent=agent if who == "agent" else None, text=text,
        ),
        st.integers(0, 3), st.integers(0, 10**6), st.integers(0, 3599), st.sampled_from(["customer", "agent", "bot", "system"]), names, said,
    ),
    min_size=1, max_size=12, unique_by=lambda row: row["message_id"],
)  # fmt: skip
quiet = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def content(reading: Reading) -> list[tuple[Any, ...]]:
    return reading.messages.drop("row").sort("conversation_id", "sent_at", "message_id").rows()


@quiet
@given(tables, st.data())
def test_the_same_messages_read_the_same_from_every_form(tmp_path: Path, rows: list[Row], data: st.DataObject) -> None:
    delimiter = data.draw(st.sampled_from(",;\t|"))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
    quoting = csv.QUOTE_ALL if end == "\r" else quoting  # the writer would not quote a line feed then
    table = as_csv(rows, delimiter, quoting, end)
    from_table = read_bytes(tmp_path, table.encode(encoding))
    assert (from_table.messages.height, from_table.form) == (len(rows), "delimited")
    assert content(from_table) == content(read_bytes(tmp_path, as_lines(rows)))
    assert content(from_table) == content(read_bytes(tmp_path, as_conversations(rows)))
    assert content(from_table) == content(read_bytes(tmp_path, json.dumps(rows, indent=data.draw(st.integers(0, 2)))))
    if data.draw(st.booleans()):
        assert content(from_table) == content(read_bytes(tmp_path, as_workbook(rows)))


def without_the_last_cell(line: str) -> str:
    cells = next(csv.reader(io.StringIO(line, newline="")))[:-1]
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


@quiet
@given(tables, st.data())
def test_broken_rows_are_rejected_and_counted_and_the_others_come_through(
    tmp_path: Path, rows: list[Row], data: st.DataObject
) -> None:
    lines = as_csv(rows, quoting=csv.QUOTE_ALL, end="\0").split("\0")[:-1]
    broken = data.draw(st.sets(st.integers(1, len(rows))))
    breaks = [
        lambda line: line + ',"more"',
        without_the_last_cell,
        lambda line: line.replace("2026-10-01", "gestern", 1),
        lambda line: re.sub(r'"(customer|agent|bot|system)"', '"nobody"', line, count=1),
    ]
    for place in broken:
        lines[place] = data.draw(st.sampled_from(breaks))(lines[place])
    try:
        reading = read_bytes(tmp_path, "\n".join(lines) + "\n")
    except Refusal:
        assert len(broken) == len(rows) or any("\n" in row["text"] for row in rows)
        return
    assert reading.rows_in == len(rows)
    assert {reject.row for reject in reading.rejects} == broken
    kept = {row["message_id"] for place, row in enumerate(rows, 1) if place not in broken}
    assert set(reading.messages["message_id"]) == kept


@quiet
@given(tables, st.binary(max_size=4), st.data())
def test_bytes_that_are_damaged_anywhere_never_end_in_a_traceback(
    tmp_path: Path, rows: list[Row], noise: bytes, data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from([as_csv, as_lines, as_conversations, as_workbook, json.dumps]))
    made = form(rows)
    whole = made if isinstance(made, bytes) else made.encode()
    start, length = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 20))
    try:
        read_bytes(tmp_path, whole[:start] + noise + whole[start + length :])
    except Refusal as refusal:
        assert refusal.remedy


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('a,"\n\r好')))
def test_the_fast_cutter_agrees_with_the_csv_module_wherever_it_takes_a_text(text: str) -> None:
    records = cut(text.encode(), ",")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        assert records is None
        return
    if records is not None:
        assert [records.record(i) for i in range(len(records.widths))] == [row or [""] for row in rows]
