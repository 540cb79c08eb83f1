"""The made-up month: it is whole, the same for the same seed, and says truly what was planted in it."""

import csv
import json
import os
import random
import re
import string
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import polars as pl
import pytest
from rapidfuzz.distance import Indel

from qa.demo import Demo, Truth, made_up_levels, made_up_verdict, make, read_truth
from qa.demo.faults import CATEGORIES
from qa.demo.lines import load_lines
from qa.demo.people import fill_slots, shops
from qa.demo.talk import BOT, TOO_ALIKE, fold
from qa.model import Criterion, Level, Refusal, Text, Verdict

FIRST, DAYS = date(2026, 10, 1), 10
SIZE = {"seed": 3, "agents": 9, "days": DAYS, "conversations": 900}
CORE = re.compile("不知道|不清楚|不关我|想怎样|想怎么样|不是.{0,6}(告诉|说)|说过了")
CURT = {"什么", "哪个"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return make(tmp_path_factory.mktemp("month"), **SIZE)


@pytest.fixture(scope="module")
def truth(demo: Demo) -> Truth:
    return read_truth(demo.truth)


@pytest.fixture(scope="module")
def messages(demo: Demo) -> list[dict]:
    """Every message of every export with its place in the conversation."""
    rows = [row for path in demo.exports for row in read_export(path)]
    place = Counter()
    for row in rows:
        row["position"] = place[row["conversation_id"]]
        place[row["conversation_id"]] += 1
        row["sent_at"] = datetime.fromisoformat(row["sent_at"])
    return rows


@pytest.fixture(scope="module")
def talks(messages: list[dict]) -> dict[str, list[dict]]:
    out = defaultdict(list)
    for message in messages:
        out[message["conversation_id"]].append(message)
    return dict(out)


@pytest.fixture(scope="module")
def marked(truth: Truth) -> dict[tuple[str, int], str]:
    """(conversation, position) of every planted fault and decoy -> what it is."""
    faults = {(c, p): f["category"] for c, rows in truth.faults.items() for f in rows for p in f["positions"]}
    return {(c, d["position"]): d["kind"] for c, rows in truth.decoys.items() for d in rows} | faults


def read_export(path: Path) -> list[dict]:
    if path.suffix == ".csv":
        return list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    if path.suffix == ".xlsx":
        return pl.read_excel(path, infer_schema_length=None).to_dicts()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if "messages" not in lines[0]:
        return lines
    return [talk | message for talk in lines for message in talk["messages"]]


def test_a_month_of_the_default_size_has_its_conversations_and_messages(demo: Demo, messages: list[dict]) -> None:
    assert demo.messages == len(messages)
    assert len({m["conversation_id"] for m in messages}) == demo.conversations == SIZE["conversations"]
    assert 6200 * demo.messages / demo.conversations > 92_000


def test_conversations_have_four_to_forty_messages_but_for_a_few(talks: dict[str, list[dict]]) -> None:
    within = sum(4 <= len(talk) <= 40 for talk in talks.values())
    assert within / len(talks) > 0.98


def test_the_same_seed_gives_the_same_bytes_on_any_machine(demo: Demo, tmp_path: Path) -> None:
    code = f"from pathlib import Path; from qa.demo import make; make(Path({str(tmp_path)!r}), **{SIZE!r})"
    root = Path(__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "12345", "TZ": "America/New_York"},
    )
    written = {path.name: path.read_bytes() for path in [*demo.exports, demo.roster, demo.truth]}
    again = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert again == written


def test_another_seed_gives_another_month(demo: Demo, tmp_path: Path) -> None:
    other = make(tmp_path, **{**SIZE, "seed": 4})
    assert other.roster.read_bytes() != demo.roster.read_bytes()
    assert other.truth.read_bytes() != demo.truth.read_bytes()


def test_everything_made_up_says_so(demo: Demo, messages: list[dict]) -> None:
    assert all(path.name.startswith("made-up-") for path in [*demo.exports, demo.roster, demo.truth])
    assert all("（演示）" in message["shop"] for message in messages)


