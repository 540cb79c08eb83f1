"""Reports: the ledger's amounts with their reasons, hostile words shown as words, the same bytes for the same facts."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import fastexcel
import pytest
from report_facts import FACTS, ZONE
from report_people import BONUSES, FORMULAS, HOSTILE, MONTH, PEOPLE, SCHEME

from qa import ROOT
from qa.language import translator
from qa.model import BonusLine, Estimate, Refusal, Step, Text
from qa.report import KINDS, BonusFacts, render, standing, trace, xlsx

CSS = (ROOT / "reports" / "templates" / "paper.css").read_text()
WRITTEN = {
    "name",
    "agent_name",
    "reviewer_name",
    "note",
    "text",
    "matched",
    "shop",
    "team",
    "group",
    "instead",
    "zh",
    "en",
}


class Page(HTMLParser):
    """The elements and the words of a page, with the words of each element of a class."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html.rsplit("</style>", maxsplit=1)[-1])
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(kind: str, language: str = "zh", **changes: object) -> Page:
    return Page(render(kind, replace(FACTS[kind], **changes), language=language, zone=ZONE))


def rewritten(value: Any, write: Callable[[str], str]) -> Any:
    """The same facts with every text that a person or a file may have written replaced."""
    if isinstance(value, tuple):
        return tuple(rewritten(item, write) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for field in fields(value):
        old = getattr(value, field.name)
        changes[field.name] = write(old) if field.name in WRITTEN and isinstance(old, str) else rewritten(old, write)
    return replace(value, **changes)


def cells(workbook: bytes) -> list[list[object]]:
    book = fastexcel.read_excel(workbook)
    sheets = [book.load_sheet(name, header_row=None, dtypes="string").to_polars() for name in book.sheet_names]
    return [list(row) for sheet in sheets for row in sheet.iter_rows()]


# ---------------------------------------------------------------- every kind, both languages


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_alone_and_says_that_its_data_is_made_up(kind: str, language: str) -> None:
    seen = page(kind, language)
    assert {"演示数据 · 全部虚构", "Demonstration data · all made up"} & set(seen.words)
    assert not [tag for tag, _ in seen.elements if tag in {"script", "img", "link", "iframe", "a"}]
    assert not re.search(r"url\(|@import", CSS)


@pytest.mark.parametrize("kind", KINDS)
def test_real_data_carries_no_label(kind: str) -> None:
    assert "演示数据" not in page(kind, house=replace(FACTS[kind].house, made_up=False)).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_chinese_report_speaks_chinese(kind: str) -> None:
    """Only names of data may be Latin: nothing of the program is left in English."""
    left = set(re.findall(r"[A-Za-z][a-z]{2,}(?: [a-z]+)+", page(kind).text))
    assert {phrase for phrase in left if phrase not in "Kuaishou shop service indicators calendar month alert"} == set()


def test_the_same_facts_give_the_same_bytes_in_any_process() -> None:
    program = (
        "import hashlib; from report_facts import FACTS, ZONE; from qa.report import render, xlsx\n"
        "made = [render(k, f, language=g, zone=ZONE).encode() + xlsx(k, f, language=g, zone=ZONE)"
        " for g in ('zh', 'en') for k, f in FACTS.items()]\n"
        "print(hashlib.sha256(b''.join(made)).hexdigest())"
    )
    folders = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": folders, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "America/New_York"))
    }
    assert len(digests) == 1


def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(Refusal, match="Choose one of: daily, review"):
        render("weekly", FACTS["daily"], language="zh", zone=ZONE)


# ---------------------------------------------------------------- hostile words


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_words_are_shown_as_words(kind: str) -> None:
    facts = rewritten(FACTS[kind], lambda _: HOSTILE)
    html = render(kind, facts, language="zh", zone=ZONE)
    seen = Page(html)
    assert not [tag for tag, _ in seen.elements if tag in {"script", "a"}]
    assert not [name for _, attributes in seen.elements for name in attributes if name.startswith("on")]
    assert "**bold** [a](http://x.example)" in seen.text


@pytest.mark.parametrize("kind", ["daily", "review"])
def test_characters_that_turn_the_reading_direction_are_written_out(kind: str) -> None:
    html = render(kind, FACTS[kind], language="zh", zone=ZONE)
    assert "\u202e" not in html
    assert "\u2039U+202E\u203agnirts" in html


