"""Reports on paper and screen: facts -> HTML -> PDF, and facts -> XLSX. Reads no store and no clock."""

from qa.report.facts import (
    KINDS,
    AppraisalFacts,
    BonusFacts,
    ComplianceFacts,
    DailyFacts,
    Facts,
    House,
    PayrollFacts,
    ReviewFacts,
)
from qa.report.html import render
from qa.report.pdf import pdf
from qa.report.standing import headroom, line_of
from qa.report.xlsx import xlsx

__all__ = [
    "KINDS",
    "AppraisalFacts",
    "BonusFacts",
    "ComplianceFacts",
    "DailyFacts",
    "Facts",
    "House",
    "PayrollFacts",
    "ReviewFacts",
    "headroom",
    "line_of",
    "pdf",
    "render",
    "xlsx",
]
