"""Web pages and text files: what they show is read as words, and a talk without ids is cut by silence."""

import io
from html import escape
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from chat_files import as_csv, message, read_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.chatlog import Reading
from qa.model import Refusal

ROWS = [message(1, text="<b>好</b>\n&在"), message(2)]


def table(rows: list[dict[str, Any]], above: str = "", end: str = "</table>") -> str:
    lines = [rows[0].keys(), *(row.values() for row in rows)]
    cells = ["".join(f"<td>{escape(str(c or '')).replace(chr(10), '<br>')}</td>" for c in line) for line in lines]
    return f"<html><script>'<table>'</script>{above}<table>" + "".join(f"<tr>{c}</tr>\n" for c in cells) + end


def said(reading: Reading) -> list[tuple[Any, ...]]:
    return reading.messages.sort("row").select("speaker", "account", "text").rows()


def test_a_table_is_read_as_text_with_entities_and_line_breaks(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, table(ROWS).encode("gb18030"))
    assert (reading.form, reading.messages["text"].to_list()) == ("page", ["<b>好</b>\n&在", "第2句"])


def test_titles_and_other_tables_around_the_table_do_not_matter(tmp_path: Path) -> None:
    title = "<tr><td colspan=9>十月</td></tr>"
    page = table(ROWS).replace("<table><tr>", f"<table>{title}<tr>")
    assert read_bytes(tmp_path, f"<table><tr><td>菜单<td>{page}</td></tr></table>").rows_in == 2


def test_hostile_markup_is_words_or_nothing(tmp_path: Path) -> None:
    bad = table([message(1, text="x")]).replace(
        "<td>x</td>",
        "<td onclick='a()'><script>steal()</script><img src=x onerror=a()>在吗<iframe src=//x></iframe></td>",
    )
    assert read_bytes(tmp_path, bad).messages["text"].to_list() == ["在吗"]


def test_a_row_with_another_number_of_cells_is_rejected(tmp_path: Path) -> None:
    page = table([*ROWS, message(3)]).replace("<td>第2句</td>", "<td>第2句</td><td>x</td>")
    assert [reject.row for reject in read_bytes(tmp_path, page).rejects] == [2]


