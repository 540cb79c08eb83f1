"""What each kind of report is made from: frozen records, so that the same facts give the same bytes.

`house.generated` is the day of making, handed in by the caller; no report looks at a clock.
"""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from qa.model import Plan, Scheme
from qa.views import AgentResult, BonusView, FindingView, MetricValue, ReviewView, Today, WorkItem


@dataclass(frozen=True)
class House:
    """Whose report this is. `made_up` puts the label for invented data at the top of every page."""

    name: str
    made_up: bool
    generated: date


@dataclass(frozen=True)
class DailyFacts:
    """A day: its figures by agent, what was found, what is still to be read."""

    house: House
    today: Today
    findings: tuple[FindingView, ...]
    worklist: tuple[WorkItem, ...]


@dataclass(frozen=True)
class ReviewFacts:
    """One agent's month. `drawn` conversations were picked out of `conversations` by `plan` with `seed`; None: unknown."""

    house: House
    period: str
    agent: AgentResult
    reviews: tuple[ReviewView, ...]
    findings: tuple[FindingView, ...]
    scheme: Scheme | None
    plan: Plan | None
    conversations: int | None
    drawn: int | None
    seed: int | None


@dataclass(frozen=True)
class AppraisalFacts:
    """A team's month. `metrics` are those of the whole team; `plan` names the confidence of the intervals."""

    house: House
    period: str
    results: tuple[AgentResult, ...]
    metrics: tuple[MetricValue, ...]
    scheme: Scheme
    plan: Plan | None


@dataclass(frozen=True)
class BonusFacts:
    """Bonus statements of a month: of one agent, or of all."""

    house: House
    period: str
    bonuses: tuple[BonusView, ...]
    scheme: Scheme


@dataclass(frozen=True)
class PayrollFacts:
    """What finance pays out for a month."""

    house: House
    period: str
    bonuses: tuple[BonusView, ...]


@dataclass(frozen=True)
class ComplianceFacts:
    """The platform's metrics of a month; `MetricValue.group` is the shop."""

    house: House
    period: str
    metrics: tuple[MetricValue, ...]


Facts = DailyFacts | ReviewFacts | AppraisalFacts | BonusFacts | PayrollFacts | ComplianceFacts

KINDS: dict[str, type[Facts]] = {kind.__name__.removesuffix("Facts").lower(): kind for kind in get_args(Facts)}
"""daily, review, appraisal, bonus, payroll, compliance."""
