"""Finding one thing in a workspace: a conversation, a finding, a name. No permission is judged here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from qa.model import N_, Agent, Part, Refusal, Resource, Verdict
from qa.workspace import Workspace


@dataclass(frozen=True)
class Contact:
    """A conversation's row with the agent and team of its day."""

    row: Mapping[str, Any]
    day: date
    agent_id: str | None
    team: str | None
    evidence: bool

    @property
    def resource(self) -> Resource:
        return Resource(self.agent_id, self.team, self.evidence)


@dataclass(frozen=True)
class Roster:
    """Accounts, teams and names by their dates. Days are ISO text, so that they compare as they are."""

    accounts: tuple[Mapping[str, Any], ...]
    memberships: tuple[Mapping[str, Any], ...]
    names: Mapping[str, str]

    @classmethod
    def of(cls, ws: Workspace) -> "Roster":
        names = {r["agent_id"]: r["name"] for r in ws.records.read("agent_now")}
        return cls(tuple(ws.records.read("account_now")), tuple(ws.records.read("membership_now")), names)

    def agent(self, platform: str, shop: str, account: str | None, day: date) -> str | None:
        place = {"platform": platform, "shop": shop, "account": account}
        held = (r for r in self.accounts if _valid(r, day) and all(r[k] == v for k, v in place.items()))
        return next((str(r["agent_id"]) for r in held), None)

    def team(self, agent_id: str | None, day: date) -> str | None:
        held = (r for r in self.memberships if r["agent_id"] == agent_id and _valid(r, day))
        return next((str(r["team"]) for r in held), None)

    def name(self, agent_id: str | None) -> str:
        return self.names.get(agent_id or "", agent_id or "")

    def accounts_of(self, agent_id: str) -> list[Mapping[str, Any]]:
        return [r for r in self.accounts if r["agent_id"] == agent_id]

    def agents(self, day: date) -> list[Agent]:
        return [Agent(a, n, self.team(a, day)) for a, n in sorted(self.names.items())]


def contact(ws: Workspace, conversation_id: str) -> Contact:
    """The conversation with this id, refused where there is none."""
    parts = tuple(ws.parts("conversations"))
    held = _days(ws, parts).filter(pl.col("conversation_id") == conversation_id)["day"].to_list()
    rows = (
        ws.lake.scan("conversations", [p for p in parts if p.day in held])
        .filter(pl.col("conversation_id") == conversation_id)
        .collect()
        .to_dicts()
    )
    if not rows:
        raise Refusal(
            N_("There is no such conversation."), N_("Look it up under Conversations."), place=conversation_id
        )
    return placed(ws, Roster.of(ws), rows[0], _evidence(ws, conversation_id))


@lru_cache(maxsize=4)
def _days(ws: Workspace, parts: tuple[Part, ...]) -> pl.DataFrame:
    """conversation_id and day of every conversation, so that one is found without opening every file."""
    frames = [ws.lake.scan("conversations", [p]).select("conversation_id", day=pl.lit(p.day)) for p in parts]
    return (
        pl.concat(frames).collect() if frames else pl.DataFrame(schema={"conversation_id": pl.String, "day": pl.Date})
    )


def placed(ws: Workspace, roster: Roster, row: Mapping[str, Any], evidence: bool) -> Contact:
    """A conversation's row with the agent and team it belongs to on its day."""
    day = row["ended_at"].astimezone(ws.zoneinfo).date()
    agent_id = roster.agent(row["platform"], row["shop"], row["account"], day)
    return Contact(row, day, agent_id, roster.team(agent_id, day), evidence)


def findings_of(ws: Workspace, found: Contact) -> list[dict[str, Any]]:
    """Findings of one conversation by place, each with its last verdict or None."""
    rows = (
        ws.lake.scan("findings", ws.parts("findings", found.day, found.day + timedelta(days=1)))
        .filter(pl.col("conversation_id") == found.row["conversation_id"])
        .sort("sent_at", "message_id", "start", "rule")
        .collect()
        .to_dicts()
    )
    words = ws.records.read("verdict_now", finding_id=[r["finding_id"] for r in rows]) if rows else []
    said = {w["finding_id"]: w["verdict"] for w in words}
    return [{**r, "verdict": Verdict(said[r["finding_id"]]) if r["finding_id"] in said else None} for r in rows]


def findings(ws: Workspace, ids: Collection[str]) -> dict[str, tuple[dict[str, Any], Contact]]:
    """Findings by id, each with its place; one that the rules and messages of today do not give is refused."""
    rows = (
        ws.lake.scan("findings", ws.parts("findings"))
        .filter(pl.col("finding_id").is_in(list(ids)))
        .collect()
        .to_dicts()
    )
    roster = Roster.of(ws)
    found = {r["finding_id"]: (r, placed(ws, roster, {**r, "ended_at": r["sent_at"]}, False)) for r in rows}
    missing = sorted(set(ids) - set(found))
    if missing:
        raise Refusal(
            N_("There is no such finding."),
            N_("Load the page again; the rules may have changed since."),
            place=missing[0],
        )
    return found


def _evidence(ws: Workspace, conversation_id: str) -> bool:
    """Whether a review or a confirmed finding rests on the conversation."""
    return bool(
        ws.records.read("review", conversation_id=conversation_id, limit=1)
        or ws.records.read("verdict_now", conversation_id=conversation_id, verdict=Verdict.CONFIRMED.value, limit=1)
    )


def _valid(row: Mapping[str, Any], day: date) -> bool:
    text = day.isoformat()
    return bool(row["valid_from"] <= text and (row["valid_to"] is None or text < row["valid_to"]))
