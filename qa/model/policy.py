"""Policy: rules, scorecards, plans, metrics and schemes as the house decides them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from qa.model.words import STRICT, Text


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
