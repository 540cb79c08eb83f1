"""Plants faults of each category and decoys into a composed conversation."""

import random
import re
from collections.abc import Mapping, Sequence

from qa.demo.lines import Disguise, Lines, Pool
from qa.demo.talk import Decoy, Line, Planted, fold
from qa.model import Speaker

CATEGORIES = ("rhetorical", "interrogation", "deflection", "repeated")
DELAY = "delay"

SCRIPT = 10  # folded characters that a repeated script has at least
CHANGED_SCRIPT = 14  # the same where one character is changed: the two stay over 0.92 alike
QUESTION = 6  # folded characters from which a customer's line is more than assent or thanks
COMMON = re.compile(
    "稍等|稍候|久等|请问|祝您|感谢|谢谢|欢迎|很高兴|抱歉|评价|随时联系|不客气|添麻烦|谅解|正在|马上为您|帮您看|帮您查|核实|帮到您"
    "|单号|截图|照片|拍照|发张图|提供|优惠券|收货地址|请确认|请核对|核对一下|转接|转给|满意|应该的|链接"
)
"""Words of greetings, waiting, closing and asking for details: such a line may be sent twice, so it is never planted."""


class Plant:
    """Works on the lines of one conversation, in the part of the agent who ended it."""

    def __init__(
        self, rng: random.Random, lines: Lines, talk: list[Line], account: str, slots: Mapping[str, str]
    ) -> None:
        self.rng, self.lines, self.talk, self.account, self.slots = rng, lines, talk, account, slots

    def points(self) -> list[int]:
        """Indexes of replies of this agent to a customer: something can be put before each."""
        return [
            i
            for i in range(2, len(self.talk))
            if self.talk[i].account == self.account
            and self.talk[i - 1].speaker is Speaker.CUSTOMER
            and not self.talk[i].faults
            and self.talk[i].decoy is None
        ]

    def phrase(self, category: str) -> bool:
        """A confrontational line in place of an answer; the customer reacts, then the answer comes."""
        points = self.points()
        if not points:
            return False
        chosen = self.rng.choice([fault for fault in self.lines.faults if fault.category == category])
        text = disguise(self.rng, self.rng.choice(chosen.lines), self.lines.disguise)
        said = self._agent(text, fault=Planted(category, chosen.family))
        self._insert(self.rng.choice(points), said, self._customer(self._new(self.lines.reactions[category])))
        return True

    def repeat(self) -> bool:
        """An answer is sent again although the customer said something new."""
        pairs = [(i, j) for i in self._scripts() for j in self.points() if j > i + 1]
        if not pairs:
            return False
        script, point = self.rng.choice(pairs)
        text = self.talk[script].text
        if len(fold(text)) >= CHANGED_SCRIPT and self.rng.random() < 0.5:
            text = change_one(self.rng, text, self.lines.one_word)
        fault = Planted("repeated", "same_script" if text == self.talk[script].text else "one_word_changed")
        self.talk[script].faults.append(fault)
        self._insert(
            point,
            self._customer(self._new(self.lines.between)),
            self._agent(text, fault=fault),
            self._customer(self._new(self.lines.reactions["repeated"])),
        )
        return True

    def late(self) -> bool:
        """One answer comes late; the customer may ask where the agent is. A late reply to thanks is none."""
        points = [i for i in self.points() if self.talk[i].answer and len(fold(self.talk[i - 1].text)) >= QUESTION]
        if not points:
            return False
        point = self.rng.choice(points)
        self.talk[point].late = True
        if self.rng.random() < 0.4:
            self._insert(point, self._customer(self._new(self.lines.pools["customer_nudges"]), nudge=True))
        return True

    def side(self) -> bool:
        """A harmless exchange with the words of a fault."""
        points = self.points()
        if not points:
            return False
        chosen = self.rng.choice(self.lines.sides)
        decoy = Decoy(chosen.kind, chosen.why)
        asked, said = self._agent(self._new(chosen.agent)), self._customer(self._new(chosen.customer))
        (said if chosen.kind == "customer_says" else asked).decoy = decoy
        self._insert(self.rng.choice(points), asked, said)
        return True

    def common_again(self) -> bool:
        """A waiting or closing line that is sent twice, as such lines are."""
        points = self.points()
        if len(points) < 2:
            return False
        pools = self.lines.common_again
        ask, answer = self.rng.choice((("waits", "waiting"), ("closes", "more")))
        text = self._new(pools[ask])
        first, second = sorted(self.rng.sample(points, 2))
        decoy = Decoy("common_line_again", "a common line that may be sent more than once")
        self._insert(second, self._agent(text, decoy=decoy), self._customer(self._new(pools[answer])))
        self._insert(first, self._agent(text), self._customer(self._new(pools[answer])))
        return True

    def asked_again(self) -> bool:
        """An answer that is given again because the customer asks the same again."""
        scripts = [i for i in self._scripts() if self.talk[i - 1].ask and len(fold(self.talk[i - 1].text)) >= 5]
        pairs = [(i, j) for i in scripts for j in self.points() if j > i + 2]
        if not pairs:
            return False
        script, point = self.rng.choice(pairs)
        again = self._customer(self.rng.choice(self.lines.asked_again) + self.talk[script - 1].text)
        decoy = Decoy("asked_again", "the customer repeated the question")
        self._insert(point, again, self._agent(self.talk[script].text, decoy=decoy), self._customer("哦哦，这下看到了"))
        return True

    def _scripts(self) -> list[int]:
        return [
            i
            for i, line in enumerate(self.talk)
            if line.answer
            and line.account == self.account
            and not line.faults
            and len(fold(line.text)) >= SCRIPT
            and not COMMON.search(line.text)
        ]

    def _new(self, pool: Pool) -> str:
        """One of the pool that was not said in this conversation, filled; any if all were."""
        said = {line.text for line in self.talk}
        filled = [template.format_map(self.slots) for template in self.rng.sample(pool, len(pool))]
        return next((text for text in filled if text not in said), filled[0])

    def _agent(self, text: str, fault: Planted | None = None, decoy: Decoy | None = None) -> Line:
        return Line(Speaker.AGENT, self.account, text, faults=[fault] if fault else [], decoy=decoy)

    def _customer(self, text: str, *, nudge: bool = False) -> Line:
        return Line(Speaker.CUSTOMER, None, text, nudge=nudge)

    def _insert(self, point: int, *lines: Line) -> None:
        self.talk[point:point] = lines


