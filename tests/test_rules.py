"""The shipped rules: every example of every rule, and what must hold for all of them."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache

import opencc
import polars as pl
import pytest

from qa import ROOT, demo, pipeline, policy
from qa.model import MESSAGES, SEVERITY_ORDER, Frame, Rule, Severity, Verdict
from qa.scoring import check as checks
from qa.scoring import example
from qa.scoring.fold import bare_words
from qa.workspace import OWNER, Workspace

CHATS = ROOT.parent / "shared" / "data"
POLICY = policy.load(ROOT / "policy")
RULES = {rule.id: rule for rule in POLICY.rules}
TRADITIONAL = opencc.OpenCC("s2t")
TEXT_RULES = [rule.id for rule in POLICY.rules if rule.kind in ("phrase", "regex")]

JUDGED = {"8c4a8eb90bec": True, "0a62d5887781": True}
"""Findings of major and critical rules in the real chats, read by a person: digest of place and rule -> is it one."""


@cache
def tried(rule: str) -> list[checks.ExampleResult]:
    return checks.examples(RULES[rule])


def examples() -> Iterator[object]:
    for rule in POLICY.rules:
        for name in ("hit", "miss", "known_miss", "known_false"):
            for i in range(len(getattr(rule, name))):
                known = pytest.mark.xfail(strict=True, reason="the rule does not do this yet")
                yield pytest.param(
                    rule.id, name, i, id=f"{rule.id}-{name}-{i}", marks=[known] if name.startswith("known") else []
                )


@pytest.mark.parametrize(("rule", "name", "i"), list(examples()))
def test_example(rule: str, name: str, i: int) -> None:
    result = [result for result in tried(rule) if result.list == name][i]
    assert result.found == result.marked, result.example


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_what_why_where_from_and_what_instead(rule: str) -> None:
    given = RULES[rule]
    assert given.hit
    assert given.miss
    assert all((given.name.zh, given.name.en, given.why.zh, given.why.en, given.source, given.instead))
    assert given.category in {category.id for category in POLICY.categories}


def test_every_category_has_a_rule() -> None:
    assert {category.id for category in POLICY.categories} == {rule.category for rule in POLICY.rules}


@pytest.mark.parametrize("rule", RULES)
def test_the_better_line_of_a_rule_is_no_finding_of_any_rule(rule: str) -> None:
    assert checks.try_sentence(POLICY.rules, RULES[rule].instead)["matched"].to_list() == []


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_lets_be_is_no_finding_of_a_grave_rule(rule: str) -> None:
    grave = [r for r in POLICY.rules if SEVERITY_ORDER[r.severity] >= SEVERITY_ORDER[Severity.MAJOR]]
    talks = [
        example.read(written, RULES[rule].speaker).messages.with_columns(conversation_id=pl.lit(f"{i:03}"))
        for i, written in enumerate(RULES[rule].miss)
    ]
    assert checks.check(pl.concat(talks), grave).select("rule", "conversation_id", "matched").rows() == []


def sentences(rule: Rule) -> list[str]:
    """The texts of the hits that are one sentence."""
    read = [example.read(written, rule.speaker).messages for written in rule.hit]
    return [frame["text"].item() for frame in read if frame.height == 1]


def found_places(rule: Rule, texts: list[str], speaker: str = "agent") -> list[list[str]]:
    """For each text, said alone in a conversation, the words found in it."""
    said = [
        example.conversation([(0, speaker, "", text)]).with_columns(conversation_id=pl.lit(f"{i:03}"))
        for i, text in enumerate(texts)
    ]
    found: dict[str, list[str]] = {f"{i:03}": [] for i in range(len(texts))}
    for talk, words in checks.check(pl.concat(said), [rule]).select("conversation_id", "matched").iter_rows():
        found[talk].append(words)
    return list(found.values())


def found_words(rule: Rule, texts: list[str], speaker: str = "agent") -> list[list[str]]:
    """The same in bare form."""
    return [
        [bare_words(words, pronouns=True, particles=True, tail=True) for words in found]
        for found in found_places(rule, texts, speaker)
    ]


@pytest.mark.parametrize("rule", TEXT_RULES)
@pytest.mark.parametrize("between", ["\u200b", " ", "\u3000", "\u2060\ufe0f"])
def test_invisible_characters_and_blanks_hide_nothing(rule: str, between: str) -> None:
    # the code of an emoticon is no longer one with blanks inside
    texts = [text for text in sentences(RULES[rule]) if "[" not in text]
    assert found_words(RULES[rule], [between.join(text) for text in texts]) == found_words(RULES[rule], texts)


@pytest.mark.parametrize("rule", TEXT_RULES)
def test_traditional_chinese_hides_nothing(rule: str) -> None:
    texts = sentences(RULES[rule])
    traditional = [TRADITIONAL.convert(text) for text in texts]
    assert found_words(RULES[rule], traditional) == found_words(RULES[rule], texts)


@pytest.mark.parametrize("rule", TEXT_RULES)
@pytest.mark.parametrize("end", ["🙄", "！！", "…", " ~", "😒😒", "[发怒]"])
def test_what_stands_after_it_hides_nothing(rule: str, end: str) -> None:
    texts = [text + end for text in sentences(RULES[rule])]
    lost = [text for text, places in zip(texts, found_places(RULES[rule], texts), strict=True) if not places]
    assert lost == []


@pytest.mark.parametrize("rule", TEXT_RULES)
@pytest.mark.parametrize("speaker", ["customer", "bot", "system"])
def test_nobody_but_the_agent_is_meant(rule: str, speaker: str) -> None:
    assert not any(found_words(RULES[rule], sentences(RULES[rule]), speaker))


def real_chats() -> Frame:
    rows = []
    for path in sorted(CHATS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            chat = json.loads(line)
            for position, message in enumerate(chat["messages"]):
                agent = message["speaker"] == "agent"
                rows.append(
                    {
                        "platform": chat.get("platform"),
                        "shop": chat["shop"],
                        "conversation_id": chat["conversation_id"],
                        "message_id": f"{chat['conversation_id']}-{position}",
                        "position": position,
                        "sent_at": message["sent_at"],
                        "speaker": message["speaker"],
                        "account": (message.get("agent") or chat.get("agent") or "?") if agent else None,
                        "text": message["text"],
                    }
                )
    frame = pl.DataFrame(rows, schema=MESSAGES | {"sent_at": pl.String})
    return frame.with_columns(pl.col("sent_at").str.to_datetime(time_unit="ms", time_zone="UTC"))


@pytest.fixture(scope="module")
def real() -> tuple[Frame, Frame]:
    """Messages of real chats and the findings in them."""
    if not CHATS.is_dir():
        pytest.skip("the real chats are not on this machine: ../shared/data is missing")
    messages = real_chats()
    return messages, checks.check(messages, POLICY.rules)


def test_in_real_chats_only_agents_are_found_and_every_span_is_theirs(real: tuple[Frame, Frame]) -> None:
    messages, findings = real
    said = findings.drop_nulls("message_id").join(messages, on=["conversation_id", "message_id"])
    assert said["speaker"].unique().to_list() == ["agent"]
    spans = said.select(pl.col("text").str.slice("start", pl.col("end") - pl.col("start")))
    assert spans.to_series().to_list() == said["matched"].to_list()


def test_in_real_chats_grave_findings_were_read_and_nine_in_ten_are_right(real: tuple[Frame, Frame]) -> None:
    _, findings = real
    grave = findings.filter(pl.col("severity").is_in(["major", "critical"]))
    places = [
        hashlib.sha256("/".join(row).encode()).hexdigest()[:12]
        for row in grave.select("message_id", "rule").iter_rows()
    ]
    verdicts = [JUDGED.get(place) for place in places]
    assert None not in verdicts, f"not judged yet: {[p for p in places if p not in JUDGED]}"
    assert sum(map(bool, verdicts)) >= 0.9 * len(verdicts)


def test_a_bare_what_or_which_in_a_sentence_is_harmless(real: tuple[Frame, Frame]) -> None:
    messages, findings = real
    questions = messages.filter(pl.col("text").str.contains("什么|哪个"), pl.col("text").str.len_chars() > 12)
    assert questions.height > 500
    curt = findings.filter(pl.col("rule").is_in(["confrontation.curt_what", "confrontation.curt_which"]))
    assert curt.join(questions, on=["conversation_id", "message_id"], how="semi").is_empty()


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[demo.Truth, Frame]:
    """What was planted in a made-up month, and the findings in it after the import."""
    folder = tmp_path_factory.mktemp("made-up")
    made = demo.make(folder, seed=19, agents=12, conversations=2000)
    ws = Workspace.create(folder / "home", house="测试")
    pipeline.import_logs(ws, OWNER, made.exports)
    findings = checks.check(ws.lake.read("messages", ws.parts("messages")), POLICY.rules)
    ws.records.close()
    return demo.read_truth(made.truth), findings


def test_what_was_planted_is_found(made_up: tuple[demo.Truth, Frame]) -> None:
    truth, findings = made_up
    places = {
        (row["conversation_id"], row["category"], row["sent_at"] if row["message_id"] else None)
        for row in findings.iter_rows(named=True)
    }
    planted = [
        {(talk, fault["category"], None)}
        | {(talk, fault["category"], datetime.fromisoformat(at)) for at in fault["sent_at"]}
        for talk, faults in truth.faults.items()
        for fault in faults
    ]
    assert len(planted) > 150
    assert sum(bool(places & where) for where in planted) >= 0.99 * len(planted)


def test_what_is_found_was_planted_and_no_decoy_is(made_up: tuple[demo.Truth, Frame]) -> None:
    truth, findings = made_up
    rows = findings.to_dicts()
    right = sum(demo.made_up_verdict(truth, row) is Verdict.CONFIRMED for row in rows)
    assert right >= 0.98 * len(rows)
    decoys = {(talk, datetime.fromisoformat(d["sent_at"])) for talk, ds in truth.decoys.items() for d in ds}
    worded = [row for row in rows if row["category"] != "delay"]
    assert not [row["matched"] for row in worded if (row["conversation_id"], row["sent_at"]) in decoys]


def test_rules_are_files_that_a_person_can_keep() -> None:
    shipped = sorted(path.name for path in (ROOT / "policy" / "rules").glob("*.toml"))
    assert {rule.split(".")[0] + ".toml" for rule in RULES} == set(shipped)
    assert len(RULES) >= 30
    assert sum(len(r.hit) + len(r.miss) for r in RULES.values()) >= 500
