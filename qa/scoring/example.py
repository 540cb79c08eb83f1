"""The notation of examples in rules.

A sentence: what must be found stands in brackets, "[什么？]". Brackets that belong to the text are doubled, "[[图片]]".
A dialogue: turns apart by " | ", each with its speaker: A agent, C customer, B bot, S system; A2 is a second account.
A turn comes five seconds after the one before, or later if it says so: "C 在吗 | +200s A [在的亲]" (s, m or h).
The turn "[]" says that the conversation as a whole is found: "C 有货吗 | +20m S 会话已结束 | []".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from qa.model import MESSAGES, N_, Frame, Refusal, Speaker

Span = tuple[int | None, int | None, int | None]
"""Position of the message, start, end; all None: the conversation as a whole."""

WHOLE: Span = (None, None, None)

_TURN = re.compile(r"(?:\+(?P<wait>\d+)(?P<unit>[smh]) )?(?P<speaker>[ACBS])(?P<account>\d?) (?P<text>.*)", re.DOTALL)
_SPEAKERS = {"A": Speaker.AGENT, "C": Speaker.CUSTOMER, "B": Speaker.BOT, "S": Speaker.SYSTEM}
_UNITS = {"s": 1, "m": 60, "h": 3600}
_PAUSE = 5
_EPOCH = datetime(2026, 1, 1, 1, tzinfo=UTC)
_MARK = re.compile(r"\[\[|\]\]|\[|\]")


@dataclass(frozen=True)
class Example:
    """An example as a conversation, and what must be found in it."""

    messages: Frame
    marked: tuple[Span, ...]


def read(written: str, speaker: str, place: str = "") -> Example:
    """Read an example; a sentence is said by `speaker`. Brackets that do not match are refused."""
    parts = written.split(" | ")
    turns = [_TURN.fullmatch(part) for part in parts if part != "[]"]
    if not turns or any(turn is None for turn in turns):
        text, spans = _unmark(written, place)
        return Example(conversation([(0, speaker, "", text)]), tuple((0, *span) for span in spans))
    said, marked, at = [], [], 0
    for position, turn in enumerate(turn for turn in turns if turn):
        text, spans = _unmark(turn["text"], place)
        at += int(turn["wait"]) * _UNITS[turn["unit"]] if turn["wait"] else _PAUSE
        said.append((at, _SPEAKERS[turn["speaker"]], turn["account"], text))
        marked += [(position, *span) for span in spans]
    return Example(conversation(said), (*marked, *[WHOLE] * parts.count("[]")))


def conversation(said: Sequence[tuple[int, str, str, str]]) -> Frame:
    """MESSAGES of one made-up conversation from (seconds since its start, speaker, account, text)."""
    rows = [
        {
            "platform": "",
            "shop": "",
            "conversation_id": "",
            "message_id": str(position),
            "position": position,
            "sent_at": _EPOCH + timedelta(seconds=at),
            "speaker": str(speaker),
            "account": account if speaker == Speaker.AGENT else None,
            "text": text,
        }
        for position, (at, speaker, account, text) in enumerate(said)
    ]
    return pl.DataFrame(rows, schema=MESSAGES)


def _unmark(written: str, place: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks, and the spans that were marked."""
    text, read_to = "", 0
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for mark in _MARK.finditer(written):
        text += written[read_to : mark.start()]
        read_to = mark.end()
        if len(mark[0]) == 2:
            text += mark[0][0]
        elif (mark[0] == "[") != (start is None):
            raise _unmatched(written, place)
        elif start is None:
            start = len(text)
        else:
            spans.append((start, len(text)))
            start = None
    if start is not None:
        raise _unmatched(written, place)
    return text + written[read_to:], spans


def _unmatched(written: str, place: str) -> Refusal:
    return Refusal(
        N_("The brackets of the example “{example}” do not match."),
        N_("Put [ and ] around what must be found, and double those that belong to the text."),
        place=place,
        example=written,
    )
