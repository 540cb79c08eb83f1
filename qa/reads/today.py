"""Today: yesterday's figures by agent, what to look at first, and the worklist."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from qa.access import Action, allowed, may, require
from qa.lookup import Roster
from qa.model import N_, Actor, Agent, Estimate, Metric, Refusal, Resource, Text, Verdict
from qa.pipeline.scoring import findings as judged
from qa.pipeline.scoring import measure
from qa.reads.desk import worklist
from qa.reads.figures import days, figures, metric_value, span, totals
from qa.sampling import estimate
from qa.scoring import metrics as ratios
from qa.views import AgentDay, Attention, MetricCard, Today
from qa.workspace import Workspace

CARDS = ("good_rating_rate", "bad_attitude_share", "reply_rate_3m")
BACK = 30
NO_SCORE = Estimate(None, None, None, 0, "not enough evidence")


def today(ws: Workspace, actor: Actor, day: date | None = None) -> Today:
    """The morning's page for a day (default: the newest day before today that holds conversations)."""
    if not may(actor, Action.TODAY_READ):
        require(actor, Action.TODAY_READ)
    shown = day or _newest(ws, actor)
    roster = Roster.of(ws)
    seen = {
        a.agent_id: a for a in roster.agents(shown) if allowed(actor, Action.TODAY_READ, Resource(a.agent_id, a.team))
    }
    of_day = _by_agent(ws, shown, shown, seen)
    claims = judged(ws, span(shown, shown)).filter(pl.col("agent_id").is_in(list(seen)))
    scores = figures(ws, shown.strftime("%Y-%m")).scores
    agents = tuple(_agent_day(seen[a], row, claims, scores) for a, row in sorted(of_day.items()))
    open_items = [i for i in worklist(ws, actor) if not i.done] if may(actor, Action.WORKLIST_READ) else []
    minutes = next((p.minutes for p in ws.policy.plans), None)
    return Today(
        day=shown,
        made_up=ws.made_up,
        cards=tuple(_cards(ws, shown, seen)),
        to_judge=sum(a.to_judge for a in agents),
        to_review=len(open_items),
        minutes=round(len(open_items) * float(minutes or 0)),
        attention=tuple(_attention(ws, shown, seen, of_day, claims))[:7],
        agents=tuple(sorted(agents, key=lambda a: (-a.bad, -a.confirmed - a.to_judge, a.name))),
    )


def _newest(ws: Workspace, actor: Actor) -> date:
    known = [d for d in days(ws, actor) if d < ws.today()]
    if not known:
        raise Refusal(N_("There is no finished day to look at yet."), N_("Import yesterday's chat logs first."))
    return known[0]


def _by_agent(ws: Workspace, first: date, last: date, seen: Mapping[str, Agent]) -> dict[str, dict[str, Any]]:
    rows = measure(ws, span(first, last), by="agent").to_dicts()
    return {r["grouped"]: r for r in rows if r["grouped"] in seen}


def _agent_day(agent: Agent, row: Mapping[str, Any], claims: pl.DataFrame, scores: Mapping[str, Estimate]) -> AgentDay:
    own = claims.filter(pl.col("agent_id") == agent.agent_id)
    rated = row["satisfied"] + row["neutral"] + row["disappointed"]
    return AgentDay(
        agent.agent_id,
        agent.name,
        agent.team,
        row["conversations"],
        row["first_seconds"] / row["first_n"] if row["first_n"] else None,
        row["answered_180s"] / row["rounds"] if row["rounds"] else None,
        row["satisfied"],
        rated,
        rated - row["satisfied"],
        own.filter(pl.col("verdict") == Verdict.CONFIRMED.value).height,
        own.filter(pl.col("verdict").is_null()).height,
        scores.get(agent.agent_id, NO_SCORE),
    )


def _cards(ws: Workspace, shown: date, seen: Mapping[str, Agent]) -> Iterator[MetricCard]:
    """Metrics of the actor's people on the day, each with its last 30 days."""
    first = shown - timedelta(days=BACK - 1)
    rows = measure(ws, span(first, shown), by="agent", by_day=True).to_dicts()
    by_day: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        if row["grouped"] in seen:
            by_day.setdefault(row["on_day"], []).append(row)
    for name in CARDS:
        metric = next((m for m in ws.policy.metrics if m.id == name), None)
        if metric is not None and shown in by_day:
            series = tuple(
                (d, _value(metric, totals(by_day[d])) if d in by_day else None)
                for d in (first + timedelta(days=i) for i in range(BACK))
            )
            yield MetricCard(metric_value(metric, totals(by_day[shown])), series)


def _value(metric: Metric, sums: Mapping[str, Any]) -> float | None:
    value = ratios.ratio(metric, sums)[0]
    return None if value is None else float(value)


def _attention(
    ws: Workspace, shown: date, seen: Mapping[str, Agent], of_day: Mapping[str, Any], claims: pl.DataFrame
) -> Iterator[Attention]:
    yield from _bad_ratings(shown, of_day)
    yield from _below_own_level(ws, shown, seen, of_day)
    yield from _shared_faults(ws, shown, claims)
    yield from _slow(shown, seen, of_day)
    yield from _lines(ws, shown)


