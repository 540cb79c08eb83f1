"""Score: reviews, verdicts and facts of a period -> scores with intervals, KPI points, tiers, bonus lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from qa import bonus as pay
from qa.access import Action, require
from qa.model import (
    FACTS,
    FINDINGS,
    N_,
    Actor,
    Agent,
    Appraisal,
    Bonus,
    Estimate,
    Frame,
    Period,
    Plan,
    Refusal,
    Scheme,
    StratumSums,
    Verdict,
)
from qa.policy import in_force
from qa.sampling import estimate
from qa.scoring import appraisal, metrics, query
from qa.workspace import Workspace


@dataclass(frozen=True)
class Figures:
    """Everything that a period's scores are computed from, read once: same records and lake, same figures."""

    ws: Workspace
    period: Period

    @cached_property
    def scheme(self) -> Scheme:
        return in_force(self.ws.policy.schemes, self.period.first.isoformat())

    @cached_property
    def plan(self) -> Plan:
        """The measuring plan, for its confidence and its floor of evidence."""
        plans = [p for p in self.ws.policy.plans if p.stream == "measuring"]
        if not plans:
            raise Refusal(N_("No sampling plan measures."), N_('Add a plan with stream = "measuring" to the policy.'))
        return plans[0]

    @cached_property
    def measures(self) -> dict[str, dict[str, Any]]:
        """Agent id -> sums of the day facts."""
        rows = measure(self.ws, self.period, by="agent").to_dicts()
        return {row["grouped"]: row for row in rows if row["grouped"] is not None}

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        """Everybody with work in the period, by id, in the team of the last day they were in one."""
        names = {r["agent_id"]: r["name"] for r in self.ws.records.read("agent_now")}
        teams: dict[str, str] = {}
        for row in sorted(self.ws.records.read("membership_now"), key=lambda r: r["valid_from"]):
            if row["valid_from"] < self.period.end.isoformat():
                teams[row["agent_id"]] = row["team"]
        return tuple(Agent(a, names.get(a, a), teams.get(a)) for a in sorted(self.measures))

    @cached_property
    def strata(self) -> dict[str, list[StratumSums]]:
        rows = query.run(
            "strata",
            params={"first": self.period.first.isoformat(), "end": self.period.end.isoformat()},
            tables={name: self.ws.records.arrow(name) for name in ("review", "sample", "sample_member")},
        ).to_dicts()
        grouped: dict[str, list[StratumSums]] = {}
        for r in rows:
            sums = StratumSums(r["stratum"], r["size"], r["n"], r["total"], r["squares"])
            grouped.setdefault(r["agent_id"], []).append(sums)
        return grouped

    @cached_property
    def scores(self) -> dict[str, Estimate]:
        """Agent id -> score from 0 to 100. Below the plan's floor of evidence: no number, only n."""
        every = [s for sums in self.strata.values() for s in sums]
        pooled = estimate.dispersion(every) if every else None
        return {a.agent_id: self._score(self.strata.get(a.agent_id, []), pooled) for a in self.agents}

    def _score(self, sums: Sequence[StratumSums], pooled: float | None) -> Estimate:
        n = sum(s.n for s in sums)
        found = estimate.mean(sums, float(self.plan.confidence), pooled)
        if found.value is None or n < self.plan.evidence_floor:
            return Estimate(None, None, None, n, "not enough evidence")
        low, high = found.low, found.high
        assert low is not None and high is not None
        return Estimate(found.value * 100, low * 100, high * 100, n, found.method)

    @cached_property
    def findings(self) -> Frame:
        return findings(self.ws, self.period)

    def confirmed(self, agent_id: str, severity: str) -> tuple[str, ...]:
        """Message (or conversation) ids of findings that a person confirmed."""
        rows = self.findings.filter(
            (self.findings["agent_id"] == agent_id)
            & (self.findings["severity"] == severity)
            & (self.findings["verdict"] == Verdict.CONFIRMED.value)
        )
        return tuple(f"{r['conversation_id']}/{r['message_id'] or ''}".rstrip("/") for r in rows.to_dicts())

    def reviewed(self, agent_id: str) -> tuple[str, ...]:
        """Conversation ids behind the agent's score."""
        return tuple(sorted(self._reviewed.get(agent_id, ())))

    @cached_property
    def _reviewed(self) -> dict[str, set[str]]:
        drawn = {
            (m["sample_id"], m["conversation_id"]): m["agent_id"]
            for s in self.ws.records.read("sample", stream="measuring")
            if s["first_day"] >= self.period.first.isoformat() and s["end_day"] <= self.period.end.isoformat()
            for m in self.ws.records.read("sample_member", sample_id=s["sample_id"])
        }
        done = {r["conversation_id"] for r in self.ws.records.read("review")}
        grouped: dict[str, set[str]] = {}
        for (_, conversation), agent in drawn.items():
            if conversation in done:
                grouped.setdefault(agent, set()).add(conversation)
        return grouped

    @cached_property
    def appraisals(self) -> dict[str, Appraisal]:
        """Agent id -> appraisal; without those for whom the scheme refuses one, see `refused`."""
        return {a: found for a, found in self._appraised.items() if isinstance(found, Appraisal)}

    @cached_property
    def refused(self) -> dict[str, Refusal]:
        """Agent id -> why the scheme makes no appraisal, such as a figure it must have and that is missing."""
        return {a: found for a, found in self._appraised.items() if isinstance(found, Refusal)}

    @cached_property
    def _appraised(self) -> dict[str, Appraisal | Refusal]:
        found: dict[str, Appraisal | Refusal] = {}
        for agent in self.agents:
            try:
                found[agent.agent_id] = self._appraise(agent)
            except Refusal as refusal:
                refusal.place = refusal.place or agent.name
                found[agent.agent_id] = refusal
        return found

    def _appraise(self, agent: Agent) -> Appraisal:
        values = {kpi.id: self._kpi(agent.agent_id, kpi.source) for kpi in self.scheme.kpis}
        return appraisal.appraise(agent.agent_id, self.scheme, values)

    def _kpi(self, agent_id: str, source: str) -> appraisal.KpiInput:
        kind, _, name = source.partition(":")
        if kind == "score":
            score = self.scores[agent_id]
            return appraisal.KpiInput(
                _decimal(score.value), _decimal(score.low), _decimal(score.high), score.n, self.reviewed(agent_id)
            )
        if kind == "findings":
            evidence = self.confirmed(agent_id, name)
            count = Decimal(len(evidence))
            return appraisal.KpiInput(count, count, count, len(evidence), evidence)
        metric = next((m for m in self.ws.policy.metrics if m.id == name), None)
        if metric is None:
            raise Refusal(
                N_("The KPI source “{source}” names no metric."),
                N_("Use score, findings:<severity> or metric:<id> of policy/metrics."),
                place=f"schemes/{self.scheme.id}.toml",
                source=source,
            )
        value, top, n = metrics.ratio(metric, self.measures[agent_id])
        if metric.unit != "share" or not n:
            return appraisal.KpiInput(value, value, value, n, ())
        interval = estimate.share(top, n, float(self.plan.confidence))
        return appraisal.KpiInput(value, _decimal(interval.low), _decimal(interval.high), n, ())

    @cached_property
    def bonuses(self) -> dict[str, Bonus]:
        return {agent_id: self._bonus(agent_id) for agent_id in self.appraisals}

    def _bonus(self, agent_id: str) -> Bonus:
        events = []
        for event in self.scheme.events:
            kind, _, name = event.source.partition(":")
            evidence = self.confirmed(agent_id, name) if kind == "findings" else ()
            events.append(pay.EventCount(event.id, len(evidence), evidence))
        return pay.bonus(self.appraisals[agent_id], self.scheme, self.period.name, events)