def test_three_shops_hand_in_three_forms(demo: Demo, messages: list[dict]) -> None:
    assert {m["platform"] for m in messages} == {"kuaishou", "taobao", "jd"}
    forms = Counter((path.name.split("-")[2], path.suffix) for path in demo.exports)
    assert forms == {("ks", ".jsonl"): 2, ("tb", ".csv"): 2, ("jd", ".jsonl"): 1, ("jd", ".xlsx"): 1}


def test_there_are_more_than_four_hundred_templates_and_none_twice_in_one_list() -> None:
    lines = load_lines()
    assert len(set(lines.templates())) >= 400
    lists = [pool for topic in lines.topics for turn in topic.turns for pool in (turn.agent, turn.customer)]
    lists += [topic.asks for topic in lines.topics] + list(lines.pools.values())
    assert all(len(pool) == len(set(pool)) for pool in lists)


def test_every_slot_of_every_template_is_filled(messages: list[dict]) -> None:
    lines = load_lines()
    slots = fill_slots(random.Random(1), lines, shops(lines)[0], FIRST)
    named = {name for line in lines.templates() for _, name, _, _ in string.Formatter().parse(line) if name}
    assert named <= slots.keys() | {"nick", "from", "to"}
    assert slots.keys() <= named
    assert not [m["text"] for m in messages if re.search(r"[{}]|None", m["text"]) or not m["text"].strip()]


def test_message_ids_are_unique_and_left_out_in_one_shop(messages: list[dict]) -> None:
    given = [m["message_id"] for m in messages if m["platform"] != "jd"]
    assert len(set(given)) == len(given)
    assert all(given)
    assert not [m for m in messages if m["platform"] == "jd" and m.get("message_id")]


def test_time_runs_forward_in_every_conversation_in_the_shop_s_zone(talks: dict[str, list[dict]]) -> None:
    for talk in talks.values():
        assert all(a["sent_at"] < b["sent_at"] for a, b in pairwise(talk))
        assert talk[0]["sent_at"].utcoffset() == timedelta(hours=8)
        assert FIRST <= talk[0]["sent_at"].date() < FIRST + timedelta(days=DAYS)
    assert any(talk[0]["sent_at"].date() < talk[-1]["sent_at"].date() for talk in talks.values())


def test_the_roster_covers_every_account_on_its_day_exactly_once(demo: Demo, messages: list[dict]) -> None:
    roster = list(csv.DictReader(demo.roster.open(encoding="utf-8", newline="")))
    stays = defaultdict(list)
    for row in roster:
        stays[row["platform"], row["shop"], row["account"]].append(row)
    said = {
        (m["platform"], m["shop"], m["agent"], str(m["sent_at"].date())) for m in messages if m["speaker"] == "agent"
    }
    for *account, day in said:
        valid = [
            r for r in stays[tuple(account)] if r["valid_from"] <= day and (not r["valid_to"] or day < r["valid_to"])
        ]
        assert len(valid) == 1, (account, day)
    assert len({row["agent_id"] for row in roster}) == SIZE["agents"]
    assert all(
        1 <= len({r["shop"] for r in roster if r["agent_id"] == a}) <= 3 for a in {r["agent_id"] for r in roster}
    )


def test_one_agent_changes_team_one_joins_and_one_leaves(demo: Demo) -> None:
    roster = list(csv.DictReader(demo.roster.open(encoding="utf-8", newline="")))
    inside = {str(FIRST + timedelta(days=d)) for d in range(1, DAYS)}
    teams, begins, ends = defaultdict(set), defaultdict(set), defaultdict(set)
    for row in roster:
        teams[row["agent_id"]].add(row["team"])
        begins[row["agent_id"]].add(row["valid_from"])
        ends[row["agent_id"]].add(row["valid_to"])
    moved = [a for a in teams if len(teams[a]) == 2]
    assert moved
    assert all((begins[a] & ends[a]) <= inside and begins[a] & ends[a] for a in moved)
    assert [a for a in teams if begins[a] <= inside]
    assert [a for a in teams if ends[a] <= inside]
    assert len({row["team"] for row in roster}) == 3


