"""What a reviewer sees: the worklist, conversations with their marks, findings."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from qa import lookup
from qa.access import Action, allowed, may, require
from qa.lookup import Contact, Roster
from qa.model import Actor, RatingValue, Severity, Speaker, Text, Verdict
from qa.policy import in_force
from qa.views import ConversationView, EarlierContact, FindingView, MessageView, WorkItem
from qa.workspace import Workspace

AROUND = timedelta(hours=72)
RANDOM = Text("随机抽取", "drawn at random")
SECOND = Text("第二人盲评", "second reading, blind")
FOUND = Text("搜索", "search")
SPEAKERS = {
    Speaker.CUSTOMER: Text("客户", "Customer"),
    Speaker.BOT: Text("机器人", "Bot"),
    Speaker.SYSTEM: Text("系统", "System"),
}


def worklist(ws: Workspace, actor: Actor) -> tuple[WorkItem, ...]:
    """The actor's assignments: open ones first, then done ones, each by the end of the conversation."""
    if not may(actor, Action.WORKLIST_READ):
        require(actor, Action.WORKLIST_READ)
    assigned = ws.records.read("assignment_now", reviewer=actor.user_id)
    rows = _conversations(ws, {a["conversation_id"] for a in assigned})
    claims = _claims(ws, rows)
    roster = Roster.of(ws)
    items = [
        _item(lookup.placed(ws, roster, rows[a["conversation_id"]], False), roster, claims, a)
        for a in assigned
        if a["conversation_id"] in rows
    ]
    return tuple(sorted(items, key=lambda i: (i.done, i.ended_at, i.conversation_id)))


def conversations(
    ws: Workspace,
    actor: Actor,
    *,
    text: str = "",
    agent_id: str | None = None,
    day: date | None = None,
    only_bad: bool = False,
    limit: int = 50,
) -> tuple[WorkItem, ...]:
    """Conversations that hold the text, of an agent, a day, or with a bad rating; the newest first."""
    if not may(actor, Action.CONVERSATION_SEARCH):
        require(actor, Action.CONVERSATION_SEARCH)
    span = (day, day + timedelta(days=1)) if day else (None, None)
    rows = ws.lake.scan("conversations", ws.parts("conversations", *span))
    if only_bad:
        rows = rows.filter(pl.col("rating").is_in([RatingValue.NEUTRAL.value, RatingValue.DISAPPOINTED.value]))
    if text.strip():
        holding = (
            ws.lake.scan("messages", ws.parts("messages", *span))
            .filter(pl.col("text").str.contains(text.strip(), literal=True))
            .select("conversation_id")
            .unique()
        )
        rows = rows.join(holding, on="conversation_id", how="semi")
    roster = Roster.of(ws)
    if agent_id is not None:
        accounts = pl.DataFrame(
            [{k: r[k] for k in ("platform", "shop", "account")} for r in roster.accounts_of(agent_id)],
            schema={"platform": pl.String, "shop": pl.String, "account": pl.String},
        )
        rows = rows.join(accounts.unique().lazy(), on=["platform", "shop", "account"], how="semi")
    newest = rows.sort("ended_at", "conversation_id", descending=True).head(limit * 4).collect().to_dicts()
    found = [lookup.placed(ws, roster, row, False) for row in newest]
    shown = [
        c
        for c in found
        if allowed(actor, Action.CONVERSATION_SEARCH, c.resource) and (agent_id is None or c.agent_id == agent_id)
    ][:limit]
    claims = _claims(ws, {c.row["conversation_id"]: c.row for c in shown})
    return tuple(_item(c, roster, claims, None) for c in shown)


