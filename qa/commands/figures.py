"""Commands over figures: metrics, sample, score, bonus, close, report."""

from qa import pipeline, reads, reporting
from qa.commands.base import Answer, Asked, named, open_workspace, progress
from qa.model import N_, Estimate, Refusal
from qa.workspace import OWNER


def metrics(asked: Asked) -> Answer:
    ws = open_workspace(asked)
    days = reads.days(ws, OWNER)
    if not days:
        raise Refusal(N_("There is no data yet."), N_("Import chat logs and run “qa check” first."))
    by = "" if asked.by == "all" else asked.by
    found = reads.metrics(ws, OWNER, asked.first or days[-1], asked.last or days[0], by, asked.metric)
    rows = [
        {
            "metric": v.metric.id,
            "name": v.metric.name,
            "group": v.group,
            "value": v.value,
            "unit": v.metric.unit,
            "numerator": v.numerator,
            "denominator": v.denominator,
            "low": v.low,
            "high": v.high,
            "threshold": None if v.metric.threshold is None else float(v.metric.threshold),
            "meets": v.meets,
            "headroom": v.headroom,
            "source": v.metric.source,
            "dated": v.metric.dated,
        }
        for v in found
    ]
    return {"rows": rows}


def sample(asked: Asked) -> Answer:
    drawn = pipeline.draw(
        open_workspace(asked), OWNER, asked.plan, period=asked.period, day=asked.date, seed=asked.seed
    )
    readers: dict[str, list[str]] = {}
    for a in drawn.assignments:
        readers.setdefault(a.conversation_id, []).append(a.reviewer)
    members = [
        {
            "conversation_id": m.conversation_id,
            "stratum": m.stratum,
            "probability": m.probability,
            "reviewer": readers.get(m.conversation_id, [""])[0],
            "second_reviewer": next(iter(readers.get(m.conversation_id, [])[1:]), None),
        }
        for m in drawn.members
    ]
    return {"sample_id": drawn.sample_id, "seed": drawn.seed, "frame_hash": drawn.frame_hash, "members": members}


def score(asked: Asked) -> Answer:
    rows = []
    for r in reads.results(open_workspace(asked), OWNER, asked.period):
        known = r.appraisal
        rows.append(
            {
                "agent": r.agent_id,
                "name": r.name,
                "team": r.team,
                **_estimate(r.score),
                "metrics": {m.metric.id: {"value": m.value, "n": m.denominator} for m in r.metrics},
                "kpis": {k.kpi: {"value": k.value, "points": k.points, "weight": k.weight} for k in known.kpis}
                if known
                else {},
                "total": known.total if known else None,
                "tier": known.tier if known else None,
                "protected": known.protected if known else None,
            }
        )
    return {"rows": _some(rows, asked.period)}


def _estimate(score: Estimate) -> Answer:
    return {"score": score.value, "low": score.low, "high": score.high, "n": score.n, "method": score.method}


def bonus(asked: Asked) -> Answer:
    found = reads.bonuses(open_workspace(asked), OWNER, asked.period)
    rows = [
        {
            "agent": b.agent_id,
            "name": b.name,
            "team": b.team,
            "tier": b.appraisal.tier,
            "amount": b.bonus.amount,
            "closed": b.closed,
            "lines": [
                {"id": ln.id, "label": ln.label, "amount": ln.amount, "steps": list(ln.steps)} for ln in b.bonus.lines
            ],
            **({"steps": list(b.bonus.steps)} if asked.agent else {}),
        }
        for b in found
        if asked.agent in {None, b.agent_id, b.name}
    ]
    return {"rows": _some(rows, asked.agent or asked.period)}


def _some(rows: list[Answer], asked_for: str) -> list[Answer]:
    if not rows:
        raise Refusal(N_("Nothing is known of “{name}”."), N_("Import and check its chat logs first."), name=asked_for)
    return rows


def close(asked: Asked) -> Answer:
    ws = open_workspace(asked)
    first, second = named(ws, asked.by), named(ws, asked.second)
    return {"hash": pipeline.close(ws, first, second, asked.period)}


def report(asked: Asked) -> Answer:
    made = reporting.report(
        open_workspace(asked),
        OWNER,
        asked.kind,
        period=asked.period,
        day=asked.date,
        out=asked.out,
        formats=tuple(asked.format.split(",")),
        agent=asked.agent,
        language="en" if asked.lang.startswith("en") else "zh",
        progress=progress(asked),
    )
    return {"files": [str(path) for path in made]}