def score(ws: Workspace, actor: Actor, period: str) -> Figures:
    """The scores of an open period, computed from what is there now."""
    require(actor, Action.SCORE_COMPUTE)
    return Figures(ws, Period.named(period))


def bonus(ws: Workspace, actor: Actor, period: str) -> Figures:
    """The bonus lines of an open period, computed from what is there now."""
    require(actor, Action.BONUS_COMPUTE)
    return Figures(ws, Period.named(period))


def measure(ws: Workspace, period: Period, *, by: str, by_day: bool = False) -> Frame:
    """Sums of the day facts by agent, team, shop, platform or all; grouped is null where nobody is known."""
    return query.run(
        "measures",
        params={"first": period.first, "end": period.end, "by": by, "by_day": by_day},
        files={"facts": (ws.lake.files(ws.parts("facts", period.first, period.end)), FACTS)},
        tables={name: ws.records.arrow(name) for name in ("account_now", "membership_now")},
    )


def findings(ws: Workspace, period: Period) -> Frame:
    """Findings of known agents in the period, each with its last verdict or null."""
    return query.run(
        "confirmed",
        params={"first": period.first, "end": period.end, "zone": ws.zone},
        files={"findings": (ws.lake.files(ws.parts("findings", *_around(period))), FINDINGS)},
        tables={name: ws.records.arrow(name) for name in ("account_now", "verdict_now")},
    )


def _around(period: Period) -> tuple[date, date]:
    """A conversation stands on the day it ended, its messages may lie some days before."""
    return period.first, period.end + timedelta(days=3)


def _decimal(value: float | None) -> Decimal | None:
    """A float as the decimal it prints as, to six places: the one place where statistics become money."""
    return None if value is None else Decimal(f"{value:.6f}")
