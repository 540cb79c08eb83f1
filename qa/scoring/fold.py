"""Folding: texts that read the same are made the same, and a span in the folded text is a span in the shown one.

Folded text is the shown text with each character replaced by one character, so that offsets stay: Traditional to
Simplified (OpenCC), full width to half width and other compatibility forms (Unicode NFKC, where it gives one
character), lower case, clause marks to their ASCII forms. `unify` goes on to write 您 as 你, and 吗 and 嘛 as 么.

Two shorter forms leave characters out:
- plain: no blanks, zero-width or control characters, emoji or combining marks; what patterns are matched on;
- bare: no punctuation and symbols either; what phrases and repeats are matched on.
`Ruler` gives the way back from spans of these two to the text as shown.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

MARKS = ",.!?;:~"
"""What ends a clause, as folded."""

PRONOUNS: Mapping[str, str] = {"您": "你", "妳": "你"}
PARTICLES: Mapping[str, str] = {"吗": "么", "嘛": "么"}
TAIL = "呢啊呀哦喔噢吧哈啦哎诶欸呐哟呦嘞"
"""Particles that end a sentence without changing what it says."""

# Traditional forms that OpenCC decides by the word and not by the character, the marks that NFKC leaves
# alone, and line breaks, which end a clause.
BY_HAND: Mapping[str, str] = dict(zip("著瞭甚覆藉。｡…、､\n\r\u2028\u2029～〜∼", "着了什复借...,,....~~~", strict=True))

_NOISE = (
    r"\s\p{Z}\p{C}\p{M}\p{So}\p{Sk}\x{115F}\x{1160}\x{3164}"  # the last three are Hangul fillers: letters without ink
)
_EMOTICONS = r"#e-[a-z](?:\d+|\[[^\[\]]{1,4}\])?|/:[a-z]{1,12}|\[\p{Han}{1,3}\]"
_CODES = rf"{_EMOTICONS}|\[[^\[\]]{{1,24}}\]"
_CODE_BEGINS = r"[\[#/]"
_EDGE = rf"(?:{_CODES}|[{_NOISE}\p{{P}}\p{{S}}])+"


class Form(StrEnum):
    PLAIN = "plain"
    BARE = "bare"


_LEFT_OUT: Mapping[Form, str] = {Form.PLAIN: f"[{_NOISE}]+", Form.BARE: rf"[{_NOISE}\p{{P}}\p{{S}}]+"}


def fold(text: pl.Expr) -> pl.Expr:
    """The folded text: as many characters as the text has, null for null."""
    return text.str.replace_many(list(_pairs()), list(_pairs().values()))


def unify(folded: pl.Expr, *, pronouns: bool, particles: bool) -> pl.Expr:
    """The folded text with 您 written as 你 (pronouns) and 吗, 嘛 as 么 (particles); offsets stay."""
    same = _same(pronouns, particles)
    return folded.str.replace_many(list(same), list(same.values())) if same else folded


def shorten(folded: pl.Expr, form: Form) -> pl.Expr:
    """The plain or bare form of folded text."""
    return folded.str.replace_all(_LEFT_OUT[form], "")


def without_emoticons(folded: pl.Expr) -> pl.Expr:
    """Folded text without the emoticon codes at its end; what is left keeps its offsets."""
    return folded.str.replace(rf"(?:(?:{_EMOTICONS})[{_NOISE}\p{{P}}]*)+$", "")


def wording(folded: pl.Series, *, particles: bool) -> pl.Series:
    """The bare form of messages as a whole: without emoticon codes and placeholders at their ends, as [微笑] or [图片],
    and, if asked, without trailing particles. A message of nothing but particles keeps them."""
    coded = folded.str.contains(_CODE_BEGINS)
    frame = folded.alias("folded").to_frame()
    bare = frame.select(shorten(pl.col("folded"), Form.BARE)).to_series()
    if coded.any():
        within = frame.filter(coded).select(
            shorten(pl.col("folded").str.replace_all(f"^{_EDGE}|{_EDGE}$", ""), Form.BARE)
        )
        bare = bare.scatter(coded.arg_true(), within.to_series())
    short = bare.str.strip_chars_end(TAIL) if particles else bare
    return short.zip_with(short != "", bare)


def fold_words(words: str, *, pronouns: bool, particles: bool) -> str:
    """The same fold for one string: a phrase, or a pattern (whose ASCII is left alone, it may be syntax)."""
    return words.translate(_table(pronouns, particles))


@lru_cache(maxsize=100_000)
def bare_words(words: str, *, pronouns: bool, particles: bool, tail: bool = False) -> str:
    """The bare form of one string; `tail` keeps trailing particles, which are else dropped with `particles`."""
    folded = fold_words(words.lower(), pronouns=pronouns, particles=particles)
    kept = "".join(c for c in folded if _kept(Form.BARE)[ord(c)])
    return kept if tail or not particles else kept.rstrip(TAIL) or kept


class Ruler:
    """The way from spans of the plain or bare form back to the shown text, for the few texts that have spans."""

    def __init__(self, folded: pl.Series, form: Form) -> None:
        """`folded` holds the texts without nulls; rows of all spans are positions in it."""
        codes = np.frombuffer("".join(folded.to_list()).encode("utf-32-le"), np.uint32)
        lengths = folded.str.len_chars().to_numpy().astype(np.int64)
        self._first = np.concatenate(([0], np.cumsum(lengths)))[:-1]
        self._kept = np.flatnonzero(_kept(form)[codes])
        self._first_kept = np.searchsorted(self._kept, self._first)
        marks = np.cumsum(np.isin(codes, [ord(mark) for mark in MARKS]))[self._kept]
        self._breaks = np.cumsum(np.diff(marks, prepend=0) > 0)

    def shown(self, row: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Character offsets in the text as shown, of spans that hold at least one character each."""
        first, last = self._ends(row, start, end)
        return self._kept[first] - self._first[row], self._kept[last] + 1 - self._first[row]

    def breaks(self, row: Ints, start: Ints, end: Ints) -> Ints:
        """How many of the gaps between neighbouring characters of each span hold a clause mark."""
        first, last = self._ends(row, start, end)
        return self._breaks[last] - self._breaks[first]

    def _ends(self, row: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        offset = self._first_kept[row]
        return offset + start, offset + end - 1


@cache
def _pairs() -> Mapping[str, str]:
    """The one-to-one map: about 7,000 pairs."""
    import opencc

    plain = {char: unicodedata.normalize("NFKC", char).lower() for char in _characters(0x10000)}
    single = {char: folded for char, folded in plain.items() if len(folded) == 1 and folded not in "\r\n"}
    simple = opencc.OpenCC("t2s").convert("\n".join(single.values())).split("\n")
    pairs: dict[str, str] = {
        char: one if len(one) == 1 else single[char] for char, one in zip(single, simple, strict=True)
    }
    changed = {char: BY_HAND.get(folded, folded) for char, folded in pairs.items() if char != folded}
    return changed | dict(BY_HAND)


def _same(pronouns: bool, particles: bool) -> dict[str, str]:
    return {**(PRONOUNS if pronouns else {}), **(PARTICLES if particles else {})}


@cache
def _table(pronouns: bool, particles: bool) -> dict[int, str]:
    same = _same(pronouns, particles)
    pairs = {char: same.get(folded, folded) for char, folded in _pairs().items() if not char.isascii()}
    return str.maketrans(pairs | same)


@cache
def _kept(form: Form) -> npt.NDArray[np.bool_]:
    """By code point: whether the form keeps it. Asked of the engine that leaves out, so that both always agree."""
    kept = pl.Series([_characters(0x110000)]).str.replace_all(_LEFT_OUT[form], "").item()
    table = np.zeros(0x110000, np.bool_)
    table[np.frombuffer(kept.encode("utf-32-le"), np.uint32)] = True
    return table


def _characters(end: int) -> str:
    """Every character below a code point, in order."""
    codes = np.concatenate((np.arange(0xD800), np.arange(0xE000, max(end, 0xE000))))
    return codes[codes < end].astype("<u4").tobytes().decode("utf-32-le")
