"""What a person sees: frozen records that the reads return and that pages and reports draw.

Nothing here computes. Names stand beside every id; None is missing, never 0.
"""

from dataclasses import dataclass
from datetime import date, datetime

from qa.model import Appraisal, Bonus, Estimate, Load, Metric, RatingValue, Scorecard, Severity, Text, Verdict


@dataclass(frozen=True)
class MetricValue:
    """One metric of one group over some days, with what it is judged against."""

    metric: Metric
    group: str  # agent name, shop, platform or "" for all
    value: float | None
    numerator: int
    denominator: int  # n
    low: float | None  # interval, for shares
    high: float | None
    headroom: int | None  # see Metric.spare: how many bad ones are left; negative: good ones needed
    meets: bool | None


@dataclass(frozen=True)
class MetricCard:
    """A metric of the day with its last 30 days."""

    now: MetricValue
    series: tuple[tuple[date, float | None], ...]


@dataclass(frozen=True)
class Attention:
    """One sentence of “look here first”, with its reason and the one place to go."""

    text: Text
    reason: Text
    page: str  # url path of the page
    query: tuple[tuple[str, str], ...]
    button: Text


@dataclass(frozen=True)
class AgentDay:
    agent_id: str
    name: str
    team: str | None
    conversations: int
    first_response: float | None  # seconds, mean
    reply_3m: float | None  # share
    satisfied: int
    rated: int
    bad: int
    confirmed: int  # findings
    to_judge: int
    score: Estimate  # of the month so far


@dataclass(frozen=True)
class Today:
    day: date  # the day looked at, usually yesterday
    made_up: bool
    cards: tuple[MetricCard, ...]
    to_judge: int
    to_review: int
    minutes: int  # what the open worklist takes
    attention: tuple[Attention, ...]
    agents: tuple[AgentDay, ...]


@dataclass(frozen=True)
class WorkItem:
    """One conversation on a reviewer's worklist."""

    assignment_id: str
    conversation_id: str
    agent_name: str
    shop: str
    ended_at: datetime
    why: Text  # why it was drawn: 随机, 差评, 命中
    round: int
    done: bool
    findings: int
    rating: RatingValue | None


@dataclass(frozen=True)
class FindingView:
    finding_id: str
    rule: str
    name: Text
    category: str
    category_name: Text
    severity: Severity
    why: Text
    instead: str
    conversation_id: str
    message_id: str | None
    agent_name: str
    sent_at: datetime
    start: int | None
    end: int | None
    matched: str
    text: str  # the message as shown; "" where the conversation is the place
    value: float | None
    verdict: Verdict | None


@dataclass(frozen=True)
class MessageView:
    message_id: str
    position: int
    sent_at: datetime
    speaker: str  # model.Speaker
    speaker_name: str
    text: str
    gap_seconds: int | None  # to the message before; None for the first
    findings: tuple[FindingView, ...]


@dataclass(frozen=True)
class EarlierContact:
    conversation_id: str
    ended_at: datetime
    agent_name: str
    messages: int
    rating: RatingValue | None


@dataclass(frozen=True)
class ConversationView:
    conversation_id: str
    platform: str
    shop: str
    customer: str
    started_at: datetime
    ended_at: datetime
    agent_id: str | None
    agent_name: str
    made_up: bool
    messages: tuple[MessageView, ...]
    whole_findings: tuple[FindingView, ...]  # of the conversation, not of one message
    rating: RatingValue | None
    rating_reason: str | None
    rating_comment: str | None
    order_id: str | None
    paid_amount: str | None
    earlier: tuple[EarlierContact, ...]
    scorecard: Scorecard
    my_review: str | None  # review_id, where this actor has reviewed it already


@dataclass(frozen=True)
class RatingView:
    criterion: Text
    weight: str
    level: int | None
    words: Text | None  # None: not applicable
    top: int


@dataclass(frozen=True)
class ReviewView:
    review_id: str
    conversation_id: str
    agent_name: str
    reviewer_name: str
    at: datetime
    score: str | None
    ratings: tuple[RatingView, ...]
    note: str
    root_cause: Text | None


@dataclass(frozen=True)
class AgentResult:
    """One agent in one period: score, metrics, appraisal."""

    agent_id: str
    name: str
    team: str | None
    score: Estimate  # 0–100
    metrics: tuple[MetricValue, ...]
    appraisal: Appraisal | None  # None: the agent had no conversation
    confirmed: int
    to_judge: int


@dataclass(frozen=True)
class BonusView:
    agent_id: str
    name: str
    team: str | None
    bonus: Bonus
    appraisal: Appraisal
    closed: bool


@dataclass(frozen=True)
class MyMonth:
    """What an agent sees: nobody else's name, praise first."""

    agent_id: str
    name: str
    period: str
    made_up: bool
    closed: bool
    result: AgentResult | None
    bonus: Bonus | None
    praise: tuple[ReviewView, ...]
    reviews: tuple[ReviewView, ...]
    findings: tuple[FindingView, ...]
    next_steps: tuple[Text, ...]  # the KPIs that move most towards the next tier


@dataclass(frozen=True)
class Station:
    """One of the five stations of a month: data, check, review, appeals, close."""

    name: Text
    state: str  # done | open | waiting
    sentence: Text


@dataclass(frozen=True)
class Month:
    period: str
    made_up: bool
    closed_hash: str | None
    stations: tuple[Station, ...]
    results: tuple[AgentResult, ...]
    metrics: tuple[MetricValue, ...]
    total: str | None  # yuan of all bonuses
    faults: tuple[str, ...]  # audits that are not empty


@dataclass(frozen=True)
class LoadView:
    load: Load
    at: datetime
    by: str
    rejects_file: str | None


@dataclass(frozen=True)
class Coverage:
    """Which days of a shop hold conversations."""

    platform: str
    shop: str
    days: tuple[tuple[date, int], ...]