REFUSED = {
    "half written": table(ROWS, end=""),
    "without a table of chats": "<table><tr><td>a</td></tr></table>",
    "without a table": "<?xml version='1.0'?><a>在吗</a>",
    "header and no rows": table(ROWS[:1]).replace("第1句", "").split("</tr>", maxsplit=1)[0] + "</tr></table>",
    "is damaged": "<![x[<table>",
    "half written: it ends": "<p " * 40_000,
    "ends in the middle": "<!--" * 40_000,
    "“shopname”": "<p class=active_user_nickname>甲</p><p class=chatName>甲</p>",
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_page_that_is_not_sure_is_refused(tmp_path: Path, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refusal:
        read_bytes(tmp_path, REFUSED[why])
    assert refusal.value.place == "log"


TALK = [
    ("2026-10-01", "10:00:00", "甲", "在吗"),
    ("", "10:00:05", "一店:小美", "在的&lt;亲&gt;"),
    ("", "10:40:00", "甲", ""),
]


def saved(*more: str) -> str:
    blocks = [
        (f"<div class=groupTime>{day}</div>" if day else "")
        + f"<div><img src=face><span class='chatTime x'>{time}</span><span class=chatName>{name}</span>"
        + (f"<div class=chatTextLeft>{text}</div></div>" if text else "<img src=picture></div>")
        for day, time, name, text in TALK
    ]
    head = "<div class=shopname>一店</div><div class=active_user_nickname>甲</div>"
    return f"<html><title>x</title>{head}{''.join(blocks)}{''.join(more)}</html>"


def test_a_saved_talk_is_read_and_cut_by_half_an_hour_of_silence(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, saved())
    assert said(reading) == [("customer", None, "在吗"), ("agent", "一店:小美", "在的<亲>"), ("customer", None, "")]
    assert reading.conversations.height == 2
    assert set(reading.conversations["shop"]) == {"一店"}
    assert not any("甲" in name for name in reading.conversations["conversation_id"])


def test_a_block_of_a_saved_talk_without_words_name_or_time_is_rejected(tmp_path: Path) -> None:
    odd = "<div class=groupTime>2026-10-02</div><b class=chatTime>10:00:00</b><b class=chatName>甲</b><b class=chatTextLeft> </b>"
    odd += "<b class=chatTime>10:00:00</b><b class=chatTextLeft>谁</b><b class=chatName>甲</b><b class=chatTextLeft>何时</b>"
    reading = read_bytes(tmp_path, saved(odd))
    assert (reading.rows_in, len(reading.rejects)) == (6, 3)


TXT = """消息记录
================

2026-10-01 10:00:00 买家甲(tb_01)
在吗
还有货吗, 急

2026-10-01 10:00:05 一店:小美
在的
2026-10-01 10:31:00 买家甲(tb_01)
好
"""


def test_a_text_file_is_cut_at_its_lines_with_time_and_name(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, TXT)
    assert reading.form == "transcript"
    assert said(reading) == [
        ("customer", None, "在吗\n还有货吗, 急"),
        ("agent", "一店:小美", "在的"),
        ("customer", None, "好"),
    ]
    assert (reading.conversations.height, set(reading.messages["row"])) == (2, {4, 8, 10})


def test_the_name_may_stand_before_the_time(tmp_path: Path) -> None:
    turned = TXT.replace("2026-10-01 10:00:00 买家甲(tb_01)", "买家甲(tb_01) 2026-10-01 10:00:00")
    turned = turned.replace("2026-10-01 10:00:05 一店:小美", "一店:小美  2026/10/1 10:00:05")
    turned = turned.replace("2026-10-01 10:31:00 买家甲(tb_01)", "买家甲(tb_01) 2026-10-01 10:31:00")
    assert said(read_bytes(tmp_path, turned.encode("utf-16"))) == said(read_bytes(tmp_path, TXT))


def test_the_mapping_says_who_the_agent_is_where_no_name_does(tmp_path: Path) -> None:
    plain = TXT.replace("一店:小美", "小美(10001)")
    with pytest.raises(Refusal, match="who the agent is"):
        read_bytes(tmp_path, plain)
    reading = read_bytes(tmp_path, plain, mapping={"agent": "小美", "shop": "一店"})
    assert said(reading)[1] == ("agent", "小美", "在的")
    assert set(reading.conversations["shop"]) == {"一店"}


def test_a_text_file_is_never_guessed(tmp_path: Path) -> None:
    for text, why in (
        (TXT + "2026-10-01 10:32:00 买家乙\n在吗\n", "More than one customer"),
        (TXT + "2026-10-01 10:32:00 二店:小李\n在吗\n", "More than one shop"),
        ("2026-10-01 10:00:00,一店,k1,在吗\n", "line of column names"),
    ):
        with pytest.raises(Refusal, match=why):
            read_bytes(tmp_path, text)
    odd = read_bytes(tmp_path, TXT + "2026-13-01 10:32:00 买家甲(tb_01)\n在吗\n2026-10-01 10:33:00 买家甲(tb_01)\n\n")
    assert [(r.row, r.column) for r in odd.rejects] == [(12, "sent_at"), (14, "text")]


def test_the_system_and_the_bot_are_neither_customer_nor_agent(tmp_path: Path) -> None:
    reading = read_bytes(
        tmp_path, TXT + "2026-10-01 10:32:00 系统消息(10000)\n已转接\n2026-10-01 10:32:01 智能客服\n您好\n"
    )
    assert [speaker for speaker, _, _ in said(reading)][3:] == ["system", "bot"]


def titled_workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([["十月"], [], list(ROWS[0]), *(list(row.values()) for row in ROWS)]):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write_string(place, column, value)
    return out.getvalue()


def test_title_rows_above_the_header_are_found_and_named(tmp_path: Path) -> None:
    rows = as_csv(ROWS)
    for delimiter in ",\t":
        titled = f"十月聊天记录\n\n导出时间：{delimiter}2026-11-01\n" + as_csv(ROWS, delimiter)
        reading = read_bytes(tmp_path, titled)
        assert reading.above == ("十月聊天记录", "导出时间： 2026-11-01")
        assert reading.messages.equals(read_bytes(tmp_path, rows).messages)
    assert read_bytes(tmp_path, rows).above == ()
    assert read_bytes(tmp_path, "导出时间 2026-11-01 10:00:00\n" + rows).above == ("导出时间 2026-11-01 10:00:00",)
    assert read_bytes(tmp_path, table(ROWS).replace("<table><tr>", "<table><tr><td>十月</td></tr><tr>")).above == (
        "十月",
    )
    assert read_bytes(tmp_path, titled_workbook()).above == ("十月",)
    assert read_bytes(tmp_path, titled_workbook()).messages.equals(read_bytes(tmp_path, rows).messages)


def test_messages_or_more_than_ten_rows_above_the_header_are_no_title(tmp_path: Path) -> None:
    lines = as_csv(ROWS[1:]).splitlines(keepends=True)
    for text in (lines[1] + lines[0] + lines[1], "title\n" * 11 + "".join(lines)):
        with pytest.raises(Refusal, match="line of column names"):
            read_bytes(tmp_path, text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_anywhere_never_ends_in_a_traceback(tmp_path: Path, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([table(ROWS), saved(), TXT])).encode()
    start, length = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 20))
    noise = data.draw(
        st.one_of(st.binary(max_size=4), st.sampled_from([b"<!", b"<![", b"</", b"&#x", b"<table>", b"&#0;"]))
    )
    try:
        read_bytes(tmp_path, whole[:start] + noise + whole[start + length :])
    except Refusal as refusal:
        assert refusal.remedy
