"""Figures behind the screens: months and days with data, metrics with interval, line and headroom."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from qa.access import Action, allowed
from qa.model import N_, Actor, Metric, Period, Refusal, Resource
from qa.pipeline.scoring import Figures, measure
from qa.sampling import estimate
from qa.scoring import metrics as ratios
from qa.views import MetricValue
from qa.workspace import Workspace

CONFIDENCE = 0.95


def figures(ws: Workspace, period: str) -> Figures:
    """The figures of a period, computed once for each state of the records."""
    return _figures(ws, period, ws.records.version())


@lru_cache(maxsize=16)
def _figures(ws: Workspace, period: str, version: int) -> Figures:
    return Figures(ws, Period.named(period))


def days(ws: Workspace, actor: Actor) -> tuple[date, ...]:
    """Days that hold conversations, the newest first."""
    return tuple(sorted({p.day for p in ws.parts("conversations")}, reverse=True))


def periods(ws: Workspace, actor: Actor) -> tuple[str, ...]:
    """Months that hold conversations, the newest first."""
    return tuple(sorted({day.strftime("%Y-%m") for day in days(ws, actor)}, reverse=True))


def span(first: date, last: date) -> Period:
    """The days from first to last, both inside, as a period."""
    return Period(f"{first}–{last}", first, last + timedelta(days=1))


def metric_value(metric: Metric, sums: Mapping[str, Any], group: str = "") -> MetricValue:
    """One metric of one row of sums. Shares carry a Wilson interval; other units carry none."""
    value, top, n = ratios.ratio(metric, sums)
    low = high = None
    if metric.unit == "share" and n:
        interval = estimate.share(top, n, CONFIDENCE)
        low, high = interval.low, interval.high
    return MetricValue(
        metric,
        group,
        None if value is None else float(value),
        top,
        n,
        low,
        high,
        ratios.headroom(metric, sums),
        ratios.meets(metric, value),
    )


def metric_values(ws: Workspace, sums: Mapping[str, Any], group: str = "") -> tuple[MetricValue, ...]:
    """All metrics that apply to a row of sums."""
    platform = sums.get("platform")
    return tuple(metric_value(m, sums, group) for m in ws.policy.metrics if not m.platforms or platform in m.platforms)


def metrics(
    ws: Workspace, actor: Actor, first: date, last: date, by: str = "", metric: str | None = None
) -> tuple[MetricValue, ...]:
    """Platform metrics from first to last day, by agent, shop, platform, team or over all ("")."""
    known = {m.id for m in ws.policy.metrics}
    if metric is not None and metric not in known:
        raise Refusal(
            N_("The metric “{metric}” is unknown."),
            N_("Use one of: {known}."),
            metric=metric,
            known=", ".join(sorted(known)),
        )
    rows = measure(ws, span(first, last), by=by or "all").to_dicts()
    names = {r["agent_id"]: r["name"] for r in ws.records.read("agent_now")} if by == "agent" else {}
    teams = {r["agent_id"]: r["team"] for r in ws.records.read("membership_now")}
    found = []
    for row in rows:
        group = row["grouped"]
        agent_id = group if by == "agent" else None
        team = group if by == "team" else teams.get(agent_id)
        if by in {"agent", "team"} and not allowed(actor, Action.METRIC_READ, Resource(agent_id, team)):
            continue
        found += [v for v in metric_values(ws, row, names.get(group, group) or "") if metric in {None, v.metric.id}]
    return tuple(found)


def totals(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The sum of rows of sums, column by column."""
    summed: dict[str, int] = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int):
                summed[name] = summed.get(name, 0) + value
    return summed
