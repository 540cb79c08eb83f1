"""Folding: what reads the same is the same, and the way back to the text as shown is exact."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.scoring.fold import Form, Ruler, bare_words, fold, fold_words, shorten, unify, wording

CALM = settings(deadline=None, max_examples=80)  # the first call builds the map
TEXTS = st.text(max_size=40) | st.text(alphabet="不知道清楚您你嗎吗么什麼？！ \u200b\u3000Ａa1，。😀[]#\n", max_size=40)


def folded(text: str, *, pronouns: bool = False, particles: bool = False) -> str:
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    return frame.select(unify(fold(pl.col("text")), pronouns=pronouns, particles=particles)).item()


def short(text: str, form: Form) -> str:
    return pl.DataFrame({"text": [folded(text)]}).select(shorten(pl.col("text"), form)).item()


@CALM
@given(TEXTS, st.booleans(), st.booleans())
def test_folding_keeps_every_offset(text: str, pronouns: bool, particles: bool) -> None:
    assert len(folded(text, pronouns=pronouns, particles=particles)) == len(text)


@CALM
@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@CALM
@given(TEXTS, st.sampled_from(Form), st.data())
def test_a_span_of_a_shorter_form_is_exactly_its_characters_in_the_shown_text(
    text: str, form: Form, data: st.DataObject
) -> None:
    whole = short(text, form)
    if not whole:
        return
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start + 1, len(whole)))
    # a second text before it: spans are of their own row
    ruler = Ruler(pl.Series(["您好，x", folded(text)]), form)
    begin, stop = ruler.shown(np.array([1]), np.array([start]), np.array([end]))
    piece = text[begin[0] : stop[0]]
    assert short(piece, form) == whole[start:end]
    assert short(piece[0], form) == whole[start]
    assert short(piece[-1], form) == whole[end - 1]


@CALM
@given(TEXTS, st.booleans(), st.booleans())
def test_a_phrase_is_folded_as_texts_are(text: str, pronouns: bool, particles: bool) -> None:
    frame = pl.DataFrame({"text": [folded(text, pronouns=pronouns, particles=particles)]})
    expected = frame.select(shorten(pl.col("text"), Form.BARE)).item()
    assert bare_words(text, pronouns=pronouns, particles=particles, tail=True) == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("我們不清楚", "我们不清楚"),
        ("妳想怎樣嗎", "你想怎样么"),
        ("甚麼？", "什么?"),
        ("著急什麼", "着急什么"),
        ("ＡＢＣ１２３", "abc123"),
        ("您好，在嗎。", "你好,在么."),
        ("第一行\n第二行", "第一行.第二行"),
        ("①號", "1号"),
    ],
)
def test_variants_of_writing_read_the_same(written: str, read: str) -> None:
    assert folded(written, pronouns=True, particles=True) == read


def test_without_options_you_and_question_particles_stay_apart() -> None:
    assert folded("您知道吗") == "您知道吗"
    assert folded("您知道吗", pronouns=True) == "你知道吗"
    assert folded("您知道吗", particles=True) == "您知道么"


@pytest.mark.parametrize(
    ("text", "plain", "bare"),
    [
        ("不 知\u200b道！！", "不知道!!", "不知道"),
        ("不知道😀\ufe0f", "不知道", "不知道"),
        ("价格：12.5 元", "价格:12.5元", "价格125元"),
        ("“不·清-楚”", "“不·清-楚”", "不清楚"),
    ],
)
def test_the_plain_form_keeps_punctuation_and_the_bare_form_does_not(text: str, plain: str, bare: str) -> None:
    assert (short(text, Form.PLAIN), short(text, Form.BARE)) == (plain, bare)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("什么呢？？", "什么"),
        ("什么[微笑][微笑]", "什么"),
        ("#E-s21 不知道", "不知道"),
        ("还有[手机号·a1b2]呢", "还有手机号a1b2"),
        ("啊啊", "啊啊"),
        ("[图片]", ""),
    ],
)
def test_a_whole_message_is_read_without_what_stands_around_it(text: str, words: str) -> None:
    assert wording(pl.Series([folded(text)]), particles=True).item() == words


def test_a_whole_message_keeps_its_particles_where_the_rule_says_so() -> None:
    assert wording(pl.Series(["你说呢?"]), particles=False).item() == "你说呢"


def test_breaks_count_the_gaps_with_a_clause_mark() -> None:
    ruler = Ruler(pl.Series(["别急,什么时候", "不,清,楚"]), Form.BARE)
    rows, starts, ends = np.array([0, 0, 1]), np.array([1, 2, 0]), np.array([4, 4, 3])
    assert ruler.breaks(rows, starts, ends).tolist() == [1, 0, 2]


def test_ascii_of_a_pattern_is_left_alone() -> None:
    assert fold_words(r"\D您，\S", pronouns=True, particles=False) == r"\D你,\S"
