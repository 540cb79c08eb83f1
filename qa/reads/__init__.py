"""What each person may see. Every read takes the actor and returns only what `access.allowed` allows."""

from qa.reads.admin import coverage, loads
from qa.reads.desk import conversation, conversations, findings, worklist
from qa.reads.figures import days, metrics, periods
from qa.reads.month import bonuses, month, my_month, results, reviews
from qa.reads.today import today

__all__ = [
    "bonuses",
    "conversation",
    "conversations",
    "coverage",
    "days",
    "findings",
    "loads",
    "metrics",
    "month",
    "my_month",
    "periods",
    "results",
    "reviews",
    "today",
    "worklist",
]
