r"""Patterns in the plain form of a text: folded, without blanks, zero-width characters, emoji and the emoticon
codes at its end, with punctuation.

The engine is polars' (Rust): linear in the length of the text whatever the pattern, without look-around and
back-references. Clause marks are one of , . ! ? ; : ~ there, so [^,.!?;:~]* stays within a clause.
"""

from collections.abc import Sequence
from functools import cache
from itertools import groupby

import numpy as np
import polars as pl

from qa.model import N_, Frame, Refusal, Regex, Rule
from qa.scoring.fold import Form, Ruler, fold_words
from qa.scoring.kinds.batch import CLAIMS, SPANS, Batch, Texts
from qa.scoring.kinds.phrase import outside

Given = Sequence[tuple[int, Rule, Regex]]

LONGEST = 2000
"""Characters of a pattern; what it compiles to is bounded by the engine."""

NOTHING = "matches nothing"
FAULTS = {
    "look-around": (
        N_("The pattern “{pattern}” looks ahead or behind, which this engine does not do."),
        N_("Write what must not be found as an exception of the rule."),
    ),
    "backreference": (
        N_("The pattern “{pattern}” refers back to one of its groups, which this engine does not do."),
        N_("Write out what may be repeated."),
    ),
    "size limit": (
        N_("The pattern “{pattern}” is too large once its repetitions are written out."),
        N_("Lower the numbers in braces."),
    ),
    NOTHING: (
        N_("The pattern “{pattern}” matches where there is no text."),
        N_("Make it ask for at least one character."),
    ),
}
OTHER_FAULT = (N_("“{pattern}” is not a pattern: {fault}."), N_("Mend the pattern."))

CUT = "\0"
"""Stands for a match while the text between matches is measured; no plain text holds it."""


def verify(rule: Rule, check: Regex) -> None:
    """Refuse a pattern that is too long or too large, is no pattern, looks around, refers back, or matches nothing."""
    for pattern in (check.pattern, *check.exceptions):
        if len(pattern) > LONGEST:
            raise Refusal(
                N_("A pattern has {length} characters; {longest} is the most."),
                N_("Make several rules of it."),
                place=rule.id,
                length=len(pattern),
                longest=LONGEST,
            )
        fault = _fault(pattern) or _fault(_written(pattern, check))
        if fault:
            what, remedy = next((told for sign, told in FAULTS.items() if sign in fault), OTHER_FAULT)
            raise Refusal(what, remedy, place=rule.id, pattern=pattern, fault=fault)


def find(batch: Batch, given: Given) -> Frame:
    """CLAIMS of all pattern rules: every match that is not empty and not inside an exception of its rule."""
    claims = [CLAIMS.to_frame()]
    for (speaker, *fold), own in groupby(sorted(given, key=_key), key=_key):
        texts = batch.texts(speaker)
        claims.append(texts.claims(_spans(texts, list(own), *fold)))
    return pl.concat(claims)


def _spans(texts: Texts, given: Given, pronouns: bool, particles: bool) -> Frame:
    """SPANS for rules of one speaker and one fold."""
    plain = texts.form(Form.PLAIN, pronouns=pronouns, particles=particles)
    some = pl.repeat(False, plain.len(), eager=True)
    for pattern in _alternations([_written(check.pattern, check) for _, _, check in given]):
        some |= plain.str.contains(pattern)
    few = texts.distinct.with_columns(plain=plain).filter(some)
    if few.is_empty():
        return SPANS.to_frame()
    found = pl.concat(_harmful(few["plain"], i, check) for i, _, check in given)
    ruler = Ruler(few["folded"], Form.PLAIN)
    shown = ruler.shown(*(found[name].to_numpy().astype(np.int64) for name in ("place", "start", "end")))
    return found.with_columns(text=few["text"].gather(found["place"]), start=shown[0], end=shown[1]).select(
        pl.col(name).cast(dtype) for name, dtype in SPANS.items()
    )


def _harmful(plain: pl.Series, rule: int, check: Regex) -> Frame:
    """rule, place (in `plain`), start, end of every match outside the exceptions."""
    every = plain.alias("plain").to_frame().with_row_index("place").with_columns(rule=pl.lit(rule, pl.UInt32))
    found = _matches(every, _written(check.pattern, check))
    if found.is_empty() or not check.exceptions:
        return found
    there = every.join(found, on="place", how="semi")
    return outside(found, pl.concat(_matches(there, _written(pattern, check)) for pattern in check.exceptions))


def _matches(texts: Frame, pattern: str) -> Frame:
    """rule, place, start, end of every match that is not empty. The engine does not give the offsets of all matches,
    so each match is cut out and the lengths of what is left and of what was cut are added up."""
    size = pl.col("plain").str.extract_all(pattern).list.eval(pl.element().str.len_chars())
    gap = pl.col("plain").str.replace_all(pattern, CUT).str.split(CUT).list.eval(pl.element().str.len_chars())
    return (
        texts.filter(pl.col("plain").str.contains(pattern))
        .select("rule", "place", size=size, gap=gap)
        .with_columns(pl.col("gap").list.head(pl.col("size").list.len()))
        .explode("size", "gap")
        .with_columns(end=(pl.col("size") + pl.col("gap")).cum_sum().over("place").cast(pl.Int64))
        .select("rule", "place", start=pl.col("end") - pl.col("size"), end="end")
        .filter(pl.col("start") < pl.col("end"))
    )


def _written(pattern: str, check: Regex) -> str:
    """The pattern in the fold of its rule, upper and lower case as one."""
    folded = fold_words(pattern, pronouns=check.fold_pronouns, particles=check.fold_particles)
    return f"(?i:{folded})"


def _alternations(patterns: Sequence[str]) -> list[str]:
    """As few patterns as the engine's size limit allows, that together match where any of the given ones does."""
    joined = "|".join(patterns)
    if len(patterns) == 1 or not _fault(joined):
        return [joined]
    half = len(patterns) // 2
    return _alternations(patterns[:half]) + _alternations(patterns[half:])


@cache
def _fault(pattern: str) -> str:
    """What the engine has against a pattern, in its own words; empty if nothing."""
    try:
        empty = pl.Series([""]).str.contains(pattern).item()
    except pl.exceptions.ComputeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        told = next((line for line in lines if line.startswith(("error:", "Compiled"))), lines[0])
        return told.removeprefix("error:").strip().rstrip(".")
    return NOTHING if empty else ""


def _key(one: tuple[int, Rule, Regex]) -> tuple[str, bool, bool]:
    return one[1].speaker, one[2].fold_pronouns, one[2].fold_particles
