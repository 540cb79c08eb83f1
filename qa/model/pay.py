"""Pay: steps, appraisals, bonus lines."""

from dataclasses import dataclass
from decimal import Decimal

from qa.model.words import Text


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
