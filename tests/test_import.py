"""Import: nothing is lost, nothing is stored twice, and a file is stored whole or not at all."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa import pipeline
from qa.model import Refusal
from qa.workspace import OWNER, Workspace

Row = dict[str, Any]


def line(conversation: str, second: int, text: str, speaker: str = "customer", **more: Any) -> Row:
    return {
        "platform": "kuaishou",
        "shop": "一店",
        "conversation_id": conversation,
        "message_id": f"{conversation}-{second}",
        "sent_at": f"2026-10-01T10:00:{second:02}+08:00",
        "speaker": speaker,
        "agent": "一店:小美" if speaker == "agent" else None,
        "customer": "买家",
        "text": text,
        **more,
    }


def write(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def load(ws: Workspace, path: Path) -> pipeline.FileResult:
    [file] = pipeline.import_logs(ws, OWNER, [path]).files
    assert file.rows_in == file.accepted + file.duplicate + file.rejected
    return file


def lake(ws: Workspace) -> pl.DataFrame:
    return ws.lake.read("messages", ws.parts("messages")).sort("conversation_id", "position")


TALK = [line("a", 0, "在吗"), line("a", 5, "在的", "agent"), line("b", 0, "你好"), line("b", 9, "您好", "agent")]


def test_the_same_file_twice_adds_nothing(ws: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", TALK)
    assert load(ws, path).accepted == 4
    again = load(ws, path)
    assert (again.accepted, again.duplicate, again.already_loaded) == (0, 4, True)
    assert lake(ws).height == 4


def test_the_same_rows_in_another_file_are_duplicates(ws: Workspace, tmp_path: Path) -> None:
    load(ws, write(tmp_path / "one.jsonl", TALK))
    again = load(ws, write(tmp_path / "two.jsonl", TALK[::-1]))
    assert (again.accepted, again.duplicate) == (0, 4)


def test_an_overlapping_file_adds_only_what_is_new(ws: Workspace, tmp_path: Path) -> None:
    load(ws, write(tmp_path / "one.jsonl", TALK[:3]))
    more = load(ws, write(tmp_path / "two.jsonl", [*TALK[1:], line("c", 0, "有货吗")]))
    assert (more.accepted, more.duplicate) == (2, 2)
    assert lake(ws)["conversation_id"].to_list() == ["a", "a", "b", "b", "c"]
    assert lake(ws)["position"].to_list() == [0, 1, 0, 1, 0]


def test_a_message_with_other_words_than_stored_is_rejected_and_the_first_stays(ws: Workspace, tmp_path: Path) -> None:
    load(ws, write(tmp_path / "one.jsonl", TALK))
    other = load(ws, write(tmp_path / "two.jsonl", [{**TALK[0], "text": "换了一句"}]))
    assert other.rejected == 1
    assert other.rejects_file is not None
    assert "other words" in Path(other.rejects_file).read_text(encoding="utf-8-sig")
    assert "在吗" in lake(ws)["text"].to_list()


def test_a_conversation_id_of_another_shop_is_rejected(ws: Workspace, tmp_path: Path) -> None:
    load(ws, write(tmp_path / "one.jsonl", TALK))
    other = load(ws, write(tmp_path / "two.jsonl", [{**TALK[0], "shop": "二店", "message_id": "x"}]))
    assert (other.accepted, other.rejected) == (0, 1)


def test_a_conversation_that_grows_over_midnight_moves_to_the_day_it_ended(ws: Workspace, tmp_path: Path) -> None:
    load(ws, write(tmp_path / "one.jsonl", [{**TALK[0], "sent_at": "2026-10-01T23:59:00+08:00"}, *TALK[2:]]))
    load(ws, write(tmp_path / "two.jsonl", [{**TALK[1], "sent_at": "2026-10-02T00:01:00+08:00"}]))
    days = {
        p.day.isoformat(): ws.lake.read("messages", [p])["conversation_id"].unique().sort().to_list()
        for p in ws.parts("messages")
    }
    assert days == {"2026-10-01": ["b"], "2026-10-02": ["a"]}


def test_a_rating_that_comes_later_fills_the_conversation(ws: Workspace, tmp_path: Path) -> None:
    load(ws, write(tmp_path / "one.jsonl", TALK))
    load(ws, write(tmp_path / "two.jsonl", [{**TALK[1], "rating": "不满意"}]))
    rows = ws.lake.read("conversations", ws.parts("conversations"))
    assert dict(rows.select("conversation_id", "rating").iter_rows()) == {"a": "disappointed", "b": None}


def test_a_file_that_cannot_be_read_stores_nothing_and_the_others_go_on(ws: Workspace, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"\xff\xff\xff not a chat log")
    good = write(tmp_path / "good.jsonl", TALK)
    files = pipeline.import_logs(ws, OWNER, [bad, good]).files
    assert files[0].refused is not None
    assert "bad.jsonl" in str(files[0].refused)
    assert files[1].accepted == 4


def test_a_missing_file_is_refused(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no such file"):
        pipeline.import_logs(ws, OWNER, [tmp_path / "none.csv"])


def test_an_unknown_account_becomes_an_agent_of_its_own_until_a_roster_names_it(ws: Workspace, tmp_path: Path) -> None:
    result = pipeline.import_logs(ws, OWNER, [write(tmp_path / "log.jsonl", TALK)])
    assert result.new_accounts == ("一店:小美",)
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "agent_id,name,team,platform,shop,account,valid_from,valid_to\nA1,梅小美,一组,kuaishou,一店,一店:小美,2026-01-01,\n",
        encoding="utf-8",
    )
    assert pipeline.import_roster(ws, OWNER, roster) == 1
    held = [r for r in ws.records.read("account_now") if r["valid_to"] != r["valid_from"]]
    assert [(r["agent_id"], r["valid_from"]) for r in held] == [("A1", "2026-01-01")]


messages = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 59), st.sampled_from(["customer", "agent"])),
    min_size=1,
    max_size=12,
    unique_by=lambda m: (m[0], m[1]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages, st.data())
def test_any_split_and_order_of_the_same_messages_gives_the_same_lake(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    rows = [line(c, s, f"话{s}", who) for c, s, who in said]
    folder = tmp_path_factory.mktemp("split")
    whole = Workspace.create(folder / "whole", key=b"k" * 32)
    split = Workspace.create(folder / "split", key=b"k" * 32)
    load(whole, write(folder / "whole.jsonl", rows))
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(1, len(rows)))
    overlap = data.draw(st.integers(0, cut))
    load(split, write(folder / "first.jsonl", shuffled[:cut]))
    if shuffled[cut - overlap :]:
        load(split, write(folder / "second.jsonl", shuffled[cut - overlap :]))
    assert lake(whole).equals(lake(split))
    whole.records.close()
    split.records.close()