def disguise(rng: random.Random, text: str, ways: Disguise) -> str:
    """The same words as people type them: marks, blanks, invisible characters, traditional, particles, emoji."""
    way = rng.choice(("plain", "plain", "plain", "marks", "blank", "zero_width", "traditional", "particle", "emoji"))
    bare = text.rstrip("！？!?")
    if way == "marks":
        return bare + rng.choice(ways.marks)
    if way in ("blank", "zero_width"):
        cut = rng.randrange(1, len(bare)) if len(bare) > 1 else 1
        return bare[:cut] + (" " if way == "blank" else "\u200b") + text[cut:]
    if way == "traditional":
        return text.translate(str.maketrans(ways.simplified, ways.traditional))
    if way == "particle" and bare[-1] not in "啊呢呀吧吗么嘛哦看":
        return bare + rng.choice(ways.particles)
    if way == "emoji":
        return text + rng.choice(ways.emoji)
    return text


def change_one(rng: random.Random, text: str, words: Sequence[Sequence[str]]) -> str:
    """The text with one digit changed (not in a date), else one of `words` for another, else with another end."""
    digits = [match.start() for match in re.finditer(r"\d(?!\d*[月号])", text)]
    if digits:
        place = rng.choice(digits)
        return text[:place] + rng.choice([d for d in "123456789" if d != text[place]]) + text[place + 1 :]
    for word, other in words:
        if word in text:
            return text.replace(word, other, 1)
    return text[:-1] + "哈" if text.endswith(("哦", "呢", "~")) else text + "哦"


def plant(
    rng: random.Random,
    lines: Lines,
    talk: list[Line],
    account: str,
    slots: Mapping[str, str],
    rates: Mapping[str, float],
) -> tuple[str, ...]:
    """Plant by chance into `talk`, in place; returns the categories planted.

    rates: `fault`, `late`, `side`, `common_again`, `asked_again`, each the share of conversations. Late replies
    are marked last, when nothing is put in between any more.
    """
    work = Plant(rng, lines, talk, account, slots)
    done: list[str] = []
    if rng.random() < rates["fault"]:
        chosen = rng.sample(CATEGORIES, 2 if rng.random() < 0.12 else 1)
        done += [c for c in chosen if (work.repeat() if c == "repeated" else work.phrase(c))]
    for name, act in (("side", work.side), ("common_again", work.common_again), ("asked_again", work.asked_again)):
        if not (name == "asked_again" and "repeated" in done) and rng.random() < rates[name]:
            act()
    if rng.random() < rates["late"] and work.late():
        done.append(DELAY)
    _mark_late(talk)
    return tuple(done)


def plant_nobody(talk: list[Line]) -> tuple[str, ...]:
    """Mark the customer's messages that no person ever answered, in place; returns the category."""
    fault = Planted(DELAY, "nobody_answered")
    for line in talk:
        if line.speaker is Speaker.CUSTOMER:
            line.faults.append(fault)
    return (DELAY,)


def _mark_late(talk: list[Line]) -> None:
    """Give each late reply, and the customer's messages that waited for it, one fault."""
    for i, line in enumerate(talk):
        if line.late:
            answered = [j for j in range(i) if talk[j].speaker in (Speaker.AGENT, Speaker.BOT)]
            fault = Planted(DELAY, "late_reply")
            for waiting in talk[max(answered, default=-1) + 1 : i + 1]:
                if waiting.speaker is not Speaker.SYSTEM:
                    waiting.faults.append(fault)