def test_the_words_that_a_rule_means_are_marked_in_the_message() -> None:
    html = render("review", FACTS["review"], language="zh", zone=ZONE)
    assert "亲，<mark>不是告诉过您了吗</mark>，自己看一下详情页" in html
    assert "<mark>&lt;script&gt;</mark>alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_workbook_holds_no_formula_and_no_link(kind: str, formula: str) -> None:
    workbook = xlsx(kind, rewritten(FACTS[kind], lambda _: formula), language="zh")
    with zipfile.ZipFile(BytesIO(workbook)) as parts:
        sheets = {name: parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels"))}
    assert not [name for name, text in sheets.items() if "<f>" in text or "<hyperlink" in text or "hyperlinks" in text]
    assert any(formula in unescape(text) for text in sheets.values())


def test_a_message_longer_than_a_cell_is_cut_and_says_so() -> None:
    found = replace(FACTS["daily"].findings[0], text="长" * 40_000)
    written = [
        cell for row in cells(xlsx("daily", replace(FACTS["daily"], findings=(found,)), language="zh")) for cell in row
    ]
    assert [cell for cell in written if isinstance(cell, str) and cell.endswith("（已截断，原文共 40,000 个字符）")]


# ---------------------------------------------------------------- amounts


@pytest.mark.parametrize("view", BONUSES, ids=lambda view: view.name)
def test_every_amount_of_a_statement_is_the_ledgers_and_opens_to_its_reasons(view: Any) -> None:
    html = render("bonus", BonusFacts(FACTS["bonus"].house, MONTH, (view,), SCHEME), language="zh", zone=ZONE)
    t = translator("zh")
    lines = re.findall(r'(?s)<details class="line">(.*?)</details>', html)
    assert len(lines) == len(view.bonus.lines)
    steps = {step.id: step for step in view.bonus.steps}
    for place, (line, shown) in enumerate(zip(view.bonus.lines, lines, strict=True)):
        summary, inside = (Page(part).text for part in shown.split("</summary>"))
        assert line.label.zh in summary
        assert t.money(line.amount, signed=place > 0) in summary
        for step_id in line.steps:
            assert steps[step_id].sentence.zh in inside
            assert steps[step_id].policy in inside
            assert all(evidence in inside for evidence in steps[step_id].evidence)
    total = re.search(r'(?s)<div class="sum">(.*?)</div>', html)
    assert total and t.money(view.bonus.amount) in Page(total[1]).text
    assert sum(line.amount for line in view.bonus.lines) == view.bonus.amount


def test_a_figure_that_was_left_out_is_told_on_the_statement() -> None:
    view = next(v for v in BONUSES if v.name == PEOPLE[22].name)
    facts = BonusFacts(FACTS["bonus"].house, MONTH, (view,), SCHEME)
    assert "质检得分没有足够的数据（n=0），不计入" in Page(render("bonus", facts, language="zh", zone=ZONE)).text


def test_reasons_stand_before_what_follows_from_them() -> None:
    for view in BONUSES:
        for traced in trace.statement(view):
            assert [s.number for s in traced.steps] == list(range(1, len(traced.steps) + 1))
            assert all(parent < s.number for s in traced.steps for parent in s.parents)
            assert {s.step.id for s in traced.steps} >= set(traced.line.steps)


def test_the_payroll_table_adds_up_by_person_and_by_line() -> None:
    table = trace.payroll(BONUSES)
    assert table.total == sum(table.totals) == sum(view.bonus.amount for view in BONUSES)
    for view, amounts in table.rows:
        assert sum(amount for amount in amounts if amount is not None) == view.bonus.amount
    text = page("payroll").text
    assert all(translator("zh").money(view.bonus.amount) in text for view in BONUSES)
    assert translator("zh").money(table.total) in text


def test_a_payroll_workbook_has_ids_as_text_and_amounts_as_numbers() -> None:
    book = fastexcel.read_excel(xlsx("payroll", FACTS["payroll"], language="zh"))
    table = book.load_sheet(0, header_row=1).to_polars()
    assert table["工号"].to_list()[:-1] == [view.agent_id for view in BONUSES]
    assert [Decimal(str(amount)) for amount in table["金额"][:-1]] == [view.bonus.amount for view in BONUSES]
    assert Decimal(str(table["金额"][-1])) == trace.payroll(BONUSES).total


def broken(**changes: Any) -> Any:
    view = BONUSES[1]
    return replace(view, bonus=replace(view.bonus, **changes))


STEP = Step("a", Text("甲", "A"), "1", "", Text("甲", "A"), "x", (), ("b",))


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (broken(amount=Decimal("1780.01")), "does not add up"),
        (broken(lines=(BonusLine("x", Text("无依据", "x"), Decimal("1780.00"), ()),)), "has no explanation: x"),
        (broken(lines=(BonusLine("x", Text("甲", "x"), Decimal("1780.00"), ("gone",)),)), "has no explanation: gone"),
        (
            broken(
                lines=(BonusLine("x", Text("甲", "x"), Decimal("1780.00"), ("a",)),),
                steps=(STEP, replace(STEP, id="b", parents=("a",))),
            ),
            "has no explanation: a",
        ),
    ],
    ids=["wrong total", "no steps", "unknown step", "a circle of reasons"],
)
def test_a_statement_that_cannot_be_explained_is_not_printed(view: Any, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        render("bonus", replace(FACTS["bonus"], bonuses=(view,)), language="zh", zone=ZONE)


# ---------------------------------------------------------------- what the figures say


def test_people_whom_the_evidence_does_not_tell_apart_share_a_group_and_are_listed_by_name() -> None:
    def person(name: str, low: float, value: float, high: float) -> Any:
        return replace(PEOPLE[0], agent_id=name, name=name, score=Estimate(value, low, high, 12, "x"))

    people = [person("戊", 80, 90, 95), person("丁", 70, 81, 85), person("甲", 60, 70, 79.9), person("乙", 60, 66, 70)]
    assert [[p.name for p in group.people] for group in standing.groups(people)] == [["丁", "戊"], ["乙", "甲"]]


def test_nobody_without_enough_evidence_is_ranked_but_everybody_is_named() -> None:
    assert PEOPLE[22] not in [p for group in standing.groups(PEOPLE) for p in group.people]
    assert f"证据不足、没有得分：{PEOPLE[22].name}" in page("appraisal").text


def test_a_review_sheet_names_nobody_else() -> None:
    text = page("review").text
    assert PEOPLE[2].name in text
    assert not [p.name for p in PEOPLE if p.name in text and p.name not in {PEOPLE[2].name}]


def test_a_rejected_finding_is_not_held_against_the_agent() -> None:
    text = page("review").text
    assert "您要 哪个 颜色" not in text
    assert "另有 1 条看过后认定不是问题" in text


def test_missing_not_reviewed_not_applicable_and_zero_are_four_things() -> None:
    assert "无数据" in page("daily").text
    assert "无评价" in page("daily").text
    assert "不适用 1 次" in page("review").text
    assert "本月还没有抽检过这名客服的会话" in page("review", reviews=()).text
    nothing = replace(PEOPLE[2], score=Estimate(None, None, None, 0, "x"), appraisal=None)
    assert "证据不够打分" in page("review", agent=nothing).text
    assert "0.0" not in page("review", agent=nothing, reviews=()).text


def test_headroom_is_said_in_ratings() -> None:
    text = page("compliance").text
    assert "还可承受 64 个中差评" in text
    assert "再得 18 个好评才能回到线上" in text
    assert "超出 12 个" in text
    assert "高于考核线 3.3 秒" in text
    english = page("compliance", "en").text
    assert "18 good ratings needed to be back on the line" in english


@pytest.mark.parametrize(
    ("left", "said"), [(0, "没有余量：再有 1 个中差评就越线"), (1, "还可承受 1 个中差评"), (-1, "再得 1 个好评")]
)
def test_headroom_on_and_beside_the_line(left: int, said: str) -> None:
    value = replace(FACTS["compliance"].metrics[0], headroom=left)
    assert said in standing.headroom(value, translator("zh"))


def test_a_line_keeps_all_its_decimals() -> None:
    metric = FACTS["compliance"].metrics[0].metric
    t = translator("en")
    assert standing.line_of(metric, t) == "≥ 80%"
    assert standing.line_of(replace(metric, threshold=Decimal("0.825")), t) == "≥ 82.5%"
    assert standing.line_of(replace(metric, threshold=None), t) == ""


def test_protection_is_shown_with_the_tier_that_the_estimate_alone_would_give() -> None:
    saved = [p for p in PEOPLE if p.appraisal and p.appraisal.protected]
    assert saved
    text = page("appraisal").text
    assert text.count("从宽") >= len(saved)
    assert "按估计为 B 档" in text
    assert "按方案从宽定为" in page("review", agent=saved[0]).text


def test_a_month_without_anything_still_makes_each_report() -> None:
    empty = {
        "daily": {
            "findings": (),
            "worklist": (),
            "today": replace(FACTS["daily"].today, cards=(), attention=(), agents=()),
        },
        "review": {"reviews": (), "findings": (), "scheme": None, "plan": None, "seed": None},
        "appraisal": {"results": (), "metrics": (), "plan": None},
        "bonus": {"bonuses": ()},
        "payroll": {"bonuses": ()},
        "compliance": {"metrics": ()},
    }
    for kind, changes in empty.items():
        assert len(page(kind, **changes).text) > 40
        assert xlsx(kind, replace(FACTS[kind], **changes), language="zh")


# ---------------------------------------------------------------- templates


def test_a_workspace_may_put_its_own_template_in_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "payroll.html").write_text('{% extends "base.html" %}{% block title %}我的工资表{% endblock %}')
    html = render("payroll", FACTS["payroll"], language="zh", zone=ZONE, overrides=tmp_path)
    assert "<h1>我的工资表</h1>" in html
    assert "2026年10月" in render("daily", FACTS["daily"], language="zh", zone=ZONE, overrides=tmp_path)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ facts.wages }}", "has no attribute 'wages'"),
        ("{{ nothing_of_this_name }}", "is undefined"),
        ("{% if %}", "line 1"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ facts.bonuses[0].name.nothing() }}", "no attribute"),
        ("{% include 'gone.html' %}", "gone.html"),
        ("{{ money('x') }}", "cannot be used"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_its_place(template: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "payroll.html").write_text(template)
    with pytest.raises(Refusal, match=said) as refused:
        render("payroll", FACTS["payroll"], language="zh", zone=ZONE, overrides=tmp_path)
    assert "payroll.html" in refused.value.place
