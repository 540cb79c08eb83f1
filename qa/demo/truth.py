"""What is true of the made-up month, and what made-up reviewers say of it."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from qa.demo.month import Contact
from qa.demo.people import WEIGHTS, Person, quality
from qa.demo.talk import Decoy, Planted
from qa.demo.write import message_id
from qa.model import N_, Criterion, CriterionRating, Refusal, Verdict

DIMENSION_OF = {
    "attitude": "attitude",
    "understanding": "understanding",
    "solution": "solving",
    "accuracy": "accuracy",
    "efficiency": "speed",
}
"""Which dimension a criterion of the shipped scorecard looks at; any other follows the whole quality."""

NOT_APPLICABLE = 0.06
MISREAD = 0.12  # share of levels that a reviewer sets one too high or one too low


@dataclass(frozen=True)
class Truth:
    """The truth file, read back. Faults and decoys are its rows, by conversation."""

    agents: tuple[Mapping[str, Any], ...]
    conversations: Mapping[str, Mapping[str, Any]]
    faults: Mapping[str, tuple[Mapping[str, Any], ...]]
    decoys: Mapping[str, tuple[Mapping[str, Any], ...]]

    def quality(self, conversation_id: str) -> float | None:
        """The true quality of handling, 0 to 100; None where no person answered. Refused where it is unknown."""
        value = self._row(conversation_id)["quality"]
        return None if value is None else float(value)

    def dimensions(self, conversation_id: str) -> Mapping[str, float]:
        """Each dimension from 0 to 1; empty where no person answered."""
        return dict(self._row(conversation_id)["dimensions"])

    def _row(self, conversation_id: str) -> Mapping[str, Any]:
        if conversation_id not in self.conversations:
            raise Refusal(
                N_("“{conversation}” is not a conversation of the made-up month."),
                N_("Use the truth file that was written with these exports."),
                conversation=conversation_id,
            )
        return self.conversations[conversation_id]


def write_truth(path: Path, seed: int, people: Sequence[Person], contacts: Sequence[Contact]) -> tuple[int, int]:
    """Write what is true and what was planted; returns the numbers of faults and decoys."""
    faults = [row for contact in contacts for row in _faults(contact)]
    decoys = [row for contact in contacts for row in _decoys(contact)]
    blocks = {
        "agents": [_agent(person, contacts, faults) for person in people],
        "conversations": [_conversation(contact) for contact in contacts],
        "faults": faults,
        "decoys": decoys,
    }
    head = json.dumps({"made_up": True, "seed": seed, "weights": dict(WEIGHTS)})[:-1]
    body = "".join(f',\n"{name}": [\n{_lines(rows)}\n]' for name, rows in blocks.items())
    path.write_text(f"{head}{body}\n}}\n", encoding="utf-8")
    return len(faults), len(decoys)


def read_truth(path: Path) -> Truth:
    """Read the truth file. A file that is missing or not one of ours is refused."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return Truth(
            agents=tuple(read["agents"]),
            conversations={row["conversation_id"]: row for row in read["conversations"]},
            faults=_by_conversation(read["faults"]),
            decoys=_by_conversation(read["decoys"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise Refusal(
            N_("The truth file of the made-up month cannot be read."), N_("Make the month again."), place=path.name
        ) from None


def made_up_levels(
    truth: Truth, conversation_id: str, criteria: tuple[Criterion, ...], severity: float, rng: random.Random
) -> tuple[CriterionRating, ...]:
    """What a made-up reviewer sets for each criterion.

    `severity` is in points of the score, subtracted from the true quality. With severity 0 the expected score of
    the review, 100 x sum(weight x level / top) / sum(weight) over the criteria that apply, is the true quality.
    Which criteria do not apply, and where the conversation is stronger or weaker, is a property of the
    conversation and the same for every reviewer; what they read into it is not. A critical criterion is failed
    only where the true quality is not above its cap. Refused for a conversation that nobody answered.
    """
    true = truth.quality(conversation_id)
    if true is None:
        raise Refusal(
            N_("No person answered in “{conversation}”."), N_("Review another one."), conversation=conversation_id
        )
    target = min(1.0, max(0.0, (true - severity) / 100))
    own = random.Random(conversation_id)
    skipped = {c.id for c in criteria if c.may_not_apply and not c.critical and own.random() < NOT_APPLICABLE}
    applied = [c for c in criteria if c.id not in skipped]
    failed = {c.id for c in applied if c.critical and true <= float(c.cap)}
    shares = _shares(applied, failed, target, truth.dimensions(conversation_id))
    return tuple(
        CriterionRating(c.id, None if c.id in skipped else _level(shares[c.id], c.top, c.critical, rng))
        for c in criteria
    )


def made_up_verdict(truth: Truth, finding: Mapping[str, Any]) -> Verdict:
    """What a made-up reviewer says of a finding (a row of the findings table): confirmed where it was planted.

    A finding hits where a planted fault of its conversation and category has a message of that instant; one
    without message hits where its conversation has a fault of the category at all.
    """
    for fault in truth.faults.get(str(finding["conversation_id"]), ()):
        at = finding["sent_at"] if finding["message_id"] is not None else None
        if fault["category"] == finding["category"] and (
            at is None or any(datetime.fromisoformat(sent) == at for sent in fault["sent_at"])
        ):
            return Verdict.CONFIRMED
    return Verdict.REJECTED


def _shares(
    applied: Sequence[Criterion], failed: set[str], target: float, dimensions: Mapping[str, float]
) -> dict[str, float]:
    """The expected level of each criterion as a share of its top, with `target` as their weighted mean."""
    fixed = {c.id: 0.0 if c.id in failed else 1.0 for c in applied if c.critical}
    open_ = [c for c in applied if not c.critical and c.weight > 0]
    weight = sum(float(c.weight) for c in open_)
    given = sum(float(c.weight) * fixed[c.id] for c in applied if c.critical)
    whole = weight + sum(float(c.weight) for c in applied if c.critical)
    mean = min(1.0, max(0.0, (target * whole - given) / weight)) if weight else target
    overall = quality(dimensions) / 100
    raw = {c.id: dimensions.get(DIMENSION_OF.get(c.id, ""), overall) for c in open_}
    centre = sum(float(c.weight) * raw[c.id] for c in open_) / weight if weight else 0.0
    apart = {name: value - centre for name, value in raw.items()}
    # as far apart as the dimensions are, but none beyond 0 or 1, so that the mean stays what it is
    room = min([1.0, *((1 - mean) / d if d > 0 else mean / -d for d in apart.values() if d)])
    return {c.id: mean for c in applied} | fixed | {name: mean + room * d for name, d in apart.items()}


def _level(share: float, top: int, critical: bool, rng: random.Random) -> int:
    """A level whose expectation is share x top: rounded up or down by chance, now and then misread by one."""
    level = min(top, int(share * top + rng.random()))
    if critical or not 0 < level < top or rng.random() >= MISREAD:
        return level
    return level + rng.choice((-1, 1))


def _faults(contact: Contact) -> list[dict[str, Any]]:
    places: dict[Planted, list[int]] = {}
    for position, line in enumerate(contact.lines):
        for fault in line.faults:
            places.setdefault(fault, []).append(position)
    return [
        {**_place(contact, where), "category": fault.category, "family": fault.family, "positions": where}
        | {"sent_at": [contact.sent_at[p].isoformat() for p in where]}
        for fault, where in places.items()
    ]


def _decoys(contact: Contact) -> list[dict[str, Any]]:
    marked = [(p, line.decoy) for p, line in enumerate(contact.lines) if isinstance(line.decoy, Decoy)]
    return [
        {**_place(contact, [p]), "kind": decoy.kind, "why": decoy.why, "sent_at": contact.sent_at[p].isoformat()}
        for p, decoy in marked
    ]


def _place(contact: Contact, where: Sequence[int]) -> dict[str, Any]:
    """The message in question is the last of `where`: a script's second sending, the reply that came late."""
    line = contact.lines[where[-1]]
    return {
        "conversation_id": contact.conversation_id,
        "position": where[-1],
        "message_id": message_id(contact, where[-1]),
        "account": line.account,
        "text": line.text,
    }


def _conversation(contact: Contact) -> dict[str, Any]:
    return {
        "conversation_id": contact.conversation_id,
        "platform": contact.shop.platform,
        "shop": contact.shop.shop,
        "agents": [person.agent_id for person in contact.agents],
        "quality": None if contact.quality is None else round(contact.quality, 4),
        "dimensions": dict(contact.dimensions),
        "planted": list(contact.planted),
    }


def _agent(person: Person, contacts: Sequence[Contact], faults: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`expected_score`: the mean quality of the conversations that the agent ended, which a sample estimates."""
    ended = [c.quality for c in contacts if c.agents and c.agents[-1] is person and c.quality is not None]
    own = set(person.accounts.values())
    return {
        "agent_id": person.agent_id,
        "name": person.name,
        "teams": [stay.team for stay in person.stays],
        "skill": {name: round(value, 4) for name, value in person.skill.items()},
        "skill_score": round(quality(person.skill), 4),
        "expected_score": round(fmean(ended), 4) if ended else None,
        "conversations": len(ended),
        "faults": sum(1 for fault in faults if fault["account"] in own),
    }


def _by_conversation(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    out: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        out.setdefault(row["conversation_id"], []).append(row)
    return {name: tuple(found) for name, found in out.items()}


def _lines(rows: Sequence[Mapping[str, Any]]) -> str:
    return ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
