"""A customer's question that waited too long for a human.

The clock is that of the contacts query, so that a finding and a metric never tell two stories: it starts with the
customer's first message after the bot's last one, or with the bot's last one where it handed over, and stops with
the first human message. Courtesies (好的，谢谢) start no clock here. Words that nobody answered wait until the last
message of the conversation, where they look like a question or nobody, not even a bot, ever spoke to the customer.
"""

from collections.abc import Sequence

import polars as pl

from qa.model import N_, Delay, Frame, Refusal, Rule, Speaker
from qa.scoring.kinds.batch import CLAIMS, Batch
from qa.scoring.kinds.courtesy import courteous

Given = Sequence[tuple[int, Rule, Delay]]

QUESTION = "[?？吗嗎呢]"


def verify(rule: Rule, check: Delay) -> None:
    """Refuse a wait that is not positive, an unknown round, a speaker who is no human agent."""
    if check.seconds <= 0:
        raise Refusal(N_("A wait must be longer than 0 seconds."), N_("Mend “seconds”."), place=rule.id)
    if check.which not in ("first", "later", "any"):
        raise Refusal(
            N_("“{which}” is not a round."), N_("Write first, later or any."), place=rule.id, which=check.which
        )
    if rule.speaker != Speaker.AGENT:
        raise Refusal(
            N_("A delay is a human agent's, not of “{speaker}”."),
            N_("Write speaker = “agent”."),
            place=rule.id,
            speaker=rule.speaker,
        )


def find(batch: Batch, given: Given) -> Frame:
    """CLAIMS of all delay rules: the whole of the late reply, or the conversation where none came; value = seconds."""
    waits = _waits(batch)
    return pl.concat([CLAIMS.to_frame(), *(_claims(waits, i, check) for i, _, check in given)])


def _claims(waits: Frame, i: int, check: Delay) -> Frame:
    rounds = {"first": pl.col("first"), "later": ~pl.col("first"), "any": pl.lit(True)}[check.which]
    return (
        waits.filter(rounds, pl.col("seconds") > check.seconds)
        .select(rule=pl.lit(i), row="row", talk="talk", start="start", end="end", value="seconds")
        .cast(CLAIMS)
    )


def _waits(batch: Batch) -> Frame:
    """talk, first (no human had spoken), row, start, end, seconds: one row per question that waited.

    row is the reply; where none came, start and end are null and row is the question.
    """
    gaps = _gaps(batch)
    last = batch.messages.group_by("talk").agg(closed=pl.col("sent_at").max())
    answered = pl.col("reply").is_not_null()
    unserved = pl.col("first") & pl.col("handed_over").is_null()
    return (
        gaps.filter(pl.col("asked") & (answered | pl.col("question") | unserved))
        .join(last, on="talk", maintain_order="left")
        .select(
            "talk",
            "first",
            row=pl.coalesce("reply", "waits"),
            start=pl.when(answered).then(0),
            end="end",
            seconds=(pl.coalesce("replied", "closed") - pl.coalesce("since", "handed_over")).dt.total_milliseconds()
            / 1000,
        )
        .drop_nulls("row")
    )


def _gaps(batch: Batch) -> Frame:
    """One row per stretch of messages that a human one closes, or the end of the conversation.

    talk, first, asked (the customer said more than courtesies), waits, since, question (of what the customer said
    after the bot's last message: its first row and instant, and whether it looks like a question), handed_over (the
    bot's last instant), reply, replied, end (of the human message: row, instant, characters).
    """
    courtesy = pl.col("text").is_in(courteous(batch.texts(Speaker.CUSTOMER)).implode())
    human, bot = pl.col("speaker") == Speaker.AGENT, pl.col("speaker") == Speaker.BOT
    spoken = (
        batch.messages.filter(pl.col("speaker").is_in([Speaker.CUSTOMER, Speaker.AGENT, Speaker.BOT]))
        .select("talk", "row", "text", "sent_at", human=human, bot=bot, asks=~human & ~bot & ~courtesy)
        .with_columns(
            gap=(pl.col("talk").ne_missing(pl.col("talk").shift()) | pl.col("human").shift(fill_value=False)).cum_sum()
        )
    )
    bots = spoken.filter("bot").group_by("gap").agg(last_bot=pl.col("row").max())
    waiting = pl.col("asks") & (pl.col("last_bot").is_null() | (pl.col("row") > pl.col("last_bot")))
    first = pl.col("gap") == pl.col("gap").first().over("talk")
    return (
        spoken.join(bots, on="gap", how="left", maintain_order="left")
        .with_columns(waits=waiting)
        .group_by("gap", maintain_order=True)
        .agg(
            pl.col("talk").first(),
            asked=pl.col("asks").any(),
            waits=pl.when("waits").then("row").min(),
            since=pl.when("waits").then("sent_at").min(),
            question=(pl.col("waits") & pl.col("text").str.contains(QUESTION)).any(),
            handed_over=pl.when("bot").then("sent_at").max(),
            reply=pl.when("human").then("row").max(),
            replied=pl.when("human").then("sent_at").max(),
            end=pl.when("human").then(pl.col("text").str.len_chars()).max(),
        )
        .with_columns(first=first)
    )
