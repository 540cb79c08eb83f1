"""Made-up people: shops, agents with their accounts and teams, customers and their personal data."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from qa.demo.lines import Lines

WEIGHTS: Mapping[str, float] = {
    "attitude": 0.20,
    "understanding": 0.20,
    "solving": 0.25,
    "accuracy": 0.20,
    "speed": 0.15,
}
"""The dimensions of quality and what each counts for in the quality of a conversation."""

WORST, BEST = 0.63, 0.97
SPREAD = 0.04  # between the dimensions of one agent
TENURE = timedelta(days=280)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"


@dataclass(frozen=True)
class Shop:
    platform: str
    shop: str
    short: str
    code: str
    goods: str


@dataclass(frozen=True)
class Stay:
    """One row of the roster but for the account: a team from a day on, up to the day before another."""

    team: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Person:
    """A made-up agent. `skill` holds 0 to 1 for each dimension, `pace` how many conversations relative to others."""

    agent_id: str
    name: str
    nick: str
    skill: Mapping[str, float]
    pace: float
    rest: int  # weekday without work, 0 is Monday
    accounts: Mapping[str, str]  # shop code -> account
    stays: tuple[Stay, ...]

    def covers(self, day: date) -> bool:
        return any(stay.valid_from <= day and (stay.valid_to is None or day < stay.valid_to) for stay in self.stays)


def quality(dimensions: Mapping[str, float]) -> float:
    """0 to 100: the weighted mean of the dimensions."""
    return 100 * sum(WEIGHTS[name] * value for name, value in dimensions.items())


def shops(lines: Lines) -> tuple[Shop, ...]:
    return tuple(Shop(**item) for item in lines.people["shops"])


def cast_agents(rng: random.Random, lines: Lines, count: int, first: date, days: int) -> tuple[Person, ...]:
    """`count` agents with skill spread evenly from poor to very good; one changes team, one joins, one leaves."""
    ranks = [WORST + (BEST - WORST) * (i + 0.5) / count for i in range(count)]
    rng.shuffle(ranks)
    every = shops(lines)
    names, nicks = _names(rng, lines, count), _nicks(rng, lines, count)
    people = []
    for i, base in enumerate(ranks):
        skill = {name: min(0.99, max(0.3, rng.gauss(base, SPREAD))) for name in WEIGHTS}
        home = every[i % len(every)]
        others = rng.sample([s for s in every if s is not home], k=rng.choices((0, 1, 2), (5, 3, 2))[0])
        accounts = {s.code: f"{s.short}:{nicks[i]}" for s in every if s in (home, *others)}
        stays = _stays(lines.people["teams"], i, first, days)
        pace, rest = rng.uniform(0.7, 1.3), rng.randrange(7)
        people.append(Person(f"A{i + 1:03}", names[i], nicks[i], skill, pace, rest, accounts, stays))
    return tuple(people)


def _stays(teams: list[str], i: int, first: date, days: int) -> tuple[Stay, ...]:
    """The fourth agent changes team in the middle of the time, the fifth joins, the sixth leaves."""
    begun, middle = first - TENURE, first + timedelta(days=days // 2)
    team, other = teams[i % len(teams)], teams[(i + 1) % len(teams)]
    special = {
        3: (Stay(team, begun, middle), Stay(other, middle, None)),
        4: (Stay(team, first + timedelta(days=days // 3), None),),
        5: (Stay(team, begun, first + timedelta(days=max(1, 2 * days // 3))),),
    }
    return special.get(i, (Stay(team, begun, None),))


def _names(rng: random.Random, lines: Lines, count: int) -> list[str]:
    """Different names; given names come again only where there are more agents than given names."""
    surnames, given = (rng.sample(lines.people[part], len(lines.people[part])) for part in ("surnames", "given"))
    return [surnames[(i + i // len(given)) % len(surnames)] + given[i % len(given)] for i in range(count)]


def _nicks(rng: random.Random, lines: Lines, count: int) -> list[str]:
    every = list(lines.people["nicks"])
    rng.shuffle(every)
    rounds = -(-count // len(every))
    return [nick + (str(turn + 1) if turn else "") for turn in range(rounds) for nick in every][:count]


def roster_rows(people: tuple[Person, ...], every: tuple[Shop, ...]) -> list[dict[str, str]]:
    """One row per agent, account and stay in a team; dates half-open, an empty valid_to is still valid."""
    by_code = {shop.code: shop for shop in every}
    return [
        {
            "agent_id": person.agent_id,
            "name": person.name,
            "team": stay.team,
            "platform": by_code[code].platform,
            "shop": by_code[code].shop,
            "account": account,
            "valid_from": stay.valid_from.isoformat(),
            "valid_to": stay.valid_to.isoformat() if stay.valid_to else "",
        }
        for person in people
        for code, account in person.accounts.items()
        for stay in person.stays
    ]


def nickname(rng: random.Random, lines: Lines, number: int) -> str:
    """A customer's name in a shop; `number` makes it the only one."""
    return f"{rng.choice(lines.people['customer_heads'])}{rng.choice(lines.people['customer_tails'])}{number}"


