"""Months: results, appraisals, bonuses, one's own month, and whether the month can be closed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from qa.access import Action, allowed, may, require
from qa.lookup import Roster
from qa.model import N_, Actor, Agent, Appraisal, Bonus, Estimate, Kpi, Refusal, Resource, Text, Verdict
from qa.pipeline import checking, closing
from qa.pipeline.scoring import Figures, measure
from qa.reads.admin import instant
from qa.reads.desk import findings
from qa.reads.figures import figures, metric_values
from qa.views import AgentResult, BonusView, Month, MyMonth, RatingView, ReviewView, Station
from qa.workspace import Workspace


def results(ws: Workspace, actor: Actor, period: str) -> tuple[AgentResult, ...]:
    """Scores, metrics and appraisals of the period, by name. A closed period is read as it was frozen."""
    if not may(actor, Action.SCORE_READ):
        require(actor, Action.SCORE_READ)
    known = figures(ws, period)
    scores, appraisals = _scores(ws, known), _appraisals(ws, known)
    counts = _judged(known)
    found = [
        AgentResult(
            agent.agent_id,
            agent.name,
            agent.team,
            scores[agent.agent_id],
            metric_values(ws, known.measures[agent.agent_id], agent.name),
            appraisals.get(agent.agent_id),
            counts.get((agent.agent_id, "confirmed"), 0),
            counts.get((agent.agent_id, None), 0),
        )
        for agent in known.agents
        if agent.agent_id in scores and allowed(actor, Action.SCORE_READ, _of(agent))
    ]
    return tuple(sorted(found, key=lambda r: (r.team or "", r.name)))


def bonuses(ws: Workspace, actor: Actor, period: str) -> tuple[BonusView, ...]:
    """Bonus statements of the period, by team and name."""
    if not may(actor, Action.BONUS_READ):
        require(actor, Action.BONUS_READ)
    known = figures(ws, period)
    appraisals, amounts = _appraisals(ws, known), _bonuses(ws, known)
    closed = closing.closed(ws, period) is not None
    found = [
        BonusView(a.agent_id, a.name, a.team, amounts[a.agent_id], appraisals[a.agent_id], closed)
        for a in known.agents
        if a.agent_id in amounts and allowed(actor, Action.BONUS_READ, _of(a))
    ]
    return tuple(sorted(found, key=lambda b: (b.team or "", b.name)))


def reviews(ws: Workspace, actor: Actor, period: str, agent_id: str) -> tuple[ReviewView, ...]:
    """Reviews of an agent's conversations drawn in the period, with levels in words. Reviewers stay unnamed to agents."""
    known = figures(ws, period)
    agent = _agent(known, agent_id)
    require(actor, Action.REVIEW_READ, _of(agent))
    mine = set(known.reviewed(agent_id))
    names = {u["user_id"]: u["name"] for u in ws.records.read("user_now")}
    rows = [r for r in ws.records.read("review", agent_id=agent_id, order="at") if r["conversation_id"] in mine]
    ratings = ws.records.read("rating", review_id=[r["review_id"] for r in rows]) if rows else []
    levels: dict[str, dict[str, int | None]] = {}
    for rating in ratings:
        levels.setdefault(rating["review_id"], {})[rating["criterion"]] = rating["level"]
    hidden = actor.agent_id == agent_id
    return tuple(_review(ws, row, agent, "" if hidden else names.get(row["reviewer"], ""), levels) for row in rows)


def my_month(ws: Workspace, actor: Actor, period: str, agent_id: str | None = None) -> MyMonth:
    """One agent's month: praise first, then the score, why, and what would move it. Nobody else's name."""
    wanted = agent_id or actor.agent_id
    if wanted is None:
        raise Refusal(N_("You are not an agent."), N_("Open the results of the team instead."))
    known = figures(ws, period)
    roster = Roster.of(ws)
    agent = next((a for a in known.agents if a.agent_id == wanted), Agent(wanted, roster.name(wanted)))
    require(actor, Action.SCORE_READ, _of(agent))
    mine = next((r for r in results(ws, actor, period) if r.agent_id == wanted), None)
    given = reviews(ws, actor, period, wanted) if mine else ()
    amount = _bonuses(ws, known).get(wanted) if allowed(actor, Action.BONUS_READ, _of(agent)) else None
    own = (
        findings(ws, actor, first=known.period.first, last=known.period.end, agent_id=wanted, limit=100)
        if may(actor, Action.FINDING_READ)
        else ()
    )
    return MyMonth(
        wanted,
        agent.name,
        period,
        ws.made_up,
        closing.closed(ws, period) is not None,
        mine,
        amount,
        tuple(r for r in given if r.score is not None and Decimal(r.score) >= 90)[-3:],
        given,
        tuple(f for f in own if f.verdict is not Verdict.REJECTED),
        _next_steps(known, mine.appraisal) if mine and mine.appraisal else (),
    )


def month(ws: Workspace, actor: Actor, period: str) -> Month:
    """Whether the month can be closed: five stations, totals, and what stands in the way."""
    require(actor, Action.MONTH_READ)
    known = figures(ws, period)
    close = closing.closed(ws, period)
    people = results(ws, actor, period)
    amounts = bonuses(ws, actor, period)
    faults = closing.audits(ws)
    sums = measure(ws, known.period, by="all").to_dicts()
    return Month(
        period,
        ws.made_up,
        close["hash"] if close else None,
        _stations(ws, known, people, bool(faults), close is not None),
        people,
        metric_values(ws, sums[0]) if sums else (),
        str(sum((b.bonus.amount for b in amounts), Decimal(0))) if amounts else None,
        tuple(f"{f.audit}: {f.subject}" for f in faults),
    )