def test_speakers_have_the_accounts_that_belong_to_them(messages: list[dict]) -> None:
    for message in messages:
        if message["speaker"] == "bot":
            assert message["agent"] == BOT
        else:
            assert bool(message["agent"]) == (message["speaker"] == "agent")


def test_bots_transfers_and_returning_customers_occur(truth: Truth, talks: dict[str, list[dict]]) -> None:
    assert any(len(row["agents"]) == 2 for row in truth.conversations.values())
    assert any(m["text"].endswith("撤回了一条消息") for talk in talks.values() for m in talk)
    kinds = Counter(frozenset(m["speaker"] for m in talk if m["speaker"] != "system") for talk in talks.values())
    assert kinds[frozenset({"customer", "bot", "agent"})] > kinds[frozenset({"customer", "bot"})] > 0
    assert kinds[frozenset({"customer"})] > 0
    visits = defaultdict(list)
    for talk in talks.values():
        visits[talk[0]["shop"], talk[0]["customer"]].append((talk[0]["sent_at"], talk[-1]["sent_at"]))
    gaps = [b[0] - a[1] for own in visits.values() for a, b in pairwise(sorted(own))]
    assert len(gaps) > 0.05 * len(talks)
    assert all(timedelta(0) < gap < timedelta(hours=72) for gap in gaps)


def test_ratings_and_orders_stand_where_each_form_has_them(demo: Demo) -> None:
    for path in demo.exports:
        rows = read_export(path)
        last = {row["conversation_id"]: i for i, row in enumerate(rows)}
        for i, row in enumerate(rows):
            rating = (row.get("rating") or {}).get("value") if "-ks-" in path.name else row.get("rating")
            assert rating in (None, "", "satisfied", "neutral", "disappointed")
            if "-ks-" not in path.name and i != last[row["conversation_id"]]:
                assert not rating
                assert not row.get("order_id")
        assert any(row.get("rating") for row in rows)
        assert any(row.get("order_id") or row.get("order") for row in rows)


def test_better_handled_conversations_are_rated_better(demo: Demo, truth: Truth) -> None:
    values = {
        row["conversation_id"]: row["rating"]["value"] if isinstance(row["rating"], dict) else row["rating"]
        for path in demo.exports
        for row in read_export(path)
        if row.get("rating")
    }
    rated = [(truth.quality(c), value == "satisfied") for c, value in values.items() if truth.quality(c) is not None]
    rated.sort()
    third = len(rated) // 3
    assert fmean(ok for _, ok in rated[-third:]) > fmean(ok for _, ok in rated[:third]) + 0.05
    assert 0.7 < fmean(ok for _, ok in rated) < 0.95


def test_customers_give_personal_data_of_people_who_do_not_exist(messages: list[dict]) -> None:
    said = " ".join(m["text"] for m in messages if m["speaker"] == "customer")
    assert re.search(r"(?<!\d)1[3-9]\d0000\d{4}(?!\d)", said)
    assert re.search(r"demo\d{5}@example\.com", said)
    assert re.search(r"市\S{2,4}区\S+号\d+幢\d+室", said)
    ids = re.findall(r"(?<!\d)\d{17}[\dX](?!\d)", said)
    cards = re.findall(r"(?<!\d)622202\d{13}(?!\d)", said)
    assert ids
    assert cards
    for number in ids:
        total = sum(2 ** (17 - i) * (10 if c == "X" else int(c)) for i, c in enumerate(number))
        assert total % 11 == 1
        assert number[14:17] == "000"
    for card in cards:
        doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(card))]
        assert sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def test_faults_and_decoys_of_every_kind_are_planted(demo: Demo, truth: Truth) -> None:
    faults = [fault for rows in truth.faults.values() for fault in rows]
    decoys = [decoy for rows in truth.decoys.values() for decoy in rows]
    assert (len(faults), len(decoys)) == (demo.faults, demo.decoys)
    assert {fault["category"] for fault in faults} == {*CATEGORIES, "delay"}
    assert {decoy["kind"] for decoy in decoys} == {
        "customer_says",
        "normal_question",
        "negated_or_quoted",
        "common_line_again",
        "asked_again",
    }
    share = len({f["conversation_id"] for f in faults if f["category"] != "delay"}) / demo.conversations
    assert 0.01 < share < 0.06


