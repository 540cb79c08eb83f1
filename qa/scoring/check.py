"""The check: rules over the messages of a day -> findings.

Each finding names its rule and version, its message and its span in the text as shown; its id is a digest of these,
so the same claim has the same id whenever and wherever it is made. Nothing depends on the order of the messages.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from qa.model import FINDINGS, N_, Frame, Refusal, Rule, Speaker
from qa.scoring.example import Example, Span, conversation, read
from qa.scoring.kinds import CLAIMS, KINDS, Batch

ID_LENGTH = 16
LISTS = ("hit", "miss", "known_miss", "known_false")
_SAME_CLAIM = ("rule", "rule_version", "platform", "shop", "conversation_id", "message_id", "start", "end")


@dataclass(frozen=True)
class ExampleResult:
    """One example of one rule, tried. `found` and `marked`: (position, start, end) of what was and should be found.

    `as_written` is whether the example does what its list says: hit and miss come out as marked, while the known_
    ones, which say what the rule does not do yet, do not.
    """

    rule: str
    list: str  # hit | miss | known_miss | known_false
    example: str
    marked: tuple[Span, ...]
    found: tuple[Span, ...]

    @property
    def as_marked(self) -> bool:
        return self.marked == self.found

    @property
    def as_written(self) -> bool:
        return self.as_marked != self.list.startswith("known_")


def check(messages: Frame, rules: Sequence[Rule]) -> Frame:
    """FINDINGS of `rules` in `messages`, in order of conversation, position, rule and start.

    messages: MESSAGES, all of each conversation; repeats and delays are looked for within a conversation. A rule
    makes findings only in messages of its own speaker. Raises Refusal for a rule that cannot work.
    """
    verify(rules)
    batch = Batch(messages)
    given = defaultdict(list)
    for i, rule in enumerate(rules):
        given[type(rule.check)].append((i, rule, rule.check))
    claims = [KINDS[kind].find(batch, own) for kind, own in given.items()]
    return _findings(batch, pl.concat([CLAIMS.to_frame(), *claims]), rules)


def verify(rules: Sequence[Rule]) -> None:
    """Refuse a rule whose fields do not fit its kind, and a speaker that does not exist. Names the rule."""
    for rule in rules:
        if rule.speaker not in list(Speaker):
            raise Refusal(
                N_("The speaker “{speaker}” is unknown."),
                N_("Use one of: {known}."),
                place=rule.id,
                speaker=rule.speaker,
                known=", ".join(Speaker),
            )
        KINDS[type(rule.check)].verify(rule, rule.check)


def try_sentence(rules: Sequence[Rule], text: str, speaker: str = Speaker.AGENT) -> Frame:
    """FINDINGS in one sentence. Repeats and delays need a conversation and find nothing here."""
    return check(conversation([(0, speaker, "", text)]), rules)


def examples(rule: Rule) -> list[ExampleResult]:
    """Try every example of a rule, each as a conversation of its own. An example whose brackets do not match or that
    is in the wrong list is refused.

    The notation is that of `qa.scoring.example`.
    """
    listed = [(name, written) for name in LISTS for written in getattr(rule, name)]
    given = [_read(rule, name, written) for name, written in listed]
    if not given:
        return []
    messages = pl.concat(
        example.messages.with_columns(conversation_id=pl.lit(f"{i:06}")) for i, example in enumerate(given)
    )
    found = defaultdict(list)
    for talk, *span in check(messages, [rule]).select("conversation_id", "message_id", "start", "end").iter_rows():
        found[int(talk)].append((None if span[0] is None else int(span[0]), span[1], span[2]))
    return [
        ExampleResult(rule.id, name, written, example.marked, tuple(found[i]))
        for i, ((name, written), example) in enumerate(zip(listed, given, strict=True))
    ]


def _read(rule: Rule, name: str, written: str) -> Example:
    example = read(written, rule.speaker, f"{rule.id} {name}")
    if bool(example.marked) != (name in ("hit", "known_miss")):
        raise Refusal(
            N_("The example “{example}” in “{name}” is marked wrongly."),
            N_("In hit and known_miss, put brackets around what must be found; in miss and known_false, none."),
            place=rule.id,
            example=written,
            name=name,
        )
    return example


def _findings(batch: Batch, claims: Frame, rules: Sequence[Rule]) -> Frame:
    """CLAIMS -> FINDINGS. A claim about a conversation as a whole has no message and falls to its last agent."""
    described = pl.DataFrame(
        [(i, r.id, r.version, r.category, str(r.severity)) for i, r in enumerate(rules)],
        {"rule": pl.UInt32, "id": pl.String, "rule_version": pl.String, "category": pl.String, "severity": pl.String},
        orient="row",
    )
    human = batch.messages.filter(pl.col("speaker") == Speaker.AGENT)
    last = human.group_by("talk").agg(last_account=pl.col("account").last())
    of_message = pl.col("start").is_not_null()
    found = (
        claims.join(described, on="rule")
        .with_columns(rule="id")
        .join(batch.messages.drop("talk"), on="row")
        .join(last, on="talk", how="left")
        .with_columns(
            message_id=pl.when(of_message).then("message_id"),
            account=pl.when(of_message).then("account").otherwise("last_account"),
            matched=pl.when(of_message).then(pl.col("text").str.slice("start", pl.col("end") - pl.col("start"))),
        )
        .sort("conversation_id", "position", "rule", "start", "end", nulls_last=True)
    )
    ids = [_digest(row) for row in found.select(_SAME_CLAIM).iter_rows()]
    return found.with_columns(finding_id=pl.Series(ids, dtype=pl.String)).select(
        pl.col(name).cast(dtype) for name, dtype in FINDINGS.items()
    )


def _digest(claim: tuple[object, ...]) -> str:
    return hashlib.sha256("\x1f".join(map(str, claim)).encode()).hexdigest()[:ID_LENGTH]
