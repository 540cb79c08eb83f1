"""The templates of the made-up month: what can be said, read from qa/demo_data/*.toml."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "demo_data"
TOPIC_FILES = ("before", "delivery", "after")
POOL_FILES = ("opening", "small")
TURNS = ("chats", "bot_turns")
UNSPOKEN = ("warm_starts", "warm_ends")

Pool = tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """What the agent may answer and what the customer may say to that; equal places belong together."""

    agent: Pool
    customer: Pool


@dataclass(frozen=True)
class Topic:
    """A matter that a customer comes with. `goods` empty: any shop; `upset`: share of angry customers."""

    id: str
    stage: str  # before | after | again
    goods: Pool
    weight: int
    upset: float
    asks: Pool
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class FaultLines:
    """Confrontational lines grown from one core phrase."""

    category: str
    family: str
    lines: Pool


@dataclass(frozen=True)
class Side:
    """A harmless exchange that holds the words of a fault."""

    kind: str
    why: str
    agent: Pool
    customer: Pool


@dataclass(frozen=True)
class Disguise:
    """How the same words may be written; `simplified` and `traditional` are one to one."""

    simplified: str
    traditional: str
    marks: Pool
    particles: Pool
    emoji: Pool


@dataclass(frozen=True)
class Lines:
    """Everything that can be said, and the names and things that fill the slots."""

    topics: tuple[Topic, ...]
    pools: Mapping[str, Pool]
    chats: tuple[Turn, ...]  # here and below the customer speaks first
    bot_turns: tuple[Turn, ...]  # `agent` is the bot
    faults: tuple[FaultLines, ...]
    disguise: Disguise
    reactions: Mapping[str, Pool]
    between: Pool
    one_word: tuple[Pool, ...]  # (word, what may stand for it)
    sides: tuple[Side, ...]
    common_again: Mapping[str, Pool]
    asked_again: Pool
    people: Mapping[str, Any]

    def templates(self) -> tuple[str, ...]:
        """Every spoken template, in file order, with duplicates if there are any."""
        return tuple(self._spoken())

    def ordinary_agent_lines(self) -> tuple[str, ...]:
        """The templates of agents that are neither faults nor decoys."""
        turns = [*(turn for topic in self.topics for turn in topic.turns), *self.chats]
        pools = [pool for name, pool in self.pools.items() if name.startswith("agent_")]
        return tuple(line for group in [*(turn.agent for turn in turns), *pools] for line in group)

    def _spoken(self) -> Iterator[str]:
        for topic in self.topics:
            yield from topic.asks
        turns = (turn for topic in self.topics for turn in topic.turns)
        pairs = [(turn.agent, turn.customer) for turn in (*turns, *self.chats, *self.bot_turns)]
        pairs += [(side.agent, side.customer) for side in self.sides]
        for agent, customer in pairs:
            yield from (*agent, *customer)
        for name, pool in self.pools.items():
            if name not in UNSPOKEN:
                yield from pool
        for fault in self.faults:
            yield from fault.lines
        for pool in [*self.reactions.values(), self.between, self.common_again["waiting"], self.common_again["more"]]:
            yield from pool


@cache
def load_lines() -> Lines:
    """The shipped templates. Cached: they do not change while a process runs."""
    read = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.toml"))}
    topics = {name: item for file in TOPIC_FILES for name, item in read[file].items()}
    faults = read["faults"]
    pools = {name: tuple(pool) for file in POOL_FILES for name, pool in read[file].items() if name not in TURNS}
    return Lines(
        topics=tuple(_topic(name, item) for name, item in topics.items()),
        pools=pools,
        chats=tuple(_turn(item) for item in read["small"]["chats"]),
        bot_turns=tuple(_turn(item) for item in read["opening"]["bot_turns"]),
        faults=tuple(FaultLines(f["category"], f["family"], tuple(f["lines"])) for f in faults["faults"]),
        disguise=Disguise(**faults["disguise"]),
        reactions={category: tuple(pool) for category, pool in faults["reactions"].items()},
        between=tuple(faults["between"]["lines"]),
        one_word=tuple(tuple(pair) for pair in faults["one_word"]["pairs"]),
        sides=tuple(Side(s["kind"], s["why"], tuple(s["agent"]), tuple(s["customer"])) for s in faults["sides"]),
        common_again={name: tuple(pool) for name, pool in faults["common_again"].items()},
        asked_again=tuple(faults["asked_again"]["starts"]),
        people=read["people"],
    )


def _topic(name: str, item: Mapping[str, Any]) -> Topic:
    turns = tuple(_turn(turn) for turn in item["turns"])
    return Topic(name, item["stage"], tuple(item["goods"]), item["weight"], item["upset"], tuple(item["asks"]), turns)


def _turn(item: Mapping[str, Any]) -> Turn:
    return Turn(tuple(item["agent"]), tuple(item["customer"]))