def test_the_truth_names_the_messages_it_speaks_of(truth: Truth, talks: dict[str, list[dict]]) -> None:
    for rows in (*truth.faults.values(), *truth.decoys.values()):
        for row in rows:
            said = talks[row["conversation_id"]][row["position"]]
            assert said["text"] == row["text"]
            assert (said.get("message_id") or None) == row["message_id"]
            assert (said["agent"] or None) == row["account"]
            at = row["sent_at"] if isinstance(row["sent_at"], list) else [row["sent_at"]]
            assert datetime.fromisoformat(at[-1]) == said["sent_at"]


def test_only_agents_commit_faults_or_nobody_answers_and_the_customer_decoys_are_the_customer_s(
    truth: Truth, talks: dict[str, list[dict]]
) -> None:
    faults = [fault for rows in truth.faults.values() for fault in rows]
    assert any(fault["family"] == "nobody_answered" for fault in faults)
    for fault in faults:
        said = talks[fault["conversation_id"]][fault["position"]]["speaker"]
        assert (said == "customer") == (fault["family"] == "nobody_answered")
    for rows in truth.decoys.values():
        for decoy in rows:
            said = talks[decoy["conversation_id"]][decoy["position"]]["speaker"]
            assert (said == "customer") == (decoy["kind"] == "customer_says")


def test_no_ordinary_agent_line_holds_the_core_of_a_fault(
    messages: list[dict], marked: dict[tuple[str, int], str]
) -> None:
    ordinary = [
        m["text"]
        for m in messages
        if m["speaker"] == "agent" and marked.get((m["conversation_id"], m["position"]), "delay") == "delay"
    ]
    assert not [text for text in ordinary if CORE.search(text) or fold(text) in CURT]
    assert not [line for line in load_lines().ordinary_agent_lines() if CORE.search(line) or fold(line) in CURT]


def test_planted_phrases_are_written_in_many_ways(truth: Truth) -> None:
    texts = [f["text"] for rows in truth.faults.values() for f in rows if f["category"] in CATEGORIES[:3]]
    assert any("\u200b" in text for text in texts)
    assert any(" " in text for text in texts)
    assert any(set(text) & set("麼們訴說過關這個樣") for text in texts)
    assert any(set(text) & set("🙄😅😒🤷") for text in texts)


def test_a_planted_repeat_is_nearly_the_same_and_was_not_asked_for(truth: Truth, talks: dict[str, list[dict]]) -> None:
    repeats = [f for rows in truth.faults.values() for f in rows if f["category"] == "repeated"]
    assert {f["family"] for f in repeats} == {"same_script", "one_word_changed"}
    for fault in repeats:
        talk = talks[fault["conversation_id"]]
        first, second = (talk[p] for p in fault["positions"])
        assert first["agent"] == second["agent"]
        assert len(fold(first["text"])) >= 8
        assert Indel.normalized_similarity(fold(first["text"]), fold(second["text"])) >= 0.9
        before = {m["text"] for m in talk[: first["position"]] if m["speaker"] == "customer"}
        after = {m["text"] for m in talk[first["position"] : second["position"]] if m["speaker"] == "customer"}
        assert after
        assert not before & after


def test_where_the_customer_asks_again_the_answer_may_come_again(truth: Truth, talks: dict[str, list[dict]]) -> None:
    again = [d for rows in truth.decoys.values() for d in rows if d["kind"] == "asked_again"]
    for decoy in again:
        talk, at = talks[decoy["conversation_id"]], decoy["position"]
        first = next(m["position"] for m in talk if m["text"] == decoy["text"])
        question = next(m["text"] for m in reversed(talk[:first]) if m["speaker"] == "customer")
        assert first < at
        assert talk[at - 1]["text"].endswith(question)


