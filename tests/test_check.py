"""The check: what is found, where, in whose words, and that nothing else changes it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from qa import ROOT, policy
from qa.model import (
    CONVERSATIONS,
    FINDINGS,
    MESSAGES,
    Delay,
    Frame,
    Phrase,
    Refusal,
    Regex,
    Repeat,
    Rule,
    RuleKind,
    Severity,
    Text,
)
from qa.scoring import check as checks
from qa.scoring import example, query
from qa.scoring.fold import bare_words

SHIPPED = policy.load(ROOT / "policy").rules
CALM = settings(deadline=None, max_examples=25)
START = datetime(2026, 10, 1, 2, tzinfo=UTC)


def rule(check: RuleKind, *, speaker: str = "agent", id: str = "test.rule", **lists: tuple[str, ...]) -> Rule:
    words = Text("规则", "Rule")
    kind = type(check).__name__.lower()
    given = {"hit": (), "miss": (), **lists}
    return Rule(id, "v1", words, "rhetorical", kind, speaker, Severity.MAJOR, words, "s", "i", check, **given)


def found(check: RuleKind, text: str) -> list[str]:
    return checks.try_sentence([rule(check)], text)["matched"].to_list()


def dialogue(written: str) -> Frame:
    return example.read(written, "agent").messages


def found_at(check: RuleKind, written: str) -> list[int | None]:
    """Positions of the messages found in a dialogue."""
    ids = checks.check(dialogue(written), [rule(check)])["message_id"]
    return [None if found_id is None else int(found_id) for found_id in ids]


def day(talks: list[list[tuple[str, str]]]) -> Frame:
    """MESSAGES of conversations of (speaker, text), ten seconds apart."""
    rows = [
        {
            "platform": "kuaishou",
            "shop": "s",
            "conversation_id": f"c{i:03}",
            "message_id": f"c{i:03}-{j}",
            "position": j,
            "sent_at": START + timedelta(seconds=10 * j),
            "speaker": speaker,
            "account": "a1" if speaker == "agent" else None,
            "text": text,
        }
        for i, talk in enumerate(talks)
        for j, (speaker, text) in enumerate(talk)
    ]
    return pl.DataFrame(rows, schema=MESSAGES)


TALKS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["agent", "customer", "bot", "system"]),
            st.sampled_from(
                [
                    "什么？",
                    "不清楚",
                    "我也不知道啊，您问快递吧",
                    "不是告诉您了吗",
                    "好的",
                    "今天能发货吗",
                    "退款一般一到三个工作日原路退回",
                    "退款一般1到3个工作日原路退回",
                    "",
                    "?",
                ]
            ),
        ),
        min_size=1,
        max_size=8,
    ),
    min_size=1,
    max_size=4,
)


# ------------------------------------------------------------ findings


def test_a_finding_names_rule_message_and_span() -> None:
    messages = day([[("customer", "在吗"), ("agent", "亲😀 我 也不清楚啊")]])
    finding = checks.check(messages, [rule(Phrase(("不清楚",)), id="deflection.x")]).row(0, named=True)
    assert finding | {"finding_id": None} == {
        "finding_id": None,
        "rule": "deflection.x",
        "rule_version": "v1",
        "category": "rhetorical",
        "severity": "major",
        "platform": "kuaishou",
        "shop": "s",
        "conversation_id": "c000",
        "message_id": "c000-1",
        "account": "a1",
        "sent_at": START + timedelta(seconds=10),
        "start": 6,
        "end": 9,
        "matched": "不清楚",
        "value": None,
    }


def test_the_same_claim_has_the_same_id_and_another_claim_another() -> None:
    messages = day([[("agent", "不清楚，不清楚")], [("agent", "不清楚")]])
    first, second = (checks.check(messages, [rule(Phrase(("不清楚",)))])["finding_id"] for _ in range(2))
    assert first.to_list() == second.to_list()
    assert first.n_unique() == 3
    assert first.str.contains("^[0-9a-f]{16}$").all()


def test_nothing_in_means_nothing_out() -> None:
    assert checks.check(MESSAGES.to_frame(), SHIPPED).schema == FINDINGS
    assert checks.check(day([[("agent", "不清楚")]]), []).equals(FINDINGS.to_frame())
    assert checks.check(day([[("customer", "不清楚")]]), SHIPPED).equals(FINDINGS.to_frame())


@CALM
@given(TALKS, st.randoms(use_true_random=False))
def test_the_order_of_the_messages_changes_nothing(talks: list[list[tuple[str, str]]], random: object) -> None:
    messages = day(talks)
    order = list(range(messages.height))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert checks.check(messages[order], SHIPPED).equals(checks.check(messages, SHIPPED))


@CALM
@given(TALKS)
def test_a_conversation_is_judged_without_the_others(talks: list[list[tuple[str, str]]]) -> None:
    messages = day(talks)
    alone = [checks.check(part, SHIPPED) for part in messages.partition_by("conversation_id")]
    assert pl.concat(alone).equals(checks.check(messages, SHIPPED))


@CALM
@given(TALKS)
def test_findings_are_in_order_and_only_in_the_words_of_agents(talks: list[list[tuple[str, str]]]) -> None:
    messages = day(talks)
    findings = checks.check(messages, SHIPPED)
    assert findings.schema == FINDINGS
    said = findings.drop_nulls("message_id").join(messages, on="message_id", maintain_order="left")
    assert set(said["speaker"]) <= {"agent"}
    assert [r["text"][r["start"] : r["end"]] for r in said.iter_rows(named=True)] == said["matched"].to_list()
    places = list(said.select("conversation_id", "position", "rule", "start").iter_rows())
    assert places == sorted(places)


@given(st.sampled_from(["customer", "bot", "system"]), st.lists(st.sampled_from(["什么？", "不清楚", "自己看"])))
@CALM
def test_customers_may_say_what_they_like(speaker: str, texts: list[str]) -> None:
    rules = [r for r in SHIPPED if r.kind != "delay"]
    assert checks.check(day([[(speaker, text) for text in texts]]), rules).is_empty()


def test_two_agents_with_the_same_words_are_two_findings() -> None:
    assert checks.check(day([[("agent", "不清楚")], [("agent", "不清楚")]]), [rule(Phrase(("不清楚",)))]).height == 2


def test_a_rule_about_customers_looks_at_customers() -> None:
    messages = day([[("customer", "我要投诉"), ("agent", "我要投诉")]])
    findings = checks.check(messages, [rule(Phrase(("投诉",)), speaker="customer")])
    assert findings["message_id"].to_list() == ["c000-0"]


# ------------------------------------------------------------ phrases

NOISE = st.text(alphabet=" \u200b\u3000\ufeff\u2060\t", max_size=3)


@CALM
@given(st.sampled_from(["不清楚", "关我什么事", "不是告诉你了么"]), st.data())
def test_blanks_and_invisible_characters_lose_no_finding(phrase: str, data: st.DataObject) -> None:
    before = data.draw(st.sampled_from(["", "亲", "这个，", "😀 "]))
    after = data.draw(st.sampled_from(["", "啊", "！", "😒", "，您问快递"]))
    spread = "".join(char + data.draw(NOISE) for char in phrase)
    start, text = len(before), before + spread + after
    matched = found(Phrase((phrase,)), text)
    assert [bare_words(words, pronouns=True, particles=True) for words in matched] == [phrase]
    assert text.startswith(matched[0], start)
    assert matched[0][-1] == phrase[-1]


@pytest.mark.parametrize(
    "text", ["不 清 楚", "不清楚！", "這個不清楚", "不\u200b清楚", "「不清楚」", "不清楚啊", "不、清、楚"]
)
def test_a_contained_phrase_is_found_however_it_is_written(text: str) -> None:
    assert found(Phrase(("不清楚",)), text)


def test_a_contained_phrase_does_not_reach_over_a_clause_mark() -> None:
    assert found(Phrase(("急什么",)), "您别急，什么时候方便") == []
    assert found(Phrase(("急什么",)), "您别急\n什么时候方便") == []
    assert found(Phrase(("急，什么",)), "您别急，什么时候方便") == ["急，什么"]


def test_a_phrase_is_harmless_within_an_exception() -> None:
    check = Phrase(("不清楚",), exceptions=("不清楚的话",))
    assert found(check, "不清楚的话看详情") == []
    assert found(check, "我不清楚，您不清楚的话看详情") == ["不清楚"]


def test_phrases_that_overlap_are_one_finding() -> None:
    assert found(Phrase(("不清楚", "我也不清楚", "清楚啊我")), "我也不清楚啊我") == ["我也不清楚"]


def test_a_whole_message_is_the_phrase_and_nothing_else() -> None:
    check = Phrase(("什么",), match="whole")
    assert found(check, "什么呢？？[发怒]") == ["什么呢？？[发怒]"]
    assert found(check, "什么尺码") == []


def test_a_list_of_thousands_of_phrases_is_found_too() -> None:
    phrases = tuple(f"{chr(0x4E00 + i)}{chr(0x5000 + i)}不行" for i in range(4000))
    assert found(Phrase(phrases), f"亲，{phrases[3999]}哦") == [phrases[3999]]


def test_pronouns_and_particles_are_one_only_where_the_rule_says_so() -> None:
    assert found(Phrase(("你知道么",)), "您知道吗") == ["您知道吗"]
    assert found(Phrase(("你知道么",), fold_pronouns=False), "您知道么") == []
    assert found(Phrase(("你知道么",), fold_particles=False), "你知道吗") == []
    assert found(Phrase(("你说呢",), match="whole", fold_particles=False), "您说") == []
    assert found(Phrase(("你说呢",), match="whole"), "您说") == ["您说"]


# ------------------------------------------------------------ patterns


def test_every_match_of_a_pattern_is_found_in_the_shown_text() -> None:
    text = "😀您 不是说 了吗？我說過了嗎"
    assert found(Regex("说过?了[么吗]"), text) == ["说 了吗", "說過了嗎"]


def test_a_match_within_an_exception_is_dropped_and_only_that() -> None:
    assert found(Regex("不清楚", exceptions=("不清楚(的话|您)",)), "我不清楚，不清楚您哪里") == ["不清楚"]


def test_patterns_look_at_both_cases_and_at_you_in_both_forms() -> None:
    assert found(Regex("您加vx"), "你 加ＶＸ吧") == ["你 加ＶＸ"]
    assert found(Regex("您加", fold_pronouns=False), "你加") == []


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*)*x", "a{1,500}b"])
def test_a_pattern_cannot_hang_the_check(pattern: str) -> None:
    text = "a" * 20_000 + "!"
    try:
        assert found(Regex(pattern), text) == []
    except Refusal as refusal:
        assert "test.rule" in str(refusal)


# ------------------------------------------------------------ repeats

SCRIPT = "退款一般一到三个工作日原路退回"


def test_the_second_sending_is_found_with_its_similarity() -> None:
    messages = dialogue(f"A {SCRIPT} | C 太慢了 | A {SCRIPT.replace('三', '五')}")
    finding = checks.check(messages, [rule(Repeat(similarity=0.9))]).row(0, named=True)
    assert (finding["message_id"], finding["start"], finding["end"]) == ("2", 0, 15)
    assert finding["value"] == pytest.approx(fuzz.ratio(SCRIPT, SCRIPT.replace("三", "五")) / 100)


@pytest.mark.parametrize(
    ("check", "written", "expected"),
    [
        (Repeat(), f"A {SCRIPT} | A {SCRIPT}～ | A {SCRIPT}", [1, 2]),
        (Repeat(nth=3), f"A {SCRIPT} | A {SCRIPT} | A {SCRIPT}", [2]),
        (Repeat(), f"A {SCRIPT} | A {SCRIPT.replace('三', '五')}", []),
        (Repeat(), f"A1 {SCRIPT} | A2 {SCRIPT} | A1 {SCRIPT}", [2]),
        (Repeat(look_back=1), f"A {SCRIPT} | A 好的 | A {SCRIPT}", []),
        (Repeat(look_back=2), f"A {SCRIPT} | A 好的 | A {SCRIPT}", [2]),
        (Repeat(minimum_length=16), f"A {SCRIPT} | A {SCRIPT}", []),
        (Repeat(exempt=(SCRIPT,)), f"A {SCRIPT} | A {SCRIPT}哦", []),
        (Repeat(exempt_containing=("工作 日",)), f"A {SCRIPT} | A {SCRIPT}", []),
        (Repeat(), f"B {SCRIPT} | C 人工 | A {SCRIPT}", []),
        (Repeat(minimum_length=1), "A [[图片]] | A [[图片]] | A #E-s21 | A #E-s21", []),
    ],
)
def test_what_counts_as_a_repeat(check: Repeat, written: str, expected: list[int]) -> None:
    assert found_at(check, written) == expected


def test_a_repeat_is_excused_when_the_customer_asked_again() -> None:
    asked_again = f"C 退款多久到账 | A {SCRIPT} | C 退款要多久到账呢 | A {SCRIPT}"
    assert found_at(Repeat(), asked_again) == []
    assert found_at(Repeat(excused_when_asked_again=False), asked_again) == [3]
    assert found_at(Repeat(), f"C 退款多久到账 | A {SCRIPT} | C 好的谢谢 | A {SCRIPT}") == [3]
    assert found_at(Repeat(), f"C 谢谢你 | A {SCRIPT} | C 谢谢你 | A {SCRIPT}") == [3]
    assert found_at(Repeat(), f"C 退款多久到账 | C 退款多久到账 | A {SCRIPT} | A {SCRIPT}") == [3]


@CALM
@given(st.lists(st.text(alphabet="退款三到五天原路返", min_size=4, max_size=12), min_size=2, max_size=8))
@pytest.mark.parametrize("similarity", [0.6, 0.8, 0.9, 1.0])
def test_the_bounds_spare_comparisons_and_lose_no_repeat(similarity: float, texts: list[str]) -> None:
    messages = day([[("agent", text) for text in texts]])
    check = Repeat(similarity=similarity, minimum_length=4, excused_when_asked_again=False)
    expected = {}
    for j, later in enumerate(texts):
        best = max((fuzz.ratio(earlier, later) / 100 for earlier in texts[:j]), default=0.0)
        if best >= similarity:
            expected[f"c000-{j}"] = best
    findings = checks.check(messages, [rule(check)])
    assert dict(findings.select("message_id", "value").iter_rows()) == pytest.approx(expected)


# ------------------------------------------------------------ delays


@pytest.mark.parametrize(
    ("which", "written", "expected"),
    [
        ("first", "C 在吗 | +61s A 在 | C 有货吗 | +61s A 有", [1]),
        ("later", "C 在吗 | +61s A 在 | C 有货吗 | +61s A 有", [3]),
        ("any", "C 在吗 | +61s A 在 | C 有货吗 | +61s A 有", [1, 3]),
        ("any", "C 在吗 | +60s A 在", []),
        ("any", "C 在吗 | +50s C 人呢 | +20s A 在", [2]),
        ("any", "C 在吗 | +90s B 您好 | C 人工 | +30s A 在", []),
        ("any", "C 人工 | B 正在转接 | +90s A 在", [2]),
        ("any", "A 您好 | C 好的，谢谢 | +90s A 不客气", []),
        ("any", "C 有货吗 | +90s S 会话结束", [None]),
        ("any", "A 有的 | C 那我再看看 | +90s S 会话结束", []),
        ("any", "A 有的 | +90s A 还在吗", []),
    ],
)
def test_what_counts_as_a_delay(which: str, written: str, expected: list[int | None]) -> None:
    assert found_at(Delay(seconds=60, which=which), written) == expected


def test_a_delay_without_an_answer_falls_to_the_last_agent_at_the_time_of_the_question() -> None:
    messages = dialogue("C 在吗 | A7 在的 | C 几天能到呢 | +90s S 会话结束")
    finding = checks.check(messages, [rule(Delay(60))]).row(0, named=True)
    assert [finding[k] for k in ("message_id", "start", "end", "matched")] == [None] * 4
    assert (finding["account"], finding["value"], finding["sent_at"]) == ("7", 90.0, messages["sent_at"][2])
    nobody = checks.check(dialogue("C 在吗 | +90s S 会话结束"), [rule(Delay(60))]).row(0, named=True)
    assert (nobody["account"], nobody["value"], nobody["sent_at"]) == (None, 90.0, dialogue("C 在吗")["sent_at"][0])


@CALM
@given(TALKS)
def test_delays_and_the_contact_figures_tell_the_same_story(talks: list[list[tuple[str, str]]]) -> None:
    messages = day([[(who, "今天能发货吗" if who == "customer" else text) for who, text in talk] for talk in talks])
    whole = messages.group_by("conversation_id", maintain_order=True).agg(
        pl.col("platform", "shop").first(),
        pl.col("sent_at").max().alias("ended_at"),
        pl.col("account").drop_nulls().last(),
        agent_messages=(pl.col("speaker") == "agent").sum(),
        customer_messages=(pl.col("speaker") == "customer").sum(),
    )
    conversations = pl.concat(
        [CONVERSATIONS.to_frame(), whole.cast({"agent_messages": pl.Int32})], how="diagonal_relaxed"
    )
    contacts = query.run(
        "contacts", tables={"messages": messages, "conversations": conversations.select(list(CONVERSATIONS))}
    )
    findings = checks.check(messages, [rule(Delay(1))]).drop_nulls("message_id")
    longest = findings.group_by("conversation_id").agg(pl.col("value").max().cast(pl.Int64))
    waited = contacts.filter(pl.col("longest_wait") > 1).select("conversation_id", value="longest_wait")
    assert longest.sort("conversation_id").equals(waited.sort("conversation_id"))


# ------------------------------------------------------------ rules that cannot work


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (Phrase(("。。",)), "nothing but blanks and signs"),
        (Phrase(()), "no phrases"),
        (Phrase(("什么",), match="equals"), "not a way to match"),
        (Phrase(("什么",), match="whole", exceptions=("什么时候",)), "Exceptions do nothing"),
        (Phrase(("不清楚",), exceptions=("不太清楚",)), "holds none of the phrases"),
        (Regex("什么(?=呢)"), "looks ahead or behind"),
        (Regex("(?<!您)什么"), "looks ahead or behind"),
        (Regex(r"(什么)\1"), "refers back"),
        (Regex("什么("), "is not a pattern"),
        (Regex("a)|(b"), "is not a pattern"),
        (Regex("x*"), "matches where there is no text"),
        (Regex("(?:a{1000}){1000}"), "too large"),
        (Regex("a" * 2001), "2001 characters"),
        (Regex("什么", exceptions=("什么(?!呢)",)), "looks ahead or behind"),
        (Repeat(similarity=0.3), "“similarity” is 0.3"),
        (Repeat(nth=1), "“nth” is 1"),
        (Repeat(hours_across=72), "across conversations"),
        (Delay(0), "longer than 0"),
        (Delay(60, which="last"), "not a round"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_in_a_sentence_that_names_it(check: RuleKind, said: str) -> None:
    with pytest.raises(Refusal, match=r"test\.rule") as refused:
        checks.check(MESSAGES.to_frame(), [rule(check)])
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_speaker_is_refused() -> None:
    with pytest.raises(Refusal, match="speaker “boss” is unknown"):
        checks.verify([rule(Phrase(("什么",)), speaker="boss")])
    with pytest.raises(Refusal, match="human agent"):
        checks.verify([rule(Delay(60), speaker="bot")])


# ------------------------------------------------------------ examples


def test_an_example_marks_its_words_and_doubles_its_own_brackets() -> None:
    read = example.read("亲[什么]？[[图片]]", "agent")
    assert read.messages["text"].to_list() == ["亲什么？[图片]"]
    assert read.marked == ((0, 1, 3),)


def test_a_dialogue_says_who_when_and_from_which_account() -> None:
    read = example.read("C 在吗 | +2m A2 [在的] | S 结束 | []", "agent")
    assert read.messages.select("speaker", "account", "text").rows() == [
        ("customer", None, "在吗"),
        ("agent", "2", "在的"),
        ("system", None, "结束"),
    ]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(read.messages["sent_at"])]
    assert gaps == [120, 5]
    assert read.marked == ((1, 0, 2), example.WHOLE)


@pytest.mark.parametrize("written", ["[什么", "什么]", "[什[么]]]"])
def test_brackets_that_do_not_match_are_refused(written: str) -> None:
    with pytest.raises(Refusal, match="brackets"):
        example.read(written, "agent")


def test_examples_tell_what_is_so_from_what_is_not_so_yet() -> None:
    tried = rule(
        Phrase(("什么",), match="whole"),
        hit=("[什么？]", "[啥？]"),
        miss=("什么尺码",),
        known_miss=("[啥]", "[什么]"),
        known_false=("什么",),
    )
    results = checks.examples(tried)
    assert [(r.list, r.as_written) for r in results] == [
        ("hit", True),
        ("hit", False),
        ("miss", True),
        ("known_miss", True),
        ("known_miss", False),
        ("known_false", True),
    ]


def test_an_example_in_the_wrong_list_is_refused() -> None:
    for lists in ({"hit": ("什么",)}, {"miss": ("[什么]",)}):
        with pytest.raises(Refusal, match="marked wrongly"):
            checks.examples(rule(Phrase(("什么",)), **lists))


@CALM
@given(st.text(max_size=60))
def test_any_sentence_can_be_tried(text: str) -> None:
    assert checks.try_sentence(SHIPPED, text).schema == FINDINGS


@pytest.mark.parametrize(
    "said", ["好的", "谢谢你", "嗯嗯，知道了", "好的谢谢亲", "😀", "[微笑]", "没有了", "ＯＫ", "不用了谢谢", "好的呢～"]
)
def test_a_courtesy_starts_no_clock(said: str) -> None:
    assert found_at(Delay(60), f"A 您好 | C {said.replace('[', '[[').replace(']', ']]')} | +90s A 不客气") == []


@pytest.mark.parametrize("said", ["在吗", "？？", "好的那多久到", "没有货了", "谢谢，那运费呢", "不知道"])
def test_anything_else_does(said: str) -> None:
    assert found_at(Delay(60), f"A 您好 | C {said} | +90s A 您好") == [2]
