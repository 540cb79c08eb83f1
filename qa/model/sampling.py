"""Sampling: drawn members, assignments, and estimates."""

from dataclasses import dataclass


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
