"""Phrases in the bare form of a text: contained in it, or the whole of it.

One alternation of all phrases, written the widest way, picks the few texts that matter; each rule is then
decided on those in its own fold. A contained phrase does not reach over a clause mark (别急，什么时候 is not
急什么), unless it is written with one, or the text has one between all of its characters (不，清，楚).
"""

import re
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import polars as pl

from qa.model import N_, Frame, Phrase, Refusal, Rule
from qa.scoring.fold import MARKS, Form, Ruler, bare_words, fold_words, shorten, unify, wording
from qa.scoring.kinds.batch import CLAIMS, SPANS, Batch, Texts

Given = Sequence[tuple[int, Rule, Phrase]]

MANY = 3000
"""Phrases from which one alternation grows too large for the engine; below, it is the faster way."""

CODE_ROOM = 100
"""Characters that emoticon codes around a whole message may take."""


def verify(rule: Rule, check: Phrase) -> None:
    """Refuse an unknown match, no phrases, a phrase without a letter, exceptions that cannot act."""
    if check.match not in ("whole", "contains"):
        raise Refusal(
            N_("“{match}” is not a way to match."), N_("Write whole or contains."), place=rule.id, match=check.match
        )
    if not check.phrases:
        raise Refusal(N_("The rule has no phrases."), N_("Give at least one."), place=rule.id)
    for words in (*check.phrases, *check.exceptions):
        if not _literal(check, words):
            raise Refusal(
                N_("“{words}” holds nothing but blanks and signs."),
                N_("Write words, or use the kind regex."),
                place=rule.id,
                words=words,
            )
    for words in check.exceptions:
        if not any(_literal(check, phrase) in _literal(check, words, tail=True) for phrase in check.phrases):
            raise Refusal(
                N_("The exception “{words}” holds none of the phrases, so it does nothing."),
                N_("Write the phrase with the words around it that make it harmless."),
                place=rule.id,
                words=words,
            )
    if check.match == "whole" and check.exceptions:
        raise Refusal(
            N_("Exceptions do nothing where the whole message must match."),
            N_("Remove them, or write match = “contains”."),
            place=rule.id,
        )


def find(batch: Batch, given: Given) -> Frame:
    """CLAIMS of all phrase rules; the span of a whole message is all of it."""
    claims = [CLAIMS.to_frame()]
    for speaker, own in groupby(sorted(given, key=lambda g: g[1].speaker), key=lambda g: g[1].speaker):
        rules, texts = list(own), batch.texts(speaker)
        claims += [
            texts.claims(_contained(texts, [g for g in rules if g[2].match == "contains"])),
            texts.claims(_whole(texts, [g for g in rules if g[2].match == "whole"])),
        ]
    return pl.concat(claims)


def _contained(texts: Texts, given: Given) -> Frame:
    """SPANS of texts that contain a phrase."""
    few = texts.distinct.filter(_holds(texts, given)) if given else texts.distinct.clear()
    if few.is_empty():
        return SPANS.to_frame()
    return pl.concat(_spans(few, list(own), *fold) for fold, own in groupby(sorted(given, key=_fold), key=_fold))


def _spans(few: Frame, given: Given, pronouns: bool, particles: bool) -> Frame:
    """SPANS of contained phrases, for rules of one fold."""
    same = unify(pl.col("folded"), pronouns=pronouns, particles=particles)
    bare = few.select(shorten(same, Form.BARE)).to_series()
    phrases = _table(given).group_by("rule", "literal").agg(pl.col("may_break").any())
    excepted = _table(given, exceptions=True).select("rule", "literal").unique()
    found = _occurrences(bare, phrases).with_columns(size=pl.col("end") - pl.col("start"))
    if not excepted.is_empty():
        found = outside(found, _occurrences(bare, excepted))
    ruler = Ruler(few["folded"], Form.BARE)
    row, start, end = (found[name].to_numpy().astype(np.int64) for name in ("place", "start", "end"))
    breaks = pl.Series(ruler.breaks(row, start, end), dtype=pl.Int64)
    shown = ruler.shown(row, start, end)
    return (
        found.with_columns(text=few["text"].gather(found["place"]), start=shown[0], end=shown[1], breaks=breaks)
        .filter((pl.col("breaks") == 0) | pl.col("may_break") | _spelled_out())
        .pipe(_outermost)
        .select(pl.col(name).cast(dtype) for name, dtype in SPANS.items())
    )


