"""The made-up month: who writes when to whom, about what, and who answers."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from qa.demo import faults, outcome
from qa.demo.lines import Lines, Topic
from qa.demo.people import Person, Shop, fill_slots, nickname, quality, shops
from qa.demo.talk import Cast, Line, compose, timeline
from qa.model import Speaker

ZONE = ZoneInfo("Asia/Shanghai")
SHOP_SHARES = (0.38, 0.34, 0.28)
HOURS = range(8, 24)
HOUR_SHARES = (2, 4, 6, 7, 6, 5, 6, 7, 7, 6, 5, 6, 8, 10, 9, 5)
LAST_HOUR = 20  # nothing begins later on the last day, so that the month's chats end with the month
MIDNIGHT = 0.012  # share of conversations that begin minutes before midnight

ANSWERED_BY, ANSWER_SHARES = ("person", "bot", "nobody"), (0.94, 0.05, 0.01)
BOT_FIRST, TRANSFER, RETURNING = 0.25, 0.06, 0.14
TOPIC_SHARES = (0.64, 0.29, 0.07)  # one, two, three matters in a conversation
AFTER_SALE = 0.55
WITHIN, APART = timedelta(hours=72), timedelta(minutes=40)


@dataclass
class Contact:
    """One made-up conversation, whole. `dimensions` is empty and `quality` None where no person answered."""

    conversation_id: str
    shop: Shop
    customer: str
    agents: tuple[Person, ...]
    topics: frozenset[str]
    lines: list[Line]
    sent_at: list[datetime]
    planted: tuple[str, ...]
    dimensions: Mapping[str, float]
    rating: Mapping[str, str | None] | None
    order: Mapping[str, str | Decimal | None] | None

    @property
    def quality(self) -> float | None:
        return quality(self.dimensions) if self.dimensions else None


@dataclass
class Past:
    """The contacts of one shop in the last 72 hours, to let customers come back."""

    recent: list[Contact] = field(default_factory=list)
    customers: int = 0

    def returning(self, rng: random.Random, at: datetime) -> Contact | None:
        """The last contact of a customer who may come back now, or None where nobody can."""
        self.recent = [c for c in self.recent if at - c.sent_at[-1] < WITHIN]
        over = [c for c in {c.customer: c for c in self.recent}.values() if at - c.sent_at[-1] > APART]
        return rng.choice(over) if over else None

    def of(self, customer: str) -> list[Contact]:
        return [c for c in self.recent if c.customer == customer]


def contacts(
    seed: int, lines: Lines, people: Sequence[Person], first: date, days: int, count: int
) -> Iterator[Contact]:
    """`count` conversations in the order of their beginning; the same arguments give the same conversations."""
    rng = random.Random(f"{seed}/month")
    every = shops(lines)
    starts = sorted(_start(rng, first, days) for _ in range(count))
    pasts = {shop.code: Past() for shop in every}
    for number, at in enumerate(starts, start=1):
        own = random.Random(f"{seed}/{number}")
        shop = own.choices(every, SHOP_SHARES)[0]
        past = pasts[shop.code]
        contact = _contact(own, lines, shop, people, at, number, past)
        past.recent.append(contact)
        yield contact


def _start(rng: random.Random, first: date, days: int) -> datetime:
    shares = [1.25 if (first + timedelta(days=d)).weekday() >= 5 else 1.0 for d in range(days)]
    day = first + timedelta(days=rng.choices(range(days), shares)[0])
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    last = day == first + timedelta(days=days - 1)
    if rng.random() < MIDNIGHT and not last:
        return midnight + timedelta(hours=23, minutes=55, seconds=rng.randrange(270))
    hour = rng.choices(HOURS, HOUR_SHARES)[0]
    hour = min(hour, LAST_HOUR) if last else hour
    return midnight + timedelta(hours=hour, seconds=rng.randrange(3600 if hour < 23 else 1500))


def _contact(
    rng: random.Random, lines: Lines, shop: Shop, people: Sequence[Person], at: datetime, number: int, past: Past
) -> Contact:
    cast, customer = _cast(rng, lines, shop, people, at, past)
    told = [line.text for c in past.of(customer) for line in c.lines if line.speaker is Speaker.AGENT]
    talk = compose(rng, lines, cast, told)
    planted: tuple[str, ...] = ()
    dimensions: dict[str, float] = {}
    if cast.agents:
        last = cast.agents[-1]
        planted = faults.plant(rng, lines, talk, last.accounts[shop.code], cast.slots, _rates(last))
        dimensions = outcome.handled(rng, last, cast.upset, planted)
    elif not cast.bot:
        planted = faults.plant_nobody(talk)
    sent_at = timeline(rng, talk, at, cast.agents[-1].skill["speed"] if cast.agents else 1.0)
    good = quality(dimensions) if dimensions else None
    before_sale = good is not None and cast.topics[0].stage == "before"
    return Contact(
        conversation_id=f"{shop.code}-{at:%Y%m%d}-{number:05}",
        shop=shop,
        customer=customer,
        agents=cast.agents,
        topics=frozenset(topic.id for topic in cast.topics),
        lines=talk,
        sent_at=sent_at,
        planted=planted,
        dimensions=dimensions,
        rating=outcome.rate(rng, lines, good, cast.upset, planted),
        order=outcome.order(rng, cast.slots, number, sent_at[-1], good or 0.0) if before_sale else None,
    )


def _cast(
    rng: random.Random, lines: Lines, shop: Shop, people: Sequence[Person], at: datetime, past: Past
) -> tuple[Cast, str]:
    before = past.returning(rng, at) if rng.random() < RETURNING else None
    if before is None:
        past.customers += 1
    customer = before.customer if before else nickname(rng, lines, past.customers)
    known = frozenset(topic for c in past.of(customer) for topic in c.topics)
    topics = _topics(rng, lines, shop, known, again=before is not None)
    by = rng.choices(ANSWERED_BY, ANSWER_SHARES)[0]
    agents = _agents(rng, shop, people, at, before) if by == "person" else ()
    cast = Cast(
        shop=shop,
        agents=agents,
        topics=topics,
        slots=fill_slots(rng, lines, shop, at.date()),
        upset=rng.random() < topics[0].upset,
        bot=rng.random() < BOT_FIRST if agents else by != "nobody",
    )
    return cast, customer


def _topics(rng: random.Random, lines: Lines, shop: Shop, known: frozenset[str], *, again: bool) -> tuple[Topic, ...]:
    """One to three matters of one stage that this customer has not brought up in the last days."""
    stage = "after" if rng.random() < AFTER_SALE else "before"
    fit = [t for t in lines.topics if (not t.goods or shop.goods in t.goods) and t.id not in known]
    chosen: list[Topic] = []
    for _ in range(rng.choices((1, 2, 3), TOPIC_SHARES)[0]):
        now = "again" if again and not chosen and rng.random() < 0.6 else stage
        pool = [t for t in fit if t.stage == now and t not in chosen] or [t for t in fit if t not in chosen]
        chosen.append(rng.choices(pool, [t.weight for t in pool])[0])
    return tuple(chosen)


def _agents(
    rng: random.Random, shop: Shop, people: Sequence[Person], at: datetime, before: Contact | None
) -> tuple[Person, ...]:
    """Who is at work: the agent of the last 72 hours if possible, and sometimes another one after a transfer."""
    until = (at + timedelta(hours=2)).date()
    hired = [p for p in people if shop.code in p.accounts and p.covers(at.date()) and p.covers(until)]
    there = [p for p in hired if p.rest != at.weekday()] or hired
    if not there:
        return ()
    known = [p for p in there if before is not None and p in before.agents[-1:]]
    first = known[0] if known else rng.choices(there, [p.pace / len(p.accounts) for p in there])[0]
    others = [p for p in there if p is not first]
    return (first, rng.choice(others)) if others and rng.random() < TRANSFER else (first,)


def _rates(agent: Person) -> dict[str, float]:
    """How often things happen in this agent's conversations: 1 to 6 % hold a planted fault, by attitude."""
    lack = min(1.0, max(0.0, (1 - agent.skill["attitude"]) / 0.4))
    late = min(1.0, max(0.0, (1 - agent.skill["speed"]) / 0.4))
    return {
        "fault": 0.01 + 0.05 * lack,
        "late": 0.01 + 0.12 * late,
        "side": 0.10,
        "common_again": 0.03,
        "asked_again": 0.03,
    }