def _bad_ratings(shown: date, of_day: Mapping[str, Any]) -> Iterator[Attention]:
    sums = totals(of_day.values())
    bad, attitude = (
        sums.get("neutral", 0) + sums.get("disappointed", 0),
        sums.get("attitude_neutral", 0) + sums.get("attitude_disappointed", 0),
    )
    if bad:
        yield Attention(
            Text(f"{bad} 条中差评要逐条读", f"{bad} neutral or bad ratings to read one by one"),
            Text(f"其中 {attitude} 条写的是服务态度差", f"{attitude} of them name a bad attitude"),
            "conversations",
            (("day", shown.isoformat()), ("bad", "1")),
            Text("看会话", "Read them"),
        )


def _below_own_level(
    ws: Workspace, shown: date, seen: Mapping[str, Agent], of_day: Mapping[str, Any]
) -> Iterator[Attention]:
    """People whose good-rating rate of the day lies below their own level of the 30 days before, beyond chance."""
    usual = _by_agent(ws, shown - timedelta(days=BACK), shown - timedelta(days=1), seen)
    worst = []
    for agent_id, row in of_day.items():
        rated = row["satisfied"] + row["neutral"] + row["disappointed"]
        before = usual.get(agent_id)
        rated_before = before["satisfied"] + before["neutral"] + before["disappointed"] if before else 0
        if rated < 5 or before is None or rated_before < 20:
            continue
        high = estimate.share(row["satisfied"], rated, 0.95).high
        level = before["satisfied"] / rated_before
        if high is not None and high < level:
            worst.append((row["satisfied"] / rated, rated, level, agent_id))
    for share, rated, level, agent_id in sorted(worst)[:2]:
        name = seen[agent_id].name
        yield Attention(
            Text(f"{name} 好评率 {share:.0%}（n={rated}）", f"{name}: good-rating rate {share:.0%} (n={rated})"),
            Text(
                f"低于自己近 30 天的常态 {level:.0%}，不像是偶然",
                f"below the own level of {level:.0%} over 30 days, beyond chance",
            ),
            "conversations",
            (("day", shown.isoformat()), ("agent", agent_id), ("bad", "1")),
            Text("看会话", "Read them"),
        )


def _shared_faults(ws: Workspace, shown: date, claims: pl.DataFrame) -> Iterator[Attention]:
    """Kinds of finding that several people share: a team lacks a script rather than a person the will."""
    open_claims = claims.filter(pl.col("verdict").is_null() | (pl.col("verdict") == Verdict.CONFIRMED.value))
    counted = (
        open_claims.group_by("category")
        .agg(pl.len().alias("n"), pl.col("agent_id").n_unique().alias("people"))
        .sort(["n", "category"], descending=[True, False])
    )
    names = {c.id: c.name for c in ws.policy.categories}
    for category, n, people in counted.iter_rows():
        if n < 2:
            continue
        name = names.get(category, Text(category, category))
        cause = (
            Text("多人都有：像是团队缺话术", "shared by several: the team may lack a script")
            if people > 2
            else Text("集中在个别人：适合一对一", "one or two people: a talk in private")
        )
        yield Attention(
            Text(f"“{name.zh}”类命中 {n} 次，涉及 {people} 人", f"{n} findings of “{name.en}” by {people} people"),
            cause,
            "conversations",
            (("day", shown.isoformat()), ("category", category)),
            Text("去判定", "Judge them"),
        )


def _slow(shown: date, seen: Mapping[str, Agent], of_day: Mapping[str, Any]) -> Iterator[Attention]:
    late = sorted(
        ((r["rounds"] - r["answered_180s"], a) for a, r in of_day.items() if r["rounds"] - r["answered_180s"] >= 3),
        reverse=True,
    )
    for n, agent_id in late[:1]:
        name = seen[agent_id].name
        yield Attention(
            Text(f"{name} 有 {n} 轮发问未在 3 分钟内回复", f"{name} left {n} questions waiting for over 3 minutes"),
            Text("是这一天里最多的", "the most of that day"),
            "conversations",
            (("day", shown.isoformat()), ("agent", agent_id)),
            Text("看会话", "Read them"),
        )


def _lines(ws: Workspace, shown: date) -> Iterator[Attention]:
    """Shops that come near a line of the platform, month to date."""
    metric = next((m for m in ws.policy.metrics if m.spare == "bad_ratings"), None)
    if metric is None:
        return
    rows: Sequence[dict[str, Any]] = measure(ws, span(shown.replace(day=1), shown), by="shop").to_dicts()
    near = [(ratios.headroom(metric, r), r) for r in rows if r["grouped"] is not None]
    for spare, row in sorted(
        ((s, r) for s, r in near if s is not None and s < 20), key=lambda p: (p[0], p[1]["grouped"])
    ):
        shop = row["grouped"]
        text = (
            Text(f"{shop} 本月还可承受 {spare} 个差评", f"{shop} can bear {spare} more bad ratings this month")
            if spare >= 0
            else Text(
                f"{shop} 已低于红线，要 {-spare} 个好评才能回来",
                f"{shop} is below the line; {-spare} good ratings bring it back",
            )
        )
        share = ratios.ratio(metric, row)[0]
        yield Attention(
            text,
            Text(
                f"本月好评率 {share:.1%}，红线 {metric.threshold:.0%}",
                f"month to date {share:.1%}, line {metric.threshold:.0%}",
            ),
            "results",
            (("period", shown.strftime("%Y-%m")),),
            Text("看明细", "See details"),
        )