def test_no_other_line_of_an_agent_comes_twice_in_a_conversation(
    talks: dict[str, list[dict]], marked: dict[tuple[str, int], str]
) -> None:
    spared = {"common_line_again", "asked_again", "repeated"}
    for name, talk in talks.items():
        said = [m for m in talk if m["speaker"] == "agent" and marked.get((name, m["position"])) not in spared]
        lines = [fold(m["text"]) for m in said if len(fold(m["text"])) >= 8]
        close = [(a, b) for i, a in enumerate(lines) for b in lines[:i] if Indel.normalized_similarity(a, b) > 0.8]
        assert not close, name
    assert TOO_ALIKE < 0.8


def test_late_replies_are_late_and_all_others_are_not(truth: Truth, talks: dict[str, list[dict]]) -> None:
    for name, talk in talks.items():
        late = {f["position"] for f in truth.faults.get(name, ()) if f["category"] == "delay"}
        waiting = None
        for message in talk:
            if message["speaker"] == "agent" and waiting is not None:
                seconds = (message["sent_at"] - waiting).total_seconds()
                assert (seconds > 300) == (message["position"] in late)
                assert message["position"] in late or seconds <= 180
            if message["speaker"] == "customer":
                waiting = waiting or message["sent_at"]
            elif message["speaker"] != "system":
                waiting = None


def test_agents_with_less_skill_commit_more_faults(truth: Truth) -> None:
    agents = sorted((a for a in truth.agents if a["conversations"]), key=lambda a: a["skill_score"])
    half = len(agents) // 2
    rates = [
        sum(a["faults"] for a in part) / sum(a["conversations"] for a in part)
        for part in (agents[:half], agents[half:])
    ]
    assert rates[0] > rates[1]
    assert agents[-1]["skill_score"] - agents[0]["skill_score"] > 15


def test_an_agent_s_expected_score_is_the_mean_quality_of_what_the_agent_ended(truth: Truth) -> None:
    for agent in truth.agents:
        ended = [c["quality"] for c in truth.conversations.values() if c["agents"][-1:] == [agent["agent_id"]]]
        assert len(ended) == agent["conversations"]
        if ended:
            assert agent["expected_score"] == pytest.approx(fmean(ended), abs=0.001)


# ------------------------------------------------------------------------------------------- reviewers


def criterion(name: str, weight: int, top: int = 4, **more: object) -> Criterion:
    words = Text(name, name)
    levels = tuple(Level(value, words) for value in range(top + 1))
    return Criterion(name, words, words, Decimal(weight), levels, **more)


CRITERIA = (
    criterion("respect", 0, 1, critical=True, may_not_apply=False),
    criterion("attitude", 20, may_not_apply=False),
    criterion("understanding", 20),
    criterion("solution", 25),
    criterion("accuracy", 20),
    criterion("efficiency", 15, 2, may_not_apply=False),
)


def review_score(truth: Truth, conversation: str, severity: float, rng: random.Random) -> float:
    levels = {r.criterion: r.level for r in made_up_levels(truth, conversation, CRITERIA, severity, rng)}
    counted = [c for c in CRITERIA if levels[c.id] is not None]
    got = sum(float(c.weight) * levels[c.id] / c.top for c in counted)
    return 100 * got / sum(float(c.weight) for c in counted)


