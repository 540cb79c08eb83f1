"""Verify and close: audits that must be empty, two people, and a month that never changes again."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from qa.access import Action, require
from qa.model import (
    CONVERSATIONS,
    FACTS,
    FINDINGS,
    MESSAGES,
    N_,
    Actor,
    Appraisal,
    Bonus,
    Estimate,
    Period,
    Refusal,
)
from qa.pipeline import checking
from qa.pipeline.scoring import Figures
from qa.scoring import query
from qa.workspace import Workspace

RECORDS = (
    "account_now",
    "load",
    "membership_now",
    "rating",
    "review",
    "sample",
    "sample_member",
    "user_now",
    "verdict_now",
)

FROZEN: dict[str, TypeAdapter[Any]] = {
    "score": TypeAdapter(Estimate),
    "appraisal": TypeAdapter(Appraisal),
    "bonus": TypeAdapter(Bonus),
}


@dataclass(frozen=True)
class Fault:
    """Something that must not exist: which check found it, where."""

    audit: str
    subject: str
    detail: str


def audits(ws: Workspace) -> tuple[Fault, ...]:
    """Run every audit over the whole workspace. What is derived is judged on the days that are checked as they stand."""
    stale = set(checking.stale(ws, date.min, date.max))

    def live(kind: str, *, checked: bool = False) -> list[str]:
        return ws.lake.files(p for p in ws.parts(kind) if not (checked and p.day in stale))

    files = {
        "messages": (live("messages"), MESSAGES),
        "conversations": (live("conversations"), CONVERSATIONS),
        "checked_conversations": (live("conversations", checked=True), CONVERSATIONS),
        "findings": (live("findings", checked=True), FINDINGS),
        "facts": (live("facts", checked=True), FACTS),
    }
    tables = {name: ws.records.arrow(name) for name in RECORDS}
    faults = []
    for name in query.names("audits"):
        text = query.sql(name, "audits")
        params = {"zone": ws.zone} if "$zone" in text else {}
        used = {view: given for view, given in files.items() if re.search(rf"\b{view}\b", text)}
        rows = query.run(name, params=params, files=used, tables=tables, folder="audits").to_dicts()
        faults += [Fault(name, str(r.pop("subject")), json.dumps(r, ensure_ascii=False, default=str)) for r in rows]
    return tuple(faults)


def verify(ws: Workspace, actor: Actor) -> tuple[Fault, ...]:
    """Everything that can be proved of a workspace: audits, files against the manifest, audit chain, closes, samples."""
    require(actor, Action.AUDIT_READ)
    kinds = ("messages", "conversations", "findings", "contacts", "facts")
    parts = [p for kind in kinds for p in ws.parts(kind)]
    faults = [Fault("lake", *fault.split(": ", 1)) for fault in ws.lake.faults(parts)]
    faults += [Fault("audit chain", "audit", fault) for fault in ws.records.chain_faults()]
    faults += [Fault("close", row["period"], "the frozen rows do not match the hash") for row in _broken_closes(ws)]
    return (*faults, *(audits(ws) if not any(f.audit == "lake" for f in faults) else ()))


def close(ws: Workspace, first: Actor, second: Actor, period: str) -> str:
    """Freeze a period for ever and return its hash. Audits must be empty, two people must agree.

    What comes later is a correction in a later period. Refused while something is missing, with what.
    """
    require(first, Action.MONTH_CLOSE)
    require(second, Action.MONTH_CLOSE)
    month = Period.named(period)
    _ready(ws, first, second, month)
    figures = Figures(ws, month)
    if figures.refused:
        raise next(iter(figures.refused.values()))
    rows = sorted(_frozen_rows(ws, figures), key=lambda r: (r["kind"], r["key"]))
    if not figures.agents:
        raise Refusal(
            N_("The month holds no work of anybody."), N_("Import and check its chat logs first."), place=period
        )
    digest = _hash(rows)
    with ws.records.act(first.user_id, "close", period) as act:
        if act.read("close", period=period):
            raise Refusal(
                N_("The month is closed already."), N_("Write what changed into the next month."), place=period
            )
        close_id = f"close-{period}"
        act.append(
            "close",
            [
                {
                    "close_id": close_id,
                    "period": period,
                    "hash": digest,
                    "digests": dict(ws.policy.digests),
                    "first_by": first.user_id,
                    "second_by": second.user_id,
                    "at": act.at,
                }
            ],
        )
        act.append("frozen", [{**row, "close_id": close_id} for row in rows])
        act.detail({"hash": digest, "agents": len(figures.agents)})
    return digest


def closed(ws: Workspace, period: str) -> dict[str, Any] | None:
    """The close of a period, or None while it is open."""
    rows = ws.records.read("close", period=period)
    return rows[0] if rows else None


def thawed(ws: Workspace, period: str, kind: str) -> dict[str, Any]:
    """What a close froze of a kind, by agent id."""
    row = closed(ws, period)
    rows = ws.records.read("frozen", close_id=row["close_id"], kind=kind) if row else []
    return {r["key"]: FROZEN[kind].validate_python(r["body"]) for r in rows}


def _ready(ws: Workspace, first: Actor, second: Actor, month: Period) -> None:
    if first.user_id == second.user_id:
        raise Refusal(N_("Closing takes two people."), N_("Ask a second person to agree with their own account."))
    if month.end > ws.today():
        raise Refusal(
            N_("The month is not over: its last day is {last}."),
            N_("Close it from {end} on."),
            place=month.name,
            last=date.fromordinal(month.end.toordinal() - 1).isoformat(),
            end=month.end.isoformat(),
        )
    if checking.stale(ws, month.first, month.end):
        raise Refusal(
            N_("Some days of the month have not been checked since they changed."),
            N_("Run “qa check” first."),
            place=month.name,
        )
    faults = audits(ws)
    if faults:
        raise Refusal(
            N_("{count} things do not add up, the first: {first}."),
            N_("“qa verify” lists them; mend them, then close."),
            place=month.name,
            count=len(faults),
            first=f"{faults[0].audit} {faults[0].subject}",
        )


def _frozen_rows(ws: Workspace, figures: Figures) -> Iterator[dict[str, Any]]:
    def row(kind: str, key: str, body: object) -> dict[str, Any]:
        return {"kind": kind, "key": key, "body": body}

    yield row("policy", "digests", dict(ws.policy.digests))
    for agent in figures.agents:
        yield row("roster", agent.agent_id, {"name": agent.name, "team": agent.team})
        yield row("score", agent.agent_id, _plain("score", figures.scores[agent.agent_id]))
        yield row("appraisal", agent.agent_id, _plain("appraisal", figures.appraisals[agent.agent_id]))
        yield row("bonus", agent.agent_id, _plain("bonus", figures.bonuses[agent.agent_id]))
        yield row(
            "metric", agent.agent_id, {k: v for k, v in figures.measures[agent.agent_id].items() if k != "on_day"}
        )
    for sample in ws.records.read("sample", order="sample_id"):
        if figures.period.first.isoformat() <= sample["first_day"] < figures.period.end.isoformat():
            yield row("sample", sample["sample_id"], {"seed": sample["seed"], "frame_hash": sample["frame_hash"]})


def _plain(kind: str, value: object) -> Any:
    return FROZEN[kind].dump_python(value, mode="json")


def _hash(rows: Sequence[dict[str, Any]]) -> str:
    body = [[r["kind"], r["key"], r["body"]] for r in rows]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _broken_closes(ws: Workspace) -> list[dict[str, Any]]:
    broken = []
    for row in ws.records.read("close"):
        rows = ws.records.read("frozen", close_id=row["close_id"])
        if _hash(sorted(rows, key=lambda r: (r["kind"], r["key"]))) != row["hash"]:
            broken.append(row)
    return broken
