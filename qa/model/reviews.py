"""Reviews: verdicts, ratings and the form they are handed in with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
