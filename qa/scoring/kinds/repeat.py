"""The same words sent again to the same customer: exactly, or nearly by the indel ratio.

Texts are compared in their bare form (你 and 您, 么 and 吗 are one; without emoticon codes, placeholders and trailing
particles), within one conversation and one account.
ratio = 1 - indel distance / sum of lengths, as rapidfuzz computes it. Two bounds spare most comparisons and lose
nothing: the distance is at least the difference of the lengths, and at least the number of bits in which two
64-bit signatures differ that have one bit set for each character that occurs (an inserted or deleted character
changes one bit at most).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import fuzz, process

from qa.model import N_, Frame, Refusal, Repeat, Rule, Speaker
from qa.scoring.fold import Ints, bare_words
from qa.scoring.kinds.batch import CLAIMS, Batch, Texts
from qa.scoring.kinds.courtesy import courteous

Given = Sequence[tuple[int, Rule, Repeat]]

ASKED_AGAIN = 0.8
"""How like each other two messages of a customer must be to be the same question asked again."""

SHORTEST_QUESTION = 3


def verify(rule: Rule, check: Repeat) -> None:
    """Refuse numbers out of their range, and the comparison across conversations, which this version can't do."""
    ranges = (
        ("similarity", check.similarity, 0.5, 1.0),
        ("nth", check.nth, 2, 100),
        ("look_back", check.look_back, 0, 10_000),
        ("minimum_length", check.minimum_length, 1, 10_000),
    )
    for key, value, low, high in ranges:
        if not low <= value <= high:
            raise Refusal(
                N_("“{key}” is {value}."),
                N_("Write a number from {low} to {high}."),
                place=rule.id,
                key=key,
                value=value,
                low=low,
                high=high,
            )
    if check.hours_across:
        raise Refusal(
            N_("Repeats across conversations are not checked yet."), N_("Remove “hours_across”."), place=rule.id
        )


def find(batch: Batch, given: Given) -> Frame:
    """CLAIMS of all repeat rules: the whole of the later message, value = similarity to the most similar earlier one."""
    return pl.concat([CLAIMS.to_frame(), *(_claims(batch, i, rule.speaker, check) for i, rule, check in given)])


class Alike(NamedTuple):
    """For each message: how many earlier ones of its group are like it, the last and the first of them (-1: none),
    and the similarity to the most similar one."""

    times: Ints
    last: Ints
    first: Ints
    best: npt.NDArray[np.float64]


def _claims(batch: Batch, i: int, speaker: str, check: Repeat) -> Frame:
    sent = _sent(batch, speaker, check)
    group, turn = sent["group"].to_numpy(), sent["turn"].to_numpy().astype(np.int64)
    alike = _alike(group, sent["words"], check.similarity, turn, check.look_back)
    again = sent.with_columns(
        similarity=alike.best, earlier=sent["row"].gather(np.maximum(alike.last, 0)), sendings=alike.times + 1
    ).filter(pl.col("sendings") >= check.nth)
    if check.excused_when_asked_again:
        again = again.join(_excused(batch, again), on="row", how="anti")
    return again.select(rule=pl.lit(i), row="row", talk="talk", start=pl.lit(0), end="length", value="similarity").cast(
        CLAIMS
    )


def _sent(batch: Batch, speaker: str, check: Repeat) -> Frame:
    """row, talk, group (conversation and account), turn (in the group, of all messages), words, length: what counts."""
    texts = batch.texts(speaker)
    exempt = [bare_words(words, pronouns=True, particles=True) for words in check.exempt]
    parts = [bare_words(words, pronouns=True, particles=True, tail=True) for words in check.exempt_containing]
    counted = texts.wording.filter(
        pl.col("words").str.len_chars() >= check.minimum_length,
        ~pl.col("words").is_in(exempt),
        ~pl.col("words").str.contains_any(parts) if parts else True,
    )
    own = batch.messages.filter(pl.col("speaker") == speaker).sort("talk", "account", "row")
    return (
        own.select("row", "talk", "text", group=pl.struct("talk", "account").rle_id())
        .with_columns(turn=pl.int_range(pl.len()))
        .join(counted, on="text", how="inner", maintain_order="left")
        .with_columns(length=pl.col("text").str.len_chars())
        .drop("text")
    )