def spread_of(truth: Truth) -> list[str]:
    """A worst, a best and some conversations between."""
    known = sorted((c["quality"], name) for name, c in truth.conversations.items() if c["quality"] is not None)
    return [known[i * (len(known) - 1) // 9][1] for i in range(10)]


@pytest.mark.parametrize("severity", [-4.0, 0.0, 6.0])
def test_a_made_up_review_is_expected_to_score_the_true_quality_less_the_severity(
    truth: Truth, severity: float
) -> None:
    rng = random.Random(11)
    for conversation in spread_of(truth):
        true = truth.quality(conversation)
        mean = fmean(review_score(truth, conversation, severity, rng) for _ in range(1500))
        assert mean == pytest.approx(min(100.0, max(0.0, true - severity)), abs=0.9)


def test_made_up_levels_are_levels_and_differ_between_reviewers(truth: Truth) -> None:
    rng = random.Random(5)
    reviews = [made_up_levels(truth, c, CRITERIA, 0.0, rng) for c in spread_of(truth) for _ in range(20)]
    assert all(tuple(r.criterion for r in review) == tuple(c.id for c in CRITERIA) for review in reviews)
    for review in reviews:
        for rating, asked in zip(review, CRITERIA, strict=True):
            assert rating.level in range(asked.top + 1) or (rating.level is None and asked.may_not_apply)
    assert len(set(reviews)) > 20


def test_what_does_not_apply_does_not_apply_for_every_reviewer(truth: Truth) -> None:
    left_out = set()
    for name, row in truth.conversations.items():
        if row["quality"] is not None:
            views = {
                tuple(r.level is None for r in made_up_levels(truth, name, CRITERIA, severity, random.Random(severity)))
                for severity in (0.0, 5.0)
            }
            assert len(views) == 1
            left_out |= views
    assert len(left_out) > 1


def test_a_critical_criterion_is_failed_only_where_the_true_quality_is_not_above_its_cap(truth: Truth) -> None:
    strict = (criterion("respect", 0, 1, critical=True, cap=Decimal(70)), *CRITERIA[1:])
    for name, row in truth.conversations.items():
        if row["quality"] is not None:
            level = made_up_levels(truth, name, strict, 0.0, random.Random(1))[0].level
            assert level == (0 if row["quality"] <= 70 else 1)


def test_a_conversation_that_nobody_answered_or_that_is_unknown_is_not_reviewed(truth: Truth) -> None:
    nobody = next(name for name, row in truth.conversations.items() if row["quality"] is None)
    for conversation in (nobody, "KS-nothing"):
        with pytest.raises(Refusal, match=conversation):
            made_up_levels(truth, conversation, CRITERIA, 0.0, random.Random(1))


def test_a_finding_is_confirmed_where_it_was_planted_and_rejected_elsewhere(truth: Truth) -> None:
    fault = next(f for rows in truth.faults.values() for f in rows if f["category"] == "deflection")
    row = {
        "conversation_id": fault["conversation_id"],
        "message_id": "m1",
        "category": "deflection",
        "sent_at": datetime.fromisoformat(fault["sent_at"][0]).astimezone(tz=None),
    }
    assert made_up_verdict(truth, row) is Verdict.CONFIRMED
    assert made_up_verdict(truth, row | {"message_id": None, "sent_at": None}) is Verdict.CONFIRMED
    assert made_up_verdict(truth, row | {"category": "rhetorical"}) is Verdict.REJECTED
    assert made_up_verdict(truth, row | {"sent_at": row["sent_at"] + timedelta(seconds=1)}) is Verdict.REJECTED
    assert made_up_verdict(truth, row | {"conversation_id": "KS-other"}) is Verdict.REJECTED


# ------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("wrong", "named"), [({"agents": 5}, "agents"), ({"days": 0}, "days"), ({"conversations": 0}, "conversations")]
)
def test_a_size_that_makes_no_month_is_refused_and_nothing_is_written(
    wrong: dict[str, int], named: str, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match=named):
        make(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("content", [None, "", "{", '{"agents": []}', "[1]"])
def test_a_truth_file_that_is_none_is_refused(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(Refusal, match=r"truth\.json"):
        read_truth(path)


def test_the_smallest_month_can_be_made(tmp_path: Path) -> None:
    small = make(tmp_path, agents=6, days=1, conversations=3)
    assert small.conversations == 3
    assert all(path.stat().st_size for path in small.exports)