def fill_slots(rng: random.Random, lines: Lines, shop: Shop, day: date) -> dict[str, str]:
    """A value for every slot of one conversation except nick, from and to, which depend on who speaks."""
    goods = lines.people["goods"][shop.goods]
    colour, other_colour = rng.sample(goods["colours"], 2)
    small, large = sorted(rng.sample(range(len(goods["sizes"])), 2))
    price = rng.choice(goods["prices"])
    soon, lately = day + timedelta(days=rng.randint(1, 4)), day - timedelta(days=rng.randint(1, 4))
    return {
        "product": rng.choice(goods["products"]),
        "colour": colour,
        "other_colour": other_colour,
        "size": goods["sizes"][small],
        "other_size": goods["sizes"][large],
        "amount": str(price),
        "less": str(max(5, price // rng.choice((5, 8, 10)))),
        "coupon": str(rng.choice((3, 5, 8, 10, 15, 20))),
        "days": rng.choice("二三四五"),
        "hours": rng.choice(("24", "36", "48", "72")),
        "stock": str(rng.randint(3, 60)),
        "percent": str(rng.randint(60, 95)),
        "height": str(rng.randint(152, 182)),
        "weight": str(rng.randint(88, 165)),
        "day": f"{soon.month}月{soon.day}号",
        "past_day": f"{lately.month}月{lately.day}号",
        "gift": rng.choice(goods["gifts"]),
        "order": f"{day:%y%m%d}{rng.randrange(10**9):09}",
        "parcel": f"YS{rng.randrange(10**12):012}",
        "new_parcel": f"YS{rng.randrange(10**12):012}",
        "carrier": rng.choice(lines.people["carriers"]),
        "streamer": rng.choice(lines.people["streamers"]),
        "company": rng.choice(lines.people["companies"]),
        **_personal(rng, lines.people),
    }


def _personal(rng: random.Random, people: Mapping[str, Any]) -> dict[str, str]:
    place = rng.randrange(len(people["cities"]))
    city, district = people["cities"][place], people["districts"][place]
    street = f"{rng.choice(people['streets'])}{rng.randint(1, 300)}号"
    return {
        "name": rng.choice(people["surnames"]) + rng.choice(people["given"]),
        "city": city.removesuffix("市"),
        "address": f"{city}{district}{street}{rng.randint(1, 20)}幢{rng.randint(1, 18)}0{rng.randint(1, 4)}室",
        "mobile": made_up_mobile(rng),
        "id_card": made_up_id_card(rng),
        "bank_card": made_up_bank_card(rng),
        "email": f"demo{rng.randrange(10**5):05}@example.com",
    }


def made_up_mobile(rng: random.Random) -> str:
    """Eleven digits of the form of a mobile number; 0000 in the middle shows that it is made up."""
    return f"1{rng.choice(('35', '38', '59', '77', '86', '99'))}0000{rng.randrange(10**4):04}"


def made_up_id_card(rng: random.Random) -> str:
    """Eighteen characters with a valid check character (GB 11643); the serial number 000 is given to nobody."""
    born = date(1960, 1, 1) + timedelta(days=rng.randrange(16000))
    body = f"{rng.choice(('110101', '330106', '510104', '420103'))}{born:%Y%m%d}000"
    return body + ID_CHECK[sum(w * int(c) for w, c in zip(ID_WEIGHTS, body, strict=True)) % 11]


def made_up_bank_card(rng: random.Random) -> str:
    """Nineteen digits with a valid Luhn check digit (ISO/IEC 7812-1)."""
    body = f"6222020000{rng.randrange(10**8):08}"
    doubled = (int(c) * (2 - i % 2) for i, c in enumerate(reversed(body)))
    return body + str(-sum(d // 10 + d % 10 for d in doubled) % 10)
