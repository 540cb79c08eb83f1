"""The nouns: frozen records, enums and table schemas. Imports nothing of ours.

Instants are aware UTC; days are dates in the workspace's zone; money is Decimal yuan; shares are
0 to 1; scores are 0 to 100; a missing value is None and never 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import polars as pl

STRICT: Mapping[str, str] = {"extra": "forbid"}
"""Read by the policy loader: an unknown key is refused."""


def N_(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


class Refusal(Exception):
    """Something that cannot be done: what is wrong, where, and what to do about it.

    `what` and `remedy` are English message ids with `{named}` places filled from `values`;
    `place` is data (a file, a line, a key) and is shown as it is.
    """

    def __init__(self, what: str, remedy: str, *, place: str = "", **values: object) -> None:
        super().__init__(what)
        self.what, self.remedy, self.place, self.values = what, remedy, place, values

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """The refusal in one line: `place: what. remedy`."""
        what = translate(self.what).format(**self.values)
        remedy = translate(self.remedy).format(**self.values)
        return f"{self.place + ': ' if self.place else ''}{what} {remedy}".strip()

    def __str__(self) -> str:
        return self.sentence()


@dataclass(frozen=True)
class Text:
    """A name or sentence in both languages of the screens."""

    __pydantic_config__ = STRICT
    zh: str
    en: str

    def said(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


# ---------------------------------------------------------------- people


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    HR = "hr"
    ADMIN = "admin"
    OWNER = "owner"  # the person at the command line of this machine


@dataclass(frozen=True)
class Actor:
    """Who acts: read from the records again at every act, never kept in a browser session."""

    user_id: str
    name: str
    role: Role
    agent_id: str | None = None
    teams: frozenset[str] = frozenset()
    language: str = "zh"


@dataclass(frozen=True)
class Resource:
    """What is acted on, by what matters for permission. None means: does not apply."""

    agent_id: str | None = None
    team: str | None = None
    evidence_of_closed_case: bool = False


@dataclass(frozen=True)
class Agent:
    agent_id: str
    name: str
    team: str | None = None


@dataclass(frozen=True)
class User:
    """A sign-in account. `login` is what the person types."""

    user_id: str
    login: str
    name: str
    role: Role
    agent_id: str | None
    teams: frozenset[str]
    language: str
    disabled: bool


# ---------------------------------------------------------------- chats


class Speaker(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class RatingValue(StrEnum):
    """The customer's own rating. What a reviewer gives is a level of a criterion."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    DISAPPOINTED = "disappointed"


ATTITUDE = "attitude"  # the rating reason 服务态度差, after the source's value map

INSTANT = pl.Datetime("ms", "UTC")