def conversation(ws: Workspace, actor: Actor, conversation_id: str) -> ConversationView:
    """One conversation with its messages, marks, rating, order and earlier contacts within 72 hours."""
    found = lookup.contact(ws, conversation_id)
    require(actor, Action.CONVERSATION_READ, found.resource)
    roster = Roster.of(ws)
    row = found.row
    marks = [_finding(ws, roster, f, found) for f in lookup.findings_of(ws, found)]
    messages = (
        ws.lake.scan("messages", ws.parts("messages", found.day, found.day + timedelta(days=1)))
        .filter(pl.col("conversation_id") == conversation_id)
        .sort("position")
        .collect()
        .to_dicts()
    )
    texts = {m["message_id"]: m["text"] for m in messages}
    marks = [_with_text(f, texts.get(f.message_id or "", "")) for f in marks]
    mine = ws.records.read("review", conversation_id=conversation_id, reviewer=actor.user_id)
    return ConversationView(
        conversation_id=conversation_id,
        platform=row["platform"],
        shop=row["shop"],
        customer=row["customer"] or "",
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        agent_id=found.agent_id,
        agent_name=roster.name(found.agent_id),
        made_up=ws.made_up,
        messages=tuple(_messages(ws, roster, found, messages, marks)),
        whole_findings=tuple(f for f in marks if f.message_id is None),
        rating=RatingValue(row["rating"]) if row["rating"] else None,
        rating_reason=row["rating_reason"],
        rating_comment=row["rating_comment"],
        order_id=row["order_id"],
        paid_amount=None if row["paid_amount"] is None else str(row["paid_amount"]),
        earlier=_earlier(ws, actor, roster, found),
        scorecard=in_force(ws.policy.scorecards, found.day.isoformat()),
        my_review=mine[0]["review_id"] if mine else None,
    )


def findings(
    ws: Workspace,
    actor: Actor,
    *,
    first: date | None = None,
    last: date | None = None,
    rule: str | None = None,
    agent_id: str | None = None,
    open_only: bool = False,
    limit: int = 200,
) -> tuple[FindingView, ...]:
    """Findings from first to last day, the newest first, as far as the actor may see them."""
    end = last + timedelta(days=1) if last else None
    parts = ws.parts("findings", first, end)
    rows = ws.lake.scan("findings", parts)
    if rule is not None:
        rows = rows.filter(pl.col("rule") == rule)
    found = rows.sort("sent_at", "finding_id", descending=True).collect().to_dicts()
    words = {w["finding_id"]: Verdict(w["verdict"]) for w in ws.records.read("verdict_now")}
    evidence = _evidence_ids(ws)
    roster = Roster.of(ws)
    shown: list[tuple[dict[str, Any], Contact]] = []
    for row in found:
        row["verdict"] = words.get(row["finding_id"])
        place = lookup.placed(ws, roster, {**row, "ended_at": row["sent_at"]}, row["conversation_id"] in evidence)
        wanted = (agent_id is None or place.agent_id == agent_id) and not (open_only and row["verdict"])
        if wanted and allowed(actor, Action.FINDING_READ, place.resource):
            shown.append((row, place))
        if len(shown) == limit:
            break
    texts = _texts(ws, [row for row, _ in shown], first, end)
    return tuple(
        _with_text(_finding(ws, roster, row, place), texts.get((row["conversation_id"], row["message_id"]), ""))
        for row, place in shown
    )


def _evidence_ids(ws: Workspace) -> set[str]:
    reviewed = {r["conversation_id"] for r in ws.records.read("review")}
    return reviewed | {v["conversation_id"] for v in ws.records.read("verdict_now", verdict=Verdict.CONFIRMED.value)}


