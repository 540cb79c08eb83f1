"""What people read: complete in Chinese, figures rounded half up with their unit, times in the shop's zone."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from qa import ROOT
from qa.language import CATALOGUES, translator

PLACES = re.compile(r"%\(\w+\)s|\{\w*\}")
TODAY = date(2026, 10, 31)


@cache
def chinese() -> Catalog:
    with (CATALOGUES / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale="zh_Hans_CN")


def words(message: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


def test_everything_the_program_says_is_said_in_chinese() -> None:
    with (ROOT / "babel.cfg").open() as source:
        methods, options = parse_mapping_cfg(source)
    said = extract_from_dir(str(ROOT), methods, options, keywords=DEFAULT_KEYWORDS)
    missing = set()
    for file, line, message, _comments, context in said:
        entry = chinese().get(words(message)[0], context)
        if entry is None or entry.fuzzy or not all(words(entry.string)):
            missing.add(f"{file}:{line}: {words(message)[0]}")
    assert not missing, "without Chinese, run make messages and translate:\n" + "\n".join(sorted(missing))


def test_a_translation_has_the_same_places_for_figures_as_its_message() -> None:
    wrong = []
    for entry in chinese():
        if entry.id:
            wanted = set(PLACES.findall(words(entry.id)[-1]))
            wrong += [
                words(entry.id)[0] for text in words(entry.string) if text and set(PLACES.findall(text)) != wanted
            ]
    assert not wrong


def test_no_translation_forgot_to_leave_english() -> None:
    same = [
        words(e.id)[0] for e in chinese() if e.id and words(e.string)[0] == words(e.id)[0] and " " in words(e.id)[0]
    ]
    assert not same


@pytest.mark.parametrize(
    ("tag", "shown"), [("zh", "83.1\u00a0%，n=1,214"), ("zh-CN", "83.1\u00a0%，n=1,214"), ("en_GB", "83.1%, n=1,214")]
)
def test_a_share_stands_with_what_it_rests_on(tag: str, shown: str) -> None:
    assert translator(tag).share(0.8312, 1214) == shown


def test_a_language_that_nobody_translated_is_shown_in_chinese() -> None:
    assert translator("fr").language == "zh"


@pytest.mark.parametrize(
    ("amount", "signed", "shown"),
    [
        ("1234.5", False, "¥1,234.50"),
        ("-20", False, "\u2212¥20.00"),
        ("50", True, "+¥50.00"),
        ("0", True, "¥0.00"),
        ("0.005", False, "¥0.005"),
        ("1234567.123456", False, "¥1,234,567.123456"),
    ],
)
def test_an_amount_hides_no_digit(amount: str, signed: bool, shown: str) -> None:
    assert translator("zh").money(Decimal(amount), signed=signed) == shown
    assert translator("en").money(Decimal(amount), signed=signed) == shown


def test_figures_are_rounded_half_up_and_a_rounded_zero_has_no_sign() -> None:
    t = translator("en")
    assert [t.number(x) for x in (0.5, 1.5, 2.5, -2.5)] == ["1", "2", "3", "\u22123"]
    assert t.number(-0.04, 1) == "0.0"
    assert t.percent(0.8125, 1) == "81.3%"


def test_a_missing_figure_is_a_word_and_never_zero() -> None:
    t = translator("zh")
    shown = {
        t.number(None), t.money(None), t.percent(None), t.difference(None), t.seconds(None), t.duration(None),
        t.figure(None, "share"), t.figure(None, "boxes"), t.day(None), t.long_day(None), t.instant(None, "Asia/Shanghai"),
    }  # fmt: skip
    assert shown == {"无数据"}


def test_a_difference_of_shares_is_in_points_with_its_sign() -> None:
    assert translator("zh").difference(0.031) == "+3.1 个百分点"
    assert translator("zh").difference(-0.031) == "\u22123.1 个百分点"


def test_a_wait_is_told_in_minutes_and_hours() -> None:
    t = translator("zh")
    assert [t.duration(x) for x in (38, 125, 7260)] == ["38 秒", "2 分 05 秒", "2 小时 01 分"]


@pytest.mark.parametrize(
    ("unit", "shown"),
    [("share", "80.0%"), ("seconds", "0.8 s"), ("count", "1"), ("ratio", "0.80"), ("yuan", "¥0.80"), ("points", "0.8"), ("boxes", "0.8\u00a0boxes")],
)  # fmt: skip
def test_a_figure_is_written_in_its_unit(unit: str, shown: str) -> None:
    assert translator("en").figure(Decimal("0.8"), unit) == shown


def test_an_instant_is_shown_in_the_zone_of_the_shop_and_near_ones_by_name() -> None:
    t, at = translator("zh"), datetime(2026, 10, 29, 20, 5, tzinfo=UTC)
    assert t.instant(at, "Asia/Shanghai") == "2026-10-30 04:05"
    assert t.instant(at, "Asia/Shanghai", TODAY) == "昨天 04:05"
    assert t.instant(at, "UTC", TODAY) == "2026-10-29 20:05"
    with pytest.raises(ValueError, match="zone"):
        t.instant(at.replace(tzinfo=None), "UTC")


def test_days_and_months_have_a_near_a_far_and_a_long_form() -> None:
    zh, en, day = translator("zh"), translator("en"), date(2026, 10, 30)
    assert zh.day(day) == en.day(day) == "2026-10-30"
    assert (zh.day(day, TODAY), en.day(day, TODAY)) == ("昨天 10月30日 周五", "yesterday Fri 30 Oct")
    assert zh.long_day(day) == "2026年10月30日 周五"
    assert (zh.month("2026-10"), en.month("2026-10")) == ("2026年10月", "October 2026")


def test_english_knows_one_from_many() -> None:
    one, many = "{n} message", "{n} messages"
    assert translator("en").ngettext(one, many, 1) == one
    assert translator("en").ngettext(one, many, 2) == many
    assert translator("zh").ngettext(one, many, 2) == "{n} 条消息"