def _schema(columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.Schema:
    return pl.Schema(columns)


MESSAGES = _schema(
    {
        "platform": pl.String,
        "shop": pl.String,
        "conversation_id": pl.String,
        "message_id": pl.String,
        "position": pl.Int32,  # 0, 1, 2 … within the conversation
        "sent_at": INSTANT,
        "speaker": pl.String,  # Speaker
        "account": pl.String,  # the sub-account that wrote it; null for customer and system
        "text": pl.String,  # masked
    }
)

CONVERSATIONS = _schema(
    {
        "platform": pl.String,
        "shop": pl.String,
        "conversation_id": pl.String,
        "customer": pl.String,  # keyed token, never the name
        "started_at": INSTANT,
        "ended_at": INSTANT,
        "account": pl.String,  # the last human account; null where only a bot answered
        "messages": pl.Int32,
        "agent_messages": pl.Int32,
        "customer_messages": pl.Int32,
        "rating": pl.String,  # RatingValue or null
        "rating_reason": pl.String,  # ATTITUDE or free words or null
        "rating_source": pl.String,
        "rating_comment": pl.String,  # masked
        "order_id": pl.String,  # keyed token
        "ordered_at": INSTANT,
        "paid_at": INSTANT,
        "paid_amount": pl.Decimal(12, 2),
    }
)

FINDINGS = _schema(
    {
        "finding_id": pl.String,  # digest of rule, version, message and span: the same claim, the same id
        "rule": pl.String,
        "rule_version": pl.String,
        "category": pl.String,
        "severity": pl.String,
        "platform": pl.String,
        "shop": pl.String,
        "conversation_id": pl.String,
        "message_id": pl.String,  # null: the conversation as a whole is the place
        "account": pl.String,
        "sent_at": INSTANT,
        "start": pl.Int32,  # characters in the text as shown; null with message_id
        "end": pl.Int32,
        "matched": pl.String,
        "value": pl.Float64,  # what the rule measured: seconds, repeats, similarity; else null
    }
)

MEASURES = (
    "conversations",  # contacts; over several agents a transferred conversation counts for each
    "ended",  # conversations whose last human this was, so that they add up to conversations
    "agent_messages",
    "customer_messages",
    "first_n",  # contacts with a first human reply
    "first_seconds",
    "first_30s",
    "first_180s",
    "first_300s",
    "rounds",  # runs of customer messages that wait for a human
    "answered",
    "response_seconds",
    "answered_30s",
    "answered_180s",
    "answered_300s",
    "unanswered",  # contacts in which no human ever replied
    "satisfied",
    "neutral",
    "disappointed",
    "attitude_neutral",
    "attitude_disappointed",
    "ordered",
    "paid",
    "paid_fen",
)

_PLACE = {"platform": pl.String, "shop": pl.String, "account": pl.String}

CONTACTS = _schema(
    {
        **_PLACE,
        "conversation_id": pl.String,
        "ended_at": INSTANT,
        "longest_wait": pl.Int64,  # seconds; null where nothing waited
        **dict.fromkeys(MEASURES, pl.Int64),
    }
)
"""One row per conversation and account that served it (null account: bot or nobody)."""

FACTS = _schema({"day": pl.Date, **_PLACE, **dict.fromkeys(MEASURES, pl.Int64)})
"""One row per day and account: sums of CONTACTS, so that any month is a sum of days."""

LAKE = {
    "messages": MESSAGES,
    "conversations": CONVERSATIONS,
    "findings": FINDINGS,
    "contacts": CONTACTS,
    "facts": FACTS,
}
DERIVED = ("findings", "contacts", "facts")


@dataclass(frozen=True)
class Part:
    """One immutable Parquet file of the lake. `name` is the path below lake/."""

    name: str
    kind: str
    day: date
    rows: int
    sha256: str


@dataclass(frozen=True)
class Reject:
    """A row that was not accepted, with the reason a person can act on."""

    file: str
    row: int  # 1 is the first row after the header, or the first line
    column: str
    reason: str
    value: str


@dataclass(frozen=True)
class Load:
    """One reading of one chat log. rows_in = accepted + duplicate + rejected, always."""

    load_id: str
    file: str
    file_hash: str
    source: str
    rows_in: int
    accepted: int
    duplicate: int
    rejected: int
    masked: int
    already_loaded: bool = False


# ---------------------------------------------------------------- policy


class Severity(StrEnum):
    NOTE = "note"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


SEVERITY_ORDER = {s: i for i, s in enumerate(Severity)}


@dataclass(frozen=True)
class Phrase:
    """Phrases in folded text: the whole message, or contained in it."""

    __pydantic_config__ = STRICT
    phrases: tuple[str, ...]
    match: str = "contains"  # whole | contains
    fold_pronouns: bool = True  # 你 and 您 are one
    fold_particles: bool = True  # 么, 吗 and 嘛 are one; trailing 呢 啊 呀 哦 are dropped
    exceptions: tuple[str, ...] = ()  # contexts in which a phrase is harmless


@dataclass(frozen=True)
class Regex:
    """A pattern in folded text, by a linear-time engine; a match inside an exception is dropped."""

    __pydantic_config__ = STRICT
    pattern: str
    exceptions: tuple[str, ...] = ()
    fold_pronouns: bool = True
    fold_particles: bool = False


@dataclass(frozen=True)
class Repeat:
    """The same or nearly the same words sent again to the same customer."""

    __pydantic_config__ = STRICT
    similarity: float = 1.0  # 1.0 exact after folding; else 0.5 to 1, indel ratio
    look_back: int = 0  # earlier agent messages to compare with; 0 = all of the conversation
    minimum_length: int = 6  # folded characters
    nth: int = 2  # claim from the nth sending on
    exempt: tuple[str, ...] = ()  # common scripts: whole messages after folding
    exempt_containing: tuple[str, ...] = ()
    excused_when_asked_again: bool = True  # the customer repeated the question in between
    hours_across: int = 0  # also earlier conversations of the same customer within these hours


@dataclass(frozen=True)
class Delay:
    """A customer's question that waited longer than `seconds` for a human."""

    __pydantic_config__ = STRICT
    seconds: int
    which: str = "any"  # first | later | any


RuleKind = Phrase | Regex | Repeat | Delay


@dataclass(frozen=True)
class Rule:
    __pydantic_config__ = STRICT
    id: str  # file stem + key, as confrontation.curt_what
    version: str  # digest of the item's text
    name: Text
    category: str
    kind: str
    speaker: str
    severity: Severity
    why: Text
    source: str
    instead: str
    check: RuleKind
    hit: tuple[str, ...]
    miss: tuple[str, ...]
    known_miss: tuple[str, ...] = ()
    known_false: tuple[str, ...] = ()


@dataclass(frozen=True)
class Category:
    __pydantic_config__ = STRICT
    id: str
    name: Text


@dataclass(frozen=True)
class Level:
    """One answer to a criterion: `value` counts from 0, the highest value is full marks."""

    __pydantic_config__ = STRICT
    value: int
    words: Text


@dataclass(frozen=True)
class Criterion:
    __pydantic_config__ = STRICT
    id: str
    name: Text
    question: Text
    weight: Decimal  # 0 for a critical item that only caps
    levels: tuple[Level, ...]
    critical: bool = False  # the lowest level caps the review's score at `cap`
    cap: Decimal = Decimal(0)
    may_not_apply: bool = True

    @property
    def top(self) -> int:
        return max(level.value for level in self.levels)


@dataclass(frozen=True)
class Scorecard:
    __pydantic_config__ = STRICT
    id: str
    version: str  # the day it takes effect, as 2026-01-01
    name: Text
    criteria: tuple[Criterion, ...]
    root_causes: tuple[Category, ...]


@dataclass(frozen=True)
class Plan:
    """A sampling plan. Only the measuring stream enters a score."""

    __pydantic_config__ = STRICT
    id: str
    version: str
    name: Text
    stream: str  # measuring | finding
    strata: tuple[str, ...]  # of: agent, shop, platform
    allocation: str  # equal | proportional
    per_agent: int  # conversations per agent and draw
    minimum: int  # floor for each stratum, as far as it has members
    take_all_up_to: int  # a stratum this small is taken whole
    minimum_messages: int  # agent messages a conversation needs to be drawn
    overlap: Decimal  # share that is reviewed twice, blind
    minutes: Decimal  # a review takes, for the capacity preview
    scorecard: str
    confidence: Decimal
    evidence_floor: int  # fewer reviews than this: not enough evidence, no number


@dataclass(frozen=True)
class Metric:
    """A platform metric as a ratio of sums of fact columns."""

    __pydantic_config__ = STRICT
    id: str
    name: Text
    unit: str  # share | seconds | count | ratio | yuan
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    better: str  # higher | lower
    platforms: tuple[str, ...]  # empty: all
    source: str
    dated: date
    note: Text
    threshold: Decimal | None = None  # None: shown, judged against nothing
    spare: str = "none"  # what headroom counts: bad_ratings | attitude_ratings | none


@dataclass(frozen=True)
class Band:
    """Half-open: from <= x < the next band's from."""

    __pydantic_config__ = STRICT
    from_: Decimal
    points: Decimal


@dataclass(frozen=True)
class Kpi:
    __pydantic_config__ = STRICT
    id: str
    name: Text
    source: str  # metric:<id> | score | findings:<severity>
    weight: Decimal
    curve: str  # steps | line
    bands: tuple[Band, ...]  # ascending in from_; points at from_ (line: between two bands, linear)
    unit: str
    missing: str  # reweight | refuse
    protected: bool = True  # boundary protection uses this KPI's interval


@dataclass(frozen=True)
class Tier:
    __pydantic_config__ = STRICT
    id: str
    name: Text
    from_: Decimal  # total points
    coefficient: Decimal  # of the performance pay


@dataclass(frozen=True)
class Event:
    """Money per confirmed occurrence, plus or minus, with a cap a month."""

    __pydantic_config__ = STRICT
    id: str
    name: Text
    source: str  # findings:<severity> | rating:satisfied …
    amount: Decimal
    cap: Decimal  # absolute yuan a month
    why: Text


@dataclass(frozen=True)
class Scheme:
    __pydantic_config__ = STRICT
    id: str
    version: str
    name: Text
    performance_pay: Decimal
    kpis: tuple[Kpi, ...]
    tiers: tuple[Tier, ...]  # ascending in from_
    events: tuple[Event, ...]
    boundary: str  # benefit_of_doubt | estimate
    rounding: str  # fen | jiao | yuan, half up, once, at the end
    floor: Decimal  # the amount is never below
    ceiling: Decimal


@dataclass(frozen=True)
class Policy:
    """Everything the house decides, with the digest of each file it came from."""

    rules: tuple[Rule, ...]
    categories: tuple[Category, ...]
    scorecards: tuple[Scorecard, ...]
    plans: tuple[Plan, ...]
    metrics: tuple[Metric, ...]
    schemes: tuple[Scheme, ...]
    digests: Mapping[str, str]


# ---------------------------------------------------------------- sampling


@dataclass(frozen=True)
class Member:
    """One drawn conversation with the probability it had."""

    conversation_id: str
    agent_id: str
    stratum: str
    probability: float
    stratum_size: int
    stratum_drawn: int


@dataclass(frozen=True)
class Assignment:
    conversation_id: str
    reviewer: str  # user_id
    round: int  # 1 first, 2 blind second


@dataclass(frozen=True)
class StratumSums:
    """What an estimate needs of one stratum: its size, and n, sum and sum of squares of reviewed scores (0–1)."""

    stratum: str
    size: int
    n: int
    total: float
    squares: float


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval; value, low and high are None where there is not enough evidence."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str


# ---------------------------------------------------------------- reviews


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True)
class CriterionRating:
    """One reviewer's level for one criterion; level None means not applicable."""

    criterion: str
    level: int | None


