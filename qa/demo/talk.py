"""One made-up conversation: who says what, in which order and how fast. Faults are planted elsewhere."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapidfuzz.distance import Indel

from qa.demo.lines import Lines, Pool, Topic, Turn
from qa.demo.people import Person, Shop
from qa.model import Speaker

BOT = "客服助手"
TOO_ALIKE = 0.62
"""Indel similarity from which two lines of agents in one conversation would pass for the same script."""
FREELY_SAID = 3  # folded characters: 好的, 在的呢 may come again

LATE = (330, 1150)  # seconds that a late reply takes
NORMAL_REPLY = 105  # seconds that no other reply exceeds
NUDGE = (70, 170)
CLOSED_AFTER = 1200

SWITCH = 0.15  # how often a conversation leaves the thread of answers that belong together
OPEN_ENDS = ("吗", "呢", "吧", "么", "嘛", "~", "哦", "哈", "亲")


@dataclass(eq=False)
class Planted:
    """A planted fault. One object may sit on several lines: a script and its second sending."""

    category: str
    family: str


@dataclass(eq=False)
class Decoy:
    """A line that looks like a fault and is none."""

    kind: str
    why: str


@dataclass
class Line:
    """One message before it has a time. `ask` and `answer` belong to the matter and may be said again on purpose."""

    speaker: Speaker
    account: str | None
    text: str
    ask: bool = False
    answer: bool = False
    nudge: bool = False
    late: bool = False
    faults: list[Planted] = field(default_factory=list)
    decoy: Decoy | None = None


@dataclass(frozen=True)
class Cast:
    """Who takes part. `agents` in order of service: none where only a bot or nobody answered, two with a transfer."""

    shop: Shop
    agents: tuple[Person, ...]
    topics: tuple[Topic, ...]
    slots: Mapping[str, str]
    upset: bool
    bot: bool


def fold(text: str) -> str:
    """Letters, digits and ideographs only, in lower case."""
    return re.sub(r"[\W_]+", "", text).lower()


class Talk:
    """Collects lines; no agent's line comes out twice or nearly so, in this and the customer's earlier contacts."""

    def __init__(self, rng: random.Random, lines: Lines, cast: Cast, earlier: Sequence[str] = ()) -> None:
        self.rng, self.lines, self.cast = rng, lines, cast
        self.out: list[Line] = []
        self.agent = cast.agents[0] if cast.agents else None
        self.answers = [fold(text) for text in earlier]
        self.customer_said: set[str] = set()

    def fill(self, template: str) -> str:
        nick = {"nick": self.agent.nick} if self.agent else {}
        return template.format_map({**self.cast.slots, **nick})

    def customer(self, pool: Pool, first: int | None = None, *, ask: bool = False, nudge: bool = False) -> bool:
        """Say one of the pool that was not said yet, the one at `first` if possible."""
        for template in self._order(pool, first):
            text = self.fill(template)
            if text not in self.customer_said:
                self.customer_said.add(text)
                self.out.append(Line(Speaker.CUSTOMER, None, text, ask=ask, nudge=nudge))
                return True
        return False

    def reply(self, pool: Pool, first: int | None = None, *, answer: bool = False) -> bool:
        """Let the agent say one of the pool that is unlike all that was said; False where none is."""
        assert self.agent is not None
        for template in self._order(pool, first):
            text = self._warm(self.fill(template))
            folded = fold(text)
            if len(folded) <= FREELY_SAID or not self._alike(folded):
                self.answers.append(folded)
                account = self.agent.accounts[self.cast.shop.code]
                self.out.append(Line(Speaker.AGENT, account, text, answer=answer))
                return True
        return False

    def bot(self, pool: Pool) -> None:
        self.out.append(Line(Speaker.BOT, BOT, self.rng.choice(pool)))

    def system(self, pool: Pool, **names: str) -> None:
        self.out.append(Line(Speaker.SYSTEM, None, self.rng.choice(pool).format(**names)))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _order(self, pool: Pool, first: int | None) -> list[str]:
        order = self.rng.sample(pool, len(pool))
        if first is not None and first < len(pool):
            order.sort(key=lambda template: template != pool[first])
        return order

    def _alike(self, folded: str) -> bool:
        return any(Indel.normalized_similarity(folded, said) >= TOO_ALIKE for said in self.answers)

    def _warm(self, text: str) -> str:
        warmth = self.agent.skill["attitude"] if self.agent else 0.0
        pools = self.lines.pools
        if self.chance(0.25 * warmth) and not text.startswith(("亲", "您好")):
            text = self.rng.choice(pools["warm_starts"]) + text
        if self.chance(0.3 * warmth) and not text.endswith(OPEN_ENDS):
            text += self.rng.choice(pools["warm_ends"])
        return text


def compose(rng: random.Random, lines: Lines, cast: Cast, earlier: Sequence[str] = ()) -> list[Line]:
    """The lines of one conversation without faults and decoys. `earlier`: what agents told this customer before."""
    talk = Talk(rng, lines, cast, earlier)
    pools = lines.pools
    if not cast.agents:
        (_bot_only if cast.bot else _nobody)(talk, pools)
        return talk.out
    _opening(talk, pools)
    for number, topic in enumerate(cast.topics):
        _matter(talk, pools, topic, hand_over=number == 0 and len(cast.agents) > 1)
        if talk.chance(0.05):
            _chat(talk)
    _closing(talk, pools)
    if talk.chance(0.02):
        talk.out.insert(
            rng.randrange(2, len(talk.out)), Line(Speaker.SYSTEM, None, rng.choice(pools["system_recalled"]))
        )
    return talk.out


def _bot_only(talk: Talk, pools: Mapping[str, Pool]) -> None:
    talk.customer(pools["customer_hello"])
    talk.bot(pools["bot_welcome"])
    for turn in talk.rng.sample(talk.lines.bot_turns, talk.rng.randint(1, 2)):
        _ask_bot(talk, turn)
    talk.customer(pools["customer_content_with_bot"])


def _ask_bot(talk: Talk, turn: Turn) -> None:
    thread = talk.rng.randrange(len(turn.customer))
    talk.customer(turn.customer, thread)
    talk.bot(turn.agent[thread : thread + 1])


def _nobody(talk: Talk, pools: Mapping[str, Pool]) -> None:
    talk.customer(pools["customer_hello"])
    talk.customer(talk.cast.topics[0].asks, ask=True)
    talk.customer(pools["customer_nudges"], nudge=True)
    talk.system(pools["system_closed"])


def _opening(talk: Talk, pools: Mapping[str, Pool]) -> None:
    if talk.cast.bot:
        talk.customer(pools["customer_hello"])
        talk.bot(pools["bot_welcome"])
        if talk.chance(0.5):
            _ask_bot(talk, talk.rng.choice(talk.lines.bot_turns))
        talk.customer(pools["customer_wants_human"])
        talk.system(pools["system_queue"])
        talk.reply(pools["agent_hello"])
    elif talk.chance(0.75):
        talk.customer(pools["customer_hello"])
        talk.reply(pools["agent_hello"])


def _matter(talk: Talk, pools: Mapping[str, Pool], topic: Topic, *, hand_over: bool) -> None:
    thread = talk.rng.randrange(3)
    talk.customer(topic.asks, thread, ask=True)
    if talk.cast.upset and talk.chance(0.6):
        talk.customer(pools["customer_angry"])
        _soothe(talk, pools)
    for number, turn in enumerate(topic.turns):
        if talk.chance(0.08):
            talk.reply(pools["agent_waits"])
        if not talk.reply(turn.agent, thread, answer=True):
            return
        if not talk.customer(turn.customer, thread):
            talk.customer(pools["customer_acks"])
        if number == 0 and talk.cast.upset and talk.chance(0.4) and talk.customer(pools["customer_angry"]):
            _soothe(talk, pools)
        if hand_over and number == 0:
            _hand_over(talk, pools)
        if talk.chance(SWITCH):
            thread = talk.rng.randrange(3)


def _soothe(talk: Talk, pools: Mapping[str, Pool]) -> None:
    assert talk.agent is not None
    if talk.chance(talk.agent.skill["attitude"] ** 2):
        talk.reply(pools["agent_soothes"])


def _hand_over(talk: Talk, pools: Mapping[str, Pool]) -> None:
    before, after = talk.cast.agents
    code = talk.cast.shop.code
    talk.reply(pools["agent_hands_over"])
    talk.system(pools["system_transfer"], **{"from": before.accounts[code], "to": after.accounts[code]})
    talk.agent = after
    talk.reply(pools["agent_takes_over"])
    if talk.chance(0.5):
        talk.customer(pools["customer_acks"])


def _chat(talk: Talk) -> None:
    turn = talk.rng.choice(talk.lines.chats)
    thread = talk.rng.randrange(len(turn.customer))
    if talk.customer(turn.customer, thread):
        talk.reply(turn.agent, thread)


def _closing(talk: Talk, pools: Mapping[str, Pool]) -> None:
    assert talk.agent is not None
    if talk.chance(0.6) and talk.reply(pools["agent_anything_else"]):
        talk.customer(pools["customer_nothing_else"])
    if talk.cast.upset and talk.chance(0.6 - 0.5 * talk.agent.skill["attitude"]):
        talk.customer(pools["customer_leaves_upset"])
    elif talk.chance(0.6):
        talk.customer(pools["customer_thanks"])
        talk.reply(pools["agent_goodbye"])
        if talk.chance(0.35):
            talk.reply(pools["agent_invites"])
    elif talk.out[-1].speaker is Speaker.CUSTOMER and talk.chance(0.5):
        talk.reply(pools["agent_short"])
    if talk.chance(0.08):
        talk.system(pools["system_closed"])


def timeline(rng: random.Random, lines: Sequence[Line], start: datetime, speed: float) -> list[datetime]:
    """The instant of each line, whole seconds, strictly ascending; `speed` 0 to 1 is the agent's."""
    at, before, out = start, None, []
    for line in lines:
        if before is not None:
            at += timedelta(seconds=_gap(rng, before, line, speed))
        out.append(at)
        before = line
    return out


def _gap(rng: random.Random, before: Line, line: Line, speed: float) -> int:
    """Whole seconds between two lines, at least 1."""
    if line.late or line.nudge:
        return rng.randint(*(LATE if line.late else NUDGE))
    if line.speaker is Speaker.SYSTEM:
        return CLOSED_AFTER if "结束" in line.text else rng.randint(1, 3)
    if line.speaker is before.speaker:
        return rng.randint(3, 14)
    if line.speaker is Speaker.BOT:
        return rng.randint(1, 2)
    if line.speaker is Speaker.AGENT:
        return min(NORMAL_REPLY, 3 + len(line.text) // 4 + int(rng.expovariate(1 / (5 + 70 * (1 - speed)))))
    return min(150, 5 + len(line.text) // 3 + int(rng.expovariate(1 / 18)))
