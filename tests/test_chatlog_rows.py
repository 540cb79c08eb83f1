"""Chat logs: what a row says becomes typed, keyed and free of personal data."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from chat_files import NOW, ROOT, as_csv, as_lines, message, read, read_bytes
from hypothesis import given
from hypothesis import strategies as st

from qa import chatlog
from qa.chatlog import text_hash
from qa.chatlog.keys import hexadecimal
from qa.model import CONVERSATIONS, MESSAGES, Refusal

REAL = ROOT.parent / "shared" / "data"


# ---------------------------------------------------------------- what a row says


TIMES = {
    "2026-10-01 10:00:00": "2026-10-01T02:00:00", "2026/10/1 10:00": "2026-10-01T02:00:00", "2026-10-01T10:00:00.5": "2026-10-01T02:00:00.500",
    "2026-10-01T10:00:00Z": "2026-10-01T10:00:00", "2026-10-01T10:00:00-05:00": "2026-10-01T15:00:00", "2026-10-01 10:00:00+0800": "2026-10-01T02:00:00",
    "1790820000": "2026-10-01T02:00:00", "1790820000123": "2026-10-01T02:00:00.123", "2026年10月1日 10:00:00": "2026-10-01T02:00:00",
}  # fmt: skip


@pytest.mark.parametrize(("written", "instant"), TIMES.items())
def test_times_are_read_in_the_zone_of_the_import_unless_they_bring_one(
    tmp_path: Path, written: str, instant: str
) -> None:
    reading = read_bytes(tmp_path, as_csv([message(sent_at=written)]))
    assert reading.messages["sent_at"][0] == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_an_hour_that_the_zone_skips_is_rejected_and_one_it_has_twice_is_the_first(tmp_path: Path) -> None:
    rows = [message(1, sent_at="2026-03-29 02:30:00"), message(2, sent_at="2026-10-25 02:30:00")]
    reading = read_bytes(tmp_path, as_csv(rows), zone="Europe/Berlin")
    assert [r.row for r in reading.rejects] == [1]
    assert reading.messages["sent_at"].to_list() == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_accounts_belong_to_agents_and_bots_only_and_a_bots_account_makes_a_bot(tmp_path: Path) -> None:
    rows = [
        message(1, speaker="买家", agent="小美"), message(2, speaker="客服", agent="小美"), message(3, speaker="系统", agent="小美"),
        message(4, speaker="机器人", agent="小助"), message(5, speaker="客服", agent="客服助手"), message(6, speaker="客服", agent=None),
    ]  # fmt: skip
    seen = read_bytes(tmp_path, as_csv(rows)).messages
    assert seen["speaker"].to_list() == ["customer", "agent", "system", "bot", "bot", "agent"]
    assert seen["account"].to_list() == [None, "小美", None, "小助", "客服助手", None]


def test_a_message_s_own_agent_goes_before_the_conversation_s(tmp_path: Path) -> None:
    said = [
        {"sent_at": f"2026-10-01 10:00:0{i}", "speaker": "agent", "text": f"话{i}", "agent": a}
        for i, a in enumerate([None, "小李"])
    ]
    line = {"conversation_id": "k", "shop": "一店", "agent": "小美", "customer": "甲", "messages": said}
    assert read_bytes(tmp_path, as_lines([line])).messages["account"].to_list() == ["小美", "小李"]


def test_messages_are_sorted_by_time_and_then_as_they_stand(tmp_path: Path) -> None:
    rows = [
        message(1, sent_at="2026-10-01 10:00:09"),
        message(2, sent_at="2026-10-01 10:00:01"),
        message(3, sent_at="2026-10-01 10:00:01"),
    ]
    assert read_bytes(tmp_path, as_csv(rows)).messages["message_id"].to_list() == ["m2", "m3", "m1"]
    talk = [
        {"seq": 2, "sent_at": "2026-10-01 10:00:00", "speaker": "agent", "text": "二"},
        {"seq": 1, "sent_at": "2026-10-01 10:00:00", "speaker": "customer", "text": "一"},
    ]
    line = {"conversation_id": "k", "shop": "一店", "messages": talk}
    assert read_bytes(tmp_path, as_lines([line])).messages["text"].to_list() == ["一", "二"]


def test_platform_is_the_source_s_where_the_file_does_not_say(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, as_csv([message()])).messages["platform"].to_list() == ["other"]
    assert read_bytes(tmp_path, as_csv([message(platform="jd")])).messages["platform"].to_list() == ["jd"]


def test_a_picture_without_words_is_kept_and_a_text_without_words_is_not(tmp_path: Path) -> None:
    reading = read_bytes(
        tmp_path, as_csv([message(1, type="图片", text=""), message(2, type="文本", text=""), message(3, type="文本")])
    )
    assert reading.messages["text"].to_list() == ["", "第3句"]
    assert [r.row for r in reading.rejects] == [2]


def test_ratings_and_orders_are_the_last_word_of_the_file(tmp_path: Path) -> None:
    rows = [
        message(1, rating="失望", rating_reason="回复慢、服务态度差", rating_comment="打13800138000没人接", order_id="20261001123456", paid_amount="￥1,234.5", ordered_at="2026-10-01 09:00:00"),
        message(2, rating="", rating_reason="", rating_comment="", order_id="", paid_amount="", ordered_at=""),
        message(3, rating="一般"), message(4, conversation_id="k2", rating="好评", rating_reason="很耐心"),
    ]  # fmt: skip
    said = read_bytes(tmp_path, as_csv(rows)).conversations
    assert said["rating"].to_list() == ["neutral", "satisfied"]
    assert said["rating_reason"].to_list() == ["attitude", "很耐心"]
    assert re.fullmatch(r"打\[手机号·[0-9a-f]{4}\]没人接", said["rating_comment"][0])
    assert re.fullmatch(r"o-[0-9a-f]{12}", said["order_id"][0])
    assert said["paid_amount"].to_list() == [Decimal("1234.50"), None]
    assert said["ordered_at"][0] == datetime(2026, 10, 1, 1, tzinfo=UTC)
    line = {
        "conversation_id": "k1",
        "shop": "一店",
        "customer": "甲",
        "messages": [{k: message()[k] for k in ("sent_at", "speaker", "text")}],
    }
    line |= {
        "rating": {"value": "disappointed", "reason": ["attitude"], "source": "customer", "comment": "差"},
        "order": {"order_id": 7, "paid_amount": 0.1},
    }
    said = read_bytes(tmp_path, as_lines([line])).conversations
    told = said.select("rating", "rating_reason", "rating_source", "rating_comment", "paid_amount").row(0)
    assert told == ("disappointed", "attitude", "customer", "差", Decimal("0.10"))


def test_customers_and_orders_become_tokens_of_this_workspace(tmp_path: Path) -> None:
    rows = [
        message(1, order_id="A1"),
        message(2, conversation_id="k2"),
        message(3, conversation_id="k3", customer="乙"),
    ]
    one = read_bytes(tmp_path, as_csv(rows))
    tokens = dict(one.messages.select("conversation_id", "customer").iter_rows())
    assert tokens["k1"] == tokens["k2"] != tokens["k3"]
    assert re.fullmatch(r"c-[0-9a-f]{12}", tokens["k1"])
    other = read_bytes(tmp_path, as_csv(rows), key=b"another key")
    assert not set(other.messages["customer"]) & set(one.messages["customer"])


def test_columns_that_are_not_read_are_named_and_a_mapping_names_others(tmp_path: Path) -> None:
    table = as_csv([message(商品="外套")]).replace("text", "说了啥")
    assert read_bytes(tmp_path, table, mapping={"text": "说了啥"}).left_out == ("商品",)
    with pytest.raises(Refusal, match="missing: “text”"):
        read_bytes(tmp_path, table)
    with pytest.raises(Refusal, match="missing: “text”"):
        read_bytes(tmp_path, as_csv([message()]), mapping={"text": "nothing such"})
    with pytest.raises(Refusal, match="“words”, which is none of our columns"):
        read_bytes(tmp_path, table, mapping={"words": "text"})


def test_a_file_of_which_no_row_is_accepted_gives_empty_frames_and_all_rejects(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, as_csv([message(i, sent_at="2027-01-01 00:00:00") for i in range(3)]))
    assert (reading.messages.height, reading.conversations.height, len(reading.rejects)) == (0, 0, 3)


# ---------------------------------------------------------------- keys


def test_a_message_without_an_id_has_the_same_one_in_any_file_order_and_form(tmp_path: Path) -> None:
    rows = [message(1), message(2), message(2, text="好的"), message(3, text="好的", sent_at="2026-10-01 10:00:02")]
    bare = [{k: v for k, v in row.items() if k != "message_id"} for row in rows]
    first = read_bytes(tmp_path, as_csv(bare)).messages
    again = read_bytes(tmp_path, as_lines(bare[::-1])).messages
    assert sorted(first["message_id"]) == sorted(again["message_id"])
    ids = first.filter(pl.col("text") == "好的")["message_id"].to_list()
    assert re.fullmatch(r"h[0-9a-f]{16}", ids[0])
    assert ids[1] == f"{ids[0]}-2"


def test_an_id_made_of_words_does_not_depend_on_who_the_customer_is(tmp_path: Path) -> None:
    rows = [message(text="电话13800138000", customer=who, message_id=None) for who in ("甲", None)]
    ids = {read_bytes(tmp_path, as_csv([row])).messages["message_id"][0] for row in rows}
    assert len(ids) == 1


def mixed(x: int) -> int:
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ x >> shift) * factor % 2**64
    return x ^ x >> 31


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"))))
def test_the_text_hash_is_what_its_definition_says(texts: list[str | None]) -> None:
    def by_definition(text: str) -> int:
        total = sum(mixed((ord(c) + (i + 1) * 0x9E3779B97F4A7C15) % 2**64) for i, c in enumerate(text))
        return mixed(len(text) ^ total % 2**64)

    expected = [None if text is None else by_definition(text) for text in texts]
    assert text_hash(pl.Series("text", texts, dtype=pl.String)).to_list() == expected


def test_the_text_hash_never_changes() -> None:
    known = pl.Series("text", ["", "a", "您好，在的😀"])
    assert hexadecimal(text_hash(known)).to_list() == ["0000000000000000", "106dffc5da6568da", "0f3a5aa89571ec52"]


def test_the_same_file_gives_the_same_frames(tmp_path: Path) -> None:
    one, two = (read_bytes(tmp_path, as_csv([message(i, text=f"找138001380{i:02}") for i in range(40)])) for _ in "ab")
    assert one.messages.equals(two.messages)
    assert one.conversations.equals(two.conversations)


# ---------------------------------------------------------------- no personal data, sources, real chats


def test_no_personal_value_of_a_file_is_in_what_comes_out_of_it(tmp_path: Path) -> None:
    canaries = ["13912345678", "canary@example.com", "浙江省杭州市西湖区文三路77号", "金丝雀", "330106199001011233"]
    rows = [message(i, customer="金丝雀", text=f"我的{c}") for i, c in enumerate(canaries, 1)]
    rows += [
        message(8, customer="金丝雀", speaker="电话13912345678"),
        message(9, customer="金丝雀\x01"),
        message(7, text=canaries[0], rating="13912345678"),
    ]
    table = as_csv(rows) + "13912345678,金丝雀\n"
    reading = read_bytes(tmp_path, table)
    seen = f"{reading.messages.rows()} {reading.conversations.rows()} {reading.rejects}".replace("我的金丝雀", "")
    assert [c for c in canaries if c in seen] == []
    with pytest.raises(Refusal) as refusal:
        read_bytes(tmp_path, as_csv([message(i, sent_at="13912345678x金") for i in range(3)]))
    assert "13912345678" not in str(refusal.value)
    with pytest.raises(Refusal) as refusal:
        read_bytes(tmp_path, "一店,k,2026-10-01,customer,金丝雀,找我13912345678\n")
    assert not any(c in str(refusal.value) for c in canaries)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("platform =", "plattform ="), r"“plattform” is unknown.*Known keys here: .*platform"),
        (('text = ["text"', 'texte = ["text"'), r"\[columns\]: The key “texte” is unknown.*conversation_id"),
        (('times = [', 'times = 3\ntimez = ['), r"“times” must be a list|“timez” is unknown"),
        (('neutral = ["neutral"', 'neutral = ["好评"'), r"\[ratings\]: “好评” stands for both"),
        (("bots = [", "bots = "), r"not TOML"),
    ],
)  # fmt: skip
def test_a_source_with_an_unknown_key_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    path = tmp_path / "sources" / "mine.toml"
    path.parent.mkdir()
    path.write_text(
        (ROOT / "policy/sources/plain.toml").read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8"
    )
    with pytest.raises(Refusal, match=said) as refusal:
        chatlog.load_source(path)
    assert refusal.value.place.startswith("sources/mine.toml")


def test_the_schemas_are_those_of_the_lake() -> None:
    def parts(schema: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
        return {name: schema[name] for name in names}

    shared = [name for name in MESSAGES if name != "position"]
    assert parts(chatlog.READ, shared) == parts(MESSAGES, shared)
    assert parts(chatlog.TOLD, list(chatlog.TOLD)) == parts(CONVERSATIONS, list(chatlog.TOLD))


COUNTS = {"jddc_2026-10.jsonl": (994, 12136), "uss_2026-10.jsonl": (330, 11090), "twitter_2020.jsonl": (525, 1211)}


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder ../shared/data with real chats is not there")
@pytest.mark.parametrize("name", COUNTS)
def test_real_chats_are_read_whole_and_hardly_masked_because_they_are_masked_already(name: str) -> None:
    reading = read(REAL / name)
    assert (reading.conversations.height, reading.messages.height) == COUNTS[name]
    assert (reading.rejects, reading.duplicates) == ((), 0)
    assert reading.masked <= reading.messages.height // 300
    assert reading.messages["sent_at"].max() < NOW + timedelta(minutes=10)  # type: ignore[operator]
