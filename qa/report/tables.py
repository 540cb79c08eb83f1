"""The same facts as tables for a workbook: each column is a title, a kind and where its cell comes from."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qa.language import Translator
from qa.model import Kpi, KpiResult
from qa.report import standing, trace
from qa.report.facts import (
    AppraisalFacts,
    BonusFacts,
    ComplianceFacts,
    DailyFacts,
    Facts,
    PayrollFacts,
    ReviewFacts,
)
from qa.views import AgentResult, FindingView

TEXT, LONG, NUMBER, SHARE, MONEY = "text", "long", "number", "share", "money"

Cell = str | int | float | Decimal | None
Column = tuple[str, str, Callable[[Any], Cell]]


@dataclass(frozen=True)
class Sheet:
    """A table: titles and kinds of its columns, and rows of cells. Amounts are Decimal, shares 0 to 1, None is missing."""

    name: str
    titles: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheets(kind: str, facts: Facts, t: Translator, zone: str) -> tuple[Sheet, ...]:
    """The workbook of a kind; instants are text in the zone."""
    return tuple(MAKERS[kind](facts, t, zone))


def _sheet(name: str, rows: Iterable[Any], columns: Iterable[Column]) -> Sheet:
    titles, kinds, cells = zip(*columns, strict=True)
    return Sheet(name, titles, kinds, tuple(tuple(cell(row) for cell in cells) for row in rows))


def _daily(facts: DailyFacts, t: Translator, zone: str) -> Iterator[Sheet]:
    _ = t.gettext
    yield _sheet(
        _("Agents"),
        facts.today.agents,
        [
            (_("Employee number"), TEXT, lambda a: a.agent_id),
            (_("Name"), TEXT, lambda a: a.name),
            (_("Team"), TEXT, lambda a: a.team or ""),
            (_("Conversations"), NUMBER, lambda a: a.conversations),
            (_("First response, seconds"), NUMBER, lambda a: a.first_response),
            (_("Reply in 3 min"), SHARE, lambda a: a.reply_3m),
            (_("Satisfied"), NUMBER, lambda a: a.satisfied),
            (_("Rated"), NUMBER, lambda a: a.rated),
            (_("Confirmed"), NUMBER, lambda a: a.confirmed),
            (_("To judge"), NUMBER, lambda a: a.to_judge),
            *_score(t, lambda a: a.score),
        ],
    )
    yield _findings(facts.findings, t, zone)
    yield _sheet(
        _("Worklist"),
        facts.worklist,
        [
            (_("Conversation"), LONG, lambda w: w.conversation_id),
            (_("Agent"), TEXT, lambda w: w.agent_name),
            (_("Shop"), TEXT, lambda w: w.shop),
            (_("Ended"), TEXT, lambda w: t.instant(w.ended_at, zone)),
            (_("Why it was drawn"), TEXT, lambda w: w.why.said(t.language)),
            (_("Findings"), NUMBER, lambda w: w.findings),
            (_("State"), TEXT, lambda w: _("reviewed") if w.done else _("open")),
        ],
    )


def _score(t: Translator, of: Callable[[Any], Any]) -> list[Column]:
    _ = t.gettext
    return [
        (_("Quality score"), NUMBER, lambda row: of(row).value),
        (_("Interval from"), NUMBER, lambda row: of(row).low),
        (_("Interval to"), NUMBER, lambda row: of(row).high),
        (_("Reviews"), NUMBER, lambda row: of(row).n),
    ]


def _findings(findings: tuple[FindingView, ...], t: Translator, zone: str) -> Sheet:
    _ = t.gettext
    verdicts = {None: _("to be judged"), "confirmed": _("confirmed"), "rejected": _("not a fault")}
    return _sheet(
        _("Findings"),
        findings,
        [
            (_("Conversation"), LONG, lambda f: f.conversation_id),
            (_("Message"), LONG, lambda f: f.message_id or ""),
            (_("Time"), TEXT, lambda f: t.instant(f.sent_at, zone)),
            (_("Agent"), TEXT, lambda f: f.agent_name),
            (_("Rule"), TEXT, lambda f: f.name.said(t.language)),
            (_("Matched"), TEXT, lambda f: f.matched),
            (_("What was written"), LONG, lambda f: f.text),
            (_("Verdict"), TEXT, lambda f: verdicts[f.verdict]),
            (_("Better"), LONG, lambda f: f.instead),
        ],
    )


def _review(facts: ReviewFacts, t: Translator, zone: str) -> Iterator[Sheet]:
    _ = t.gettext
    who: list[Column] = [
        (_("Employee number"), TEXT, lambda r: r.agent_id),
        (_("Name"), TEXT, lambda r: r.name),
        (_("Team"), TEXT, lambda r: r.team or ""),
    ]
    yield _sheet(_("Score"), [facts.agent], [*who, *_score(t, lambda r: r.score)])
    yield _sheet(
        _("Reviews"),
        [(review, rating) for review in facts.reviews for rating in review.ratings],
        [
            (_("Conversation"), LONG, lambda r: r[0].conversation_id),
            (_("Time"), TEXT, lambda r: t.instant(r[0].at, zone)),
            (_("Criterion"), TEXT, lambda r: r[1].criterion.said(t.language)),
            (_("Level"), NUMBER, lambda r: _("not applicable") if r[1].level is None else r[1].level),
            (_("Highest level"), NUMBER, lambda r: r[1].top),
            (_("In words"), LONG, lambda r: r[1].words.said(t.language) if r[1].words else ""),
            (_("Score of the review"), NUMBER, lambda r: None if r[0].score is None else Decimal(r[0].score)),
            (_("Note"), LONG, lambda r: r[0].note),
        ],
    )
    yield _findings(facts.findings, t, zone)


def _appraisal(facts: AppraisalFacts, t: Translator, zone: str) -> Iterator[Sheet]:
    _ = t.gettext

    def tier(result: AgentResult, name: str) -> str | None:
        found = standing.tier_of(facts.scheme, getattr(result.appraisal, name, None))
        return found.name.said(t.language) if found else None

    yield _sheet(
        _("Team appraisal"),
        facts.results,
        [
            (_("Employee number"), TEXT, lambda r: r.agent_id),
            (_("Name"), TEXT, lambda r: r.name),
            (_("Team"), TEXT, lambda r: r.team or ""),
            *_score(t, lambda r: r.score),
            *(column for kpi in facts.scheme.kpis for column in _kpi(kpi, t)),
            (_("Total points"), NUMBER, lambda r: r.appraisal.total if r.appraisal else None),
            (_("Tier"), TEXT, lambda r: tier(r, "tier")),
            (_("Tier by the estimate"), TEXT, lambda r: tier(r, "tier_by_estimate")),
        ],
    )


def _kpi(kpi: Kpi, t: Translator) -> list[Column]:
    """Value, points and weight of one KPI; missing where the person has no appraisal."""

    def of(result: AgentResult) -> KpiResult | None:
        found = result.appraisal.kpis if result.appraisal else ()
        return next((each for each in found if each.kpi == kpi.id), None)

    name = kpi.name.said(t.language)
    points, weight = t.gettext("Points"), t.gettext("Weight")
    kind = {"share": SHARE, "yuan": MONEY}.get(kpi.unit, NUMBER)
    return [
        (name, kind, lambda r: getattr(of(r), "value", None)),
        (f"{name} · {points}", NUMBER, lambda r: getattr(of(r), "points", None)),
        (f"{name} · {weight}", NUMBER, lambda r: getattr(of(r), "weight", None)),
    ]


def _bonus(facts: BonusFacts, t: Translator, zone: str) -> Iterator[Sheet]:
    _ = t.gettext
    lines = [(view, traced.line, traced) for view in facts.bonuses for traced in trace.statement(view)]
    steps = [(view, line, found) for view, line, traced in lines for found in traced.steps]
    evidence = [(view, line, found, one) for view, line, found in steps for one in found.step.evidence]
    who: list[Column] = [
        (_("Employee number"), TEXT, lambda r: r[0].agent_id),
        (_("Name"), TEXT, lambda r: r[0].name),
        (_("Line"), TEXT, lambda r: r[1].label.said(t.language)),
    ]
    yield _sheet(_("Lines"), lines, [*who, (_("Amount"), MONEY, lambda r: r[1].amount)])
    yield _sheet(
        _("Steps"),
        steps,
        [
            *who,
            (_("Step"), NUMBER, lambda r: r[2].number),
            (_("Name of the step"), TEXT, lambda r: r[2].step.label.said(t.language)),
            (_("Value"), TEXT, lambda r: standing.step_value(r[2].step, t)),
            (_("Explanation"), LONG, lambda r: r[2].step.sentence.said(t.language)),
            (_("From steps"), TEXT, lambda r: ", ".join(str(parent) for parent in r[2].parents)),
            (_("Policy"), LONG, lambda r: r[2].step.policy),
        ],
    )
    yield _sheet(
        _("Left out"),
        [(view, step) for view in facts.bonuses for step in trace.beside(view)],
        [
            *who[:2],
            (_("Name of the step"), TEXT, lambda r: r[1].label.said(t.language)),
            (_("Explanation"), LONG, lambda r: r[1].sentence.said(t.language)),
            (_("Policy"), LONG, lambda r: r[1].policy),
        ],
    )
    yield _sheet(
        _("Evidence"),
        evidence,
        [
            *who,
            (_("Step"), NUMBER, lambda r: r[2].number),
            (_("Message or conversation"), LONG, lambda r: r[3]),
        ],
    )


def _payroll(facts: PayrollFacts, t: Translator, zone: str) -> Iterator[Sheet]:
    _ = t.gettext
    table = trace.payroll(facts.bonuses)
    rows: list[tuple[Cell, ...]] = [
        (view.agent_id, view.name, view.team or "", *("" if a is None else a for a in amounts), view.bonus.amount)
        for view, amounts in table.rows
    ]
    lines = [label.said(t.language) for label in table.columns]
    yield Sheet(
        _("Payroll table"),
        (_("Employee number"), _("Name"), _("Team"), *lines, _("Amount")),
        (TEXT, TEXT, TEXT, *(MONEY for _line in lines), MONEY),
        (*rows, (_("Total"), "", "", *table.totals, table.total)),
    )


def _compliance(facts: ComplianceFacts, t: Translator, zone: str) -> Iterator[Sheet]:
    _ = t.gettext
    judged = {None: _("no line"), True: _("meets"), False: _("misses")}
    yield _sheet(
        _("Platform compliance"),
        facts.metrics,
        [
            (_("Shop"), TEXT, lambda v: v.group or _("All shops")),
            (_("Metric"), TEXT, lambda v: v.metric.name.said(t.language)),
            (_("Value"), NUMBER, lambda v: v.value),
            (_("Value as shown"), TEXT, lambda v: t.figure(v.value, v.metric.unit)),
            ("n", NUMBER, lambda v: v.denominator),
            (_("Line"), TEXT, lambda v: standing.line_of(v.metric, t)),
            (_("Judgment"), TEXT, lambda v: judged[v.meets]),
            (_("Headroom"), LONG, lambda v: standing.headroom(v, t)),
            (_("Definition"), LONG, lambda v: v.metric.note.said(t.language)),
            (_("Source"), LONG, lambda v: v.metric.source),
            (_("As of"), TEXT, lambda v: v.metric.dated.isoformat()),
        ],
    )


MAKERS: dict[str, Callable[[Any, Translator, str], Iterator[Sheet]]] = {
    "daily": _daily,
    "review": _review,
    "appraisal": _appraisal,
    "bonus": _bonus,
    "payroll": _payroll,
    "compliance": _compliance,
}