def _excused(batch: Batch, again: Frame) -> Frame:
    """The rows before which, since the earlier sending, the customer repeated a question asked before that sending."""
    asked = _questions(batch.texts(Speaker.CUSTOMER), again["talk"].unique())
    alike = _alike(asked["talk"].to_numpy(), asked["words"], ASKED_AGAIN)
    repeated = asked.select("talk", asked="row", before=asked["row"].gather(np.maximum(alike.first, 0))).filter(
        pl.Series(alike.times > 0, dtype=pl.Boolean)
    )
    return (
        again.join(repeated, on="talk")
        .filter(
            pl.col("before") < pl.col("earlier"),
            pl.col("earlier") < pl.col("asked"),
            pl.col("asked") < pl.col("row"),
        )
        .select("row")
    )


def _questions(customers: Texts, talks: pl.Series) -> Frame:
    """row, talk, words: what customers said in these conversations, without courtesies."""
    texts = Texts(customers.said.filter(pl.col("talk").is_in(talks.implode())))
    asked = texts.wording.filter(
        pl.col("words").str.len_chars() >= SHORTEST_QUESTION, ~pl.col("text").is_in(courteous(texts).implode())
    )
    return texts.said.join(asked, on="text", maintain_order="left").select("row", "talk", "words")


def _alike(
    group: npt.NDArray[np.uint32], texts: pl.Series, similarity: float, turn: Ints | None = None, look_back: int = 0
) -> Alike:
    """Compare each message with the earlier ones of its group, one distance at a time. Groups must stand together."""
    n = len(group)
    found = Alike(np.zeros(n, np.int64), np.full(n, -1), np.full(n, -1), np.zeros(n))
    same = texts.rank("dense").to_numpy()
    length = texts.str.len_chars().to_numpy().astype(np.int64)
    signature = _signatures(texts, length)
    later, lag = np.arange(n), 0
    while len(later) and not (look_back and lag >= look_back):
        lag += 1
        later = later[later >= lag]
        later = later[group[later] == group[later - lag]]
        here = later
        if look_back and turn is not None:
            here = later[turn[later] - turn[later - lag] <= look_back]
        ratio = np.where(same[here] == same[here - lag], 1.0, 0.0)
        if similarity < 1:
            near = _may_be_near(here, here - lag, length, signature, similarity) & (ratio < 1)
            ratio[near] = _ratios(texts, here[near], here[near] - lag, similarity)
        hit = here[ratio >= similarity]
        found.times[hit] += 1
        found.last[hit] = np.where(found.last[hit] < 0, hit - lag, found.last[hit])
        found.first[hit] = hit - lag
        found.best[hit] = np.maximum(found.best[hit], ratio[ratio >= similarity])
    return found


def _may_be_near(
    a: Ints, b: Ints, length: Ints, signature: npt.NDArray[np.uint64], similarity: float
) -> npt.NDArray[np.bool_]:
    most = (1 - similarity) * (length[a] + length[b]) + 1e-9
    bits = np.bitwise_count(signature[a] ^ signature[b])
    near: npt.NDArray[np.bool_] = (np.abs(length[a] - length[b]) <= most) & (bits <= most)
    return near


def _ratios(texts: pl.Series, a: Ints, b: Ints, similarity: float) -> npt.NDArray[np.float64]:
    if not len(a):
        return np.zeros(0)
    scores = process.cpdist(
        texts.gather(a).to_list(),
        texts.gather(b).to_list(),
        scorer=fuzz.ratio,
        score_cutoff=similarity * 100,
        dtype=np.float64,
    )
    return scores / 100


def _signatures(texts: pl.Series, length: Ints) -> npt.NDArray[np.uint64]:
    """64 bits for each text: one set for each character that occurs. Texts must not be empty."""
    if not len(texts):
        return np.zeros(0, np.uint64)
    codes = np.frombuffer("".join(texts.to_list()).encode("utf-32-le"), np.uint32)
    bit = (codes * np.uint32(0x9E3779B1)) >> np.uint32(26)
    start = np.concatenate(([0], np.cumsum(length)[:-1]))
    return np.bitwise_or.reduceat(np.uint64(1) << bit.astype(np.uint64), start)