def _spelled_out() -> pl.Expr:
    return (pl.col("breaks") == pl.col("size") - 1) & (pl.col("size") > 2)


def _occurrences(bare: pl.Series, literals: Frame) -> Frame:
    """place (in `bare`), start, end and the columns of `literals`: every occurrence, overlapping ones too."""
    words = literals["literal"].unique().sort().to_list()
    every = bare.alias("bare").to_frame().with_row_index("place")
    found = every.select(
        "place",
        "bare",
        literal=pl.col("bare").str.extract_many(words, overlapping=True),
        byte=pl.col("bare").str.find_many(words, overlapping=True),
    ).explode("literal", "byte")
    return (
        found.drop_nulls("literal")
        .with_columns(start=pl.col("bare").cast(pl.Binary).bin.slice(0, "byte").cast(pl.String).str.len_chars())
        .with_columns(end=pl.col("start") + pl.col("literal").str.len_chars())
        .drop("bare", "byte")
        .join(literals, on="literal")
    )


def outside(found: Frame, excepted: Frame) -> Frame:
    """The spans that no exception of their rule holds. Both: rule, place, start, end."""
    inside = found.join(excepted, on=["rule", "place"], suffix="_of").filter(
        (pl.col("start_of") <= pl.col("start")) & (pl.col("end") <= pl.col("end_of"))
    )
    return found.join(inside, on=["rule", "place", "start", "end"], how="anti")


def _outermost(found: Frame) -> Frame:
    """Of spans of one rule that overlap, the first and longest: one fault is one finding."""
    ordered = found.sort("rule", "place", "start", "end", descending=[False, False, False, True])
    reached = pl.col("end").cum_max().shift().over("rule", "place").fill_null(0)
    return ordered.filter(pl.col("start") >= reached)


def _whole(texts: Texts, given: Given) -> Frame:
    """SPANS of texts that are a phrase and nothing else but signs, emoticons and, where folded, particles."""
    return pl.concat(
        [SPANS.to_frame()]
        + [_wholly(texts, list(own), *fold) for fold, own in groupby(sorted(given, key=_fold), key=_fold)]
    )


def _wholly(texts: Texts, given: Given, pronouns: bool, particles: bool) -> Frame:
    phrases = _table(given).select("rule", "literal").unique()
    longest = max(map(len, phrases["literal"]))
    short = texts.form(Form.BARE, pronouns=True, particles=True).str.len_chars() <= longest + CODE_ROOM
    few = texts.distinct.filter(short & _holds(texts, given))
    same = few.select(unify(pl.col("folded"), pronouns=pronouns, particles=particles)).to_series()
    found = few.select("text", literal=wording(same, particles=particles)).join(phrases, on="literal")
    return found.select("rule", "text", start=pl.lit(0, pl.Int32), end=pl.col("text").str.len_chars().cast(pl.Int32))


def _holds(texts: Texts, given: Given) -> pl.Series:
    """Which of the distinct texts hold a phrase in the widest fold: no others can in a narrower one."""
    widest = {bare_words(words, pronouns=True, particles=True) for _, _, check in given for words in check.phrases}
    bare = texts.form(Form.BARE, pronouns=True, particles=True)
    if len(widest) > MANY:
        return bare.str.contains_any(sorted(widest))
    return bare.str.contains("|".join(map(re.escape, sorted(widest))))


def _table(given: Given, *, exceptions: bool = False) -> Frame:
    """rule, literal, may_break: the words of each rule in its own fold. Exceptions keep their trailing particles."""
    rows = [
        (i, _literal(check, words, tail=exceptions), _has_mark(words))
        for i, _, check in given
        for words in (check.exceptions if exceptions else check.phrases)
    ]
    return pl.DataFrame(rows, {"rule": pl.UInt32, "literal": pl.String, "may_break": pl.Boolean}, orient="row")


def _literal(check: Phrase, words: str, tail: bool = False) -> str:
    return bare_words(words, pronouns=check.fold_pronouns, particles=check.fold_particles, tail=tail)


def _has_mark(words: str) -> bool:
    folded = fold_words(words, pronouns=False, particles=False).strip(MARKS)
    return any(mark in folded for mark in MARKS)


def _fold(one: tuple[int, Rule, Phrase]) -> tuple[bool, bool]:
    return one[2].fold_pronouns, one[2].fold_particles
