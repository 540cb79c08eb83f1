"""How well a made-up conversation was handled, and what the customer made of it: rating and order."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from qa.demo import faults
from qa.demo.lines import Lines
from qa.demo.people import Person
from qa.model import ATTITUDE, RatingValue

PENALTIES: Mapping[str, Mapping[str, float]] = {
    "rhetorical": {"attitude": 0.45, "understanding": 0.20},
    "interrogation": {"attitude": 0.55, "understanding": 0.15},
    "deflection": {"attitude": 0.35, "solving": 0.35},
    "repeated": {"attitude": 0.15, "speed": 0.40, "solving": 0.15},
    faults.DELAY: {"speed": 0.45},
}
"""What a planted fault takes from the dimensions of its conversation."""

OF_THE_DAY, OF_THE_DIMENSION, OF_ANGER = 0.05, 0.07, 0.06
RATED, RATED_IF_UPSET = 0.34, 0.5
REASONS = {
    "unsolved": "问题没解决",
    "slow": "回复慢",
    "knowledge": "专业度不够",
    "goods": "商品或物流问题",
    "attitude": ATTITUDE,
}
FEN = Decimal("0.01")
SOURCES, SOURCE_SHARES = ("invited", "unasked", "platform"), (5, 3, 2)


def handled(rng: random.Random, agent: Person, upset: bool, planted: Sequence[str]) -> dict[str, float]:
    """The dimensions of one conversation, 0 to 1: the agent's skill, luck, the customer's mood, and faults."""
    luck = rng.gauss(0, OF_THE_DAY) - OF_ANGER * upset
    out = {}
    for name, skill in agent.skill.items():
        lost = sum(PENALTIES[category].get(name, 0.0) for category in planted)
        out[name] = round(min(1.0, max(0.0, skill + luck + rng.gauss(0, OF_THE_DIMENSION) - lost)), 3)
    return out


def rate(
    rng: random.Random, lines: Lines, quality: float | None, upset: bool, planted: Sequence[str]
) -> dict[str, str | None] | None:
    """The customer's rating, or None where none was given. A bot (quality None) is rated as middling."""
    if rng.random() >= (RATED_IF_UPSET if upset else RATED):
        return None
    share = 0.8 if quality is None else quality / 100
    source = rng.choices(SOURCES, SOURCE_SHARES)[0]
    if rng.random() < 0.30 + 0.71 * share - 0.12 * upset:
        comment = rng.choice(lines.pools["comments_satisfied"]) if rng.random() < 0.2 else None
        return _rating(RatingValue.SATISFIED, None, source, comment)
    value = RatingValue.NEUTRAL if rng.random() < 0.5 else RatingValue.DISAPPOINTED
    reason = _reason(rng, share, planted)
    comment = rng.choice(lines.pools[f"comments_{reason}"]) if rng.random() < 0.6 else None
    return _rating(value, REASONS[reason], source, comment)


def order(
    rng: random.Random, slots: Mapping[str, str], number: int, ended: datetime, quality: float
) -> dict[str, str | Decimal | None] | None:
    """The order that a conversation before the sale led to, or None; some orders are never paid."""
    if rng.random() >= 0.15 + 0.45 * quality / 100:
        return None
    ordered = ended + timedelta(seconds=rng.randrange(30, 4 * 3600))
    paid = ordered + timedelta(seconds=rng.randrange(15, 1200)) if rng.random() < 0.88 else None
    off = Decimal(rng.choice((0, 0, 0, 500, 1000, 1990))) / 100
    amount = Decimal(slots["amount"]) * rng.choice((1, 1, 1, 2)) - off
    return {
        "order_id": f"{ordered:%y%m%d}{number:06}{rng.randrange(1000):03}",
        "ordered_at": ordered.isoformat(),
        "paid_at": paid.isoformat() if paid else None,
        "paid_amount": amount.quantize(FEN) if paid else None,
    }


def _reason(rng: random.Random, share: float, planted: Sequence[str]) -> str:
    if set(planted) & {"rhetorical", "interrogation", "deflection"} and rng.random() < 0.7:
        return "attitude"
    if faults.DELAY in planted and rng.random() < 0.6:
        return "slow"
    return rng.choices(
        ("unsolved", "slow", "knowledge", "goods", "attitude"), (30, 12, 18, 36, max(0.5, 12 * (0.85 - share)))
    )[0]


def _rating(value: RatingValue, reason: str | None, source: str, comment: str | None) -> dict[str, str | None]:
    return {"value": value.value, "reason": reason, "source": source, "comment": comment}