def _conversations(ws: Workspace, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    wanted = pl.LazyFrame({"conversation_id": list(ids)}, schema={"conversation_id": pl.String})
    rows = ws.lake.scan("conversations", ws.parts("conversations")).join(wanted, on="conversation_id", how="semi")
    return {r["conversation_id"]: r for r in rows.collect().to_dicts()}


def _claims(ws: Workspace, rows: Mapping[str, Any]) -> dict[str, int]:
    """How many findings each of these conversations has."""
    wanted = pl.LazyFrame({"conversation_id": list(rows)}, schema={"conversation_id": pl.String})
    counted = (
        ws.lake.scan("findings", ws.parts("findings"))
        .join(wanted, on="conversation_id", how="semi")
        .group_by("conversation_id")
        .len()
        .collect()
    )
    return dict(counted.iter_rows())


def _item(found: Contact, roster: Roster, claims: Mapping[str, int], assignment: Mapping[str, Any] | None) -> WorkItem:
    row = found.row
    why = FOUND if assignment is None else (SECOND if assignment["round"] > 1 else RANDOM)
    return WorkItem(
        assignment_id=assignment["assignment_id"] if assignment else "",
        conversation_id=row["conversation_id"],
        agent_name=roster.name(found.agent_id),
        shop=row["shop"],
        ended_at=row["ended_at"],
        why=why,
        round=assignment["round"] if assignment else 1,
        done=bool(assignment and assignment["review_id"]),
        findings=claims.get(row["conversation_id"], 0),
        rating=RatingValue(row["rating"]) if row["rating"] else None,
    )


def _finding(ws: Workspace, roster: Roster, row: Mapping[str, Any], found: Contact) -> FindingView:
    rule = next((r for r in ws.policy.rules if r.id == row["rule"]), None)
    category = next(
        (c.name for c in ws.policy.categories if c.id == row["category"]), Text(row["category"], row["category"])
    )
    agent_id = roster.agent(row["platform"], row["shop"], row["account"], found.day) or found.agent_id
    return FindingView(
        finding_id=row["finding_id"],
        rule=row["rule"],
        name=rule.name if rule else category,
        category=row["category"],
        category_name=category,
        severity=Severity(row["severity"]),
        why=rule.why if rule else Text("", ""),
        instead=rule.instead if rule else "",
        conversation_id=row["conversation_id"],
        message_id=row["message_id"],
        agent_name=roster.name(agent_id),
        sent_at=row["sent_at"],
        start=row["start"],
        end=row["end"],
        matched=row["matched"],
        text="",
        value=row["value"],
        verdict=row.get("verdict"),
    )


def _with_text(view: FindingView, text: str) -> FindingView:
    return replace(view, text=text)


def _texts(
    ws: Workspace, rows: list[dict[str, Any]], first: date | None, end: date | None
) -> dict[tuple[str, str | None], str]:
    keys = pl.LazyFrame(
        [{k: r[k] for k in ("conversation_id", "message_id")} for r in rows],
        schema={"conversation_id": pl.String, "message_id": pl.String},
    ).unique()
    found = ws.lake.scan("messages", ws.parts("messages", first, end)).join(
        keys, on=["conversation_id", "message_id"], how="semi"
    )
    return {(c, m): t for c, m, t in found.select("conversation_id", "message_id", "text").collect().iter_rows()}


def _messages(
    ws: Workspace, roster: Roster, found: Contact, rows: list[dict[str, Any]], marks: list[FindingView]
) -> Iterable[MessageView]:
    before = None
    for row in rows:
        if row["speaker"] == Speaker.AGENT:
            agent_id = roster.agent(row["platform"], row["shop"], row["account"], found.day)
            name = roster.name(agent_id) or row["account"] or ""
        else:
            name = SPEAKERS[Speaker(row["speaker"])].zh
        yield MessageView(
            message_id=row["message_id"],
            position=row["position"],
            sent_at=row["sent_at"],
            speaker=row["speaker"],
            speaker_name=name,
            text=row["text"],
            gap_seconds=None if before is None else int((row["sent_at"] - before).total_seconds()),
            findings=tuple(f for f in marks if f.message_id == row["message_id"]),
        )
        before = row["sent_at"]


def _earlier(ws: Workspace, actor: Actor, roster: Roster, found: Contact) -> tuple[EarlierContact, ...]:
    start = found.row["started_at"]
    rows = (
        ws.lake.scan(
            "conversations", ws.parts("conversations", found.day - timedelta(days=4), found.day + timedelta(days=1))
        )
        .filter(
            (pl.col("customer") == found.row["customer"])
            & (pl.col("ended_at") < start)
            & (pl.col("ended_at") >= start - AROUND)
        )
        .sort("ended_at", "conversation_id")
        .collect()
        .to_dicts()
    )
    places = [lookup.placed(ws, roster, row, False) for row in rows]
    return tuple(
        EarlierContact(
            p.row["conversation_id"],
            p.row["ended_at"],
            roster.name(p.agent_id),
            p.row["messages"],
            RatingValue(p.row["rating"]) if p.row["rating"] else None,
        )
        for p in places
        if allowed(actor, Action.CONVERSATION_READ, p.resource)
    )