def _of(agent: Agent) -> Resource:
    return Resource(agent.agent_id, agent.team)


def _agent(known: Figures, agent_id: str) -> Agent:
    found = next((a for a in known.agents if a.agent_id == agent_id), None)
    if found is None:
        raise Refusal(
            N_("Nothing is known of this person in {period}."),
            N_("Choose another month or another person."),
            place=agent_id,
            period=known.period.name,
        )
    return found


def _scores(ws: Workspace, known: Figures) -> Mapping[str, Estimate]:
    return closing.thawed(ws, known.period.name, "score") or known.scores


def _appraisals(ws: Workspace, known: Figures) -> Mapping[str, Appraisal]:
    return closing.thawed(ws, known.period.name, "appraisal") or known.appraisals


def _bonuses(ws: Workspace, known: Figures) -> Mapping[str, Bonus]:
    return closing.thawed(ws, known.period.name, "bonus") or known.bonuses


def _judged(known: Figures) -> dict[tuple[str, str | None], int]:
    rows = known.findings.group_by("agent_id", "verdict").len().iter_rows()
    return {(agent, verdict): count for agent, verdict, count in rows}


def _review(
    ws: Workspace,
    row: Mapping[str, Any],
    agent: Agent,
    reviewer: str,
    levels: Mapping[str, Mapping[str, int | None]],
) -> ReviewView:
    card = next(c for c in ws.policy.scorecards if (c.id, c.version) == (row["scorecard"], row["scorecard_version"]))
    given = levels.get(row["review_id"], {})
    ratings = tuple(
        RatingView(
            c.name,
            str(c.weight),
            given.get(c.id),
            next((lv.words for lv in c.levels if lv.value == given.get(c.id)), None),
            c.top,
        )
        for c in card.criteria
        if c.id in given
    )
    cause = next((c.name for c in card.root_causes if c.id == row["root_cause"]), None)
    return ReviewView(
        row["review_id"],
        row["conversation_id"],
        agent.name,
        reviewer,
        instant(row["at"]),
        row["score"],
        ratings,
        row["note"],
        cause,
    )


def _next_steps(known: Figures, mine: Appraisal) -> tuple[Text, ...]:
    """The two KPIs with the most points still to win, by weight."""
    kpis: dict[str, Kpi] = {k.id: k for k in known.scheme.kpis}
    open_points = sorted(
        ((k.weight * (100 - k.points) / 100, kpis[k.kpi]) for k in mine.kpis if k.points is not None and k.kpi in kpis),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    held = max((t.from_ for t in known.scheme.tiers if t.id == mine.tier), default=Decimal(0))
    above = [t for t in known.scheme.tiers if mine.total is not None and t.from_ > max(mine.total, held)]
    goal = above[0] if above else None
    said = []
    for gain, kpi in open_points[:2]:
        if gain <= 0:
            continue
        zh = f"{kpi.name.zh}：做到满分还能多 {gain:.1f} 分"
        en = f"{kpi.name.en}: full marks would add {gain:.1f} points"
        if goal is not None and mine.total is not None:
            zh += f"；离 {goal.name.zh} 还差 {goal.from_ - mine.total:.1f} 分"
            en += f"; {goal.from_ - mine.total:.1f} points are missing to {goal.name.en}"
        said.append(Text(zh, en))
    return tuple(said)


def _stations(
    ws: Workspace, known: Figures, people: tuple[AgentResult, ...], faults: bool, closed: bool
) -> tuple[Station, ...]:
    days = {p.day for p in ws.parts("conversations", known.period.first, known.period.end)}
    missing = (known.period.end - known.period.first).days - len(days)
    stale = checking.stale(ws, known.period.first, known.period.end)
    first, end = known.period.first.isoformat(), known.period.end.isoformat()
    samples = {s["sample_id"] for s in ws.records.read("sample") if first <= s["first_day"] < end}
    assigned = ws.records.read("assignment_now", sample_id=samples) if samples else []
    todo = sum(1 for a in assigned if a["review_id"] is None)
    open_findings = sum(p.to_judge for p in people)
    thin = sum(1 for p in people if p.score.value is None)
    return (
        Station(
            Text("数据", "Data"),
            "open" if missing else "done",
            Text(
                f"{len(days)} 天有会话，缺 {missing} 天", f"{len(days)} days hold conversations, {missing} are missing"
            ),
        ),
        Station(
            Text("检查", "Check"),
            "open" if stale or faults else "done",
            Text(
                f"{len(stale)} 天待检查，{open_findings} 条命中待判定",
                f"{len(stale)} days to check, {open_findings} findings to judge",
            ),
        ),
        Station(
            Text("抽检", "Reviews"),
            "open" if todo or not assigned else "done",
            Text(f"还有 {todo} 条待评，{thin} 人证据不足", f"{todo} to review, {thin} people with too little evidence"),
        ),
        Station(
            Text("核对", "Audits"),
            "open" if faults else "done",
            Text(
                "有账目对不上" if faults else "账目全部对得上",
                "something does not add up" if faults else "everything adds up",
            ),
        ),
        Station(
            Text("关账", "Close"),
            "done" if closed else "waiting",
            Text("已关账" if closed else "需要两个人确认", "closed" if closed else "two people must agree"),
        ),
    )