@dataclass(frozen=True)
class ReviewForm:
    """What a reviewer hands in. `form_id` is made by the screen once, so a double click saves once."""

    form_id: str
    conversation_id: str
    scorecard: str
    scorecard_version: str
    ratings: tuple[CriterionRating, ...]
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)  # finding_id -> word
    note: str = ""
    root_cause: str | None = None
    seconds: int | None = None


# ---------------------------------------------------------------- pay


@dataclass(frozen=True)
class Step:
    """One line of a computation, with the sentence that has the numbers put in and where they came from."""

    id: str
    label: Text
    value: str  # exact, as printed; "" where the figure is missing
    unit: str
    sentence: Text
    policy: str  # file and key that decided
    evidence: tuple[str, ...] = ()  # message or conversation ids
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class KpiResult:
    kpi: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    n: int
    points: Decimal | None
    points_high: Decimal | None
    weight: Decimal  # after re-weighting; 0 where missing


@dataclass(frozen=True)
class Appraisal:
    """KPI points, total and tier of one agent in one period."""

    agent_id: str
    scheme: str
    scheme_version: str
    kpis: tuple[KpiResult, ...]
    total: Decimal | None
    total_high: Decimal | None
    tier: str | None
    tier_by_estimate: str | None
    protected: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class BonusLine:
    """One line of a bonus statement. The amount of a statement is the sum of its lines, exactly."""

    id: str
    label: Text
    amount: Decimal
    steps: tuple[str, ...]  # ids of the steps behind it


@dataclass(frozen=True)
class Bonus:
    agent_id: str
    period: str
    amount: Decimal
    lines: tuple[BonusLine, ...]
    steps: tuple[Step, ...]


# ---------------------------------------------------------------- time


@dataclass(frozen=True)
class Period:
    """A calendar month, as 2026-10. `first` is inside, `end` is the first day after."""

    name: str
    first: date
    end: date

    @classmethod
    def named(cls, name: str) -> "Period":
        """Read YYYY-MM; anything else is refused."""
        try:
            first = datetime.strptime(name, "%Y-%m").date()
        except ValueError:
            raise Refusal(N_("“{name}” is not a month."), N_("Write it as 2026-10."), name=name) from None
        year, month = divmod(first.year * 12 + first.month, 12)
        return cls(first.strftime("%Y-%m"), first, date(year, month + 1, 1))


Frame = pl.DataFrame
Row = Mapping[str, Any]
