"""Draw: a plan and a seed over the frame of a period or a day -> a sample, its certificate, assignments."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import polars as pl

from qa.access import ALL_TEAMS, Action, may, require
from qa.model import CONVERSATIONS, N_, Actor, Assignment, Member, Period, Plan, Refusal, Role
from qa.sampling import assign
from qa.sampling import draw as draws
from qa.scoring import query
from qa.workspace import Workspace


@dataclass(frozen=True)
class Sample:
    """One draw: what was asked, out of how many, and who reads what."""

    sample_id: str
    plan: str
    seed: int
    frame_size: int
    frame_hash: str
    members: tuple[Member, ...]
    assignments: tuple[Assignment, ...]


def draw(
    ws: Workspace,
    actor: Actor,
    plan_id: str,
    *,
    period: str | None = None,
    day: date | None = None,
    seed: int | None = None,
) -> Sample:
    """Draw a sample of a month or a day by a plan, store it with seed and probabilities, assign reviewers.

    The same plan over the same days is drawn once; a second draw is refused, because choosing among
    samples would not be chance. Late conversations do not change a drawn sample.
    """
    if not may(actor, Action.SAMPLE_DRAW):
        require(actor, Action.SAMPLE_DRAW)
    plan = _plan(ws, plan_id)
    first, end = _span(period, day)
    frame = _frame(ws, plan, first, end)
    chosen = seed if seed is not None else secrets.randbelow(2**31)
    members = draws.draw(frame, plan, chosen)
    assignments = assign.assign(members, _reviewers(ws), plan, chosen, _conflicts(ws, first))
    certificate = {
        "plan": {k: str(v) for k, v in asdict(plan).items()},
        "frame": frame.height,
        "drawn": len(members),
        "strata": len({m.stratum for m in members}),
        "replaced": [],
    }
    frame_hash = draws.frame_hash(frame)
    with ws.records.act(actor.user_id, "sample.draw", plan_id) as act:
        if act.read("sample", plan=plan_id, first_day=first.isoformat(), end_day=end.isoformat()):
            raise Refusal(
                N_("The plan “{plan}” has been drawn for {first} to {last} already."),
                N_("Use that sample; choosing among samples would not be chance."),
                plan=plan_id,
                first=first.isoformat(),
                last=(end - timedelta(days=1)).isoformat(),
            )
        sample_id = f"{plan_id}-{period or first.isoformat()}-{chosen}"
        act.append(
            "sample",
            [
                {
                    "sample_id": sample_id,
                    "plan": plan_id,
                    "plan_version": plan.version,
                    "scorecard": plan.scorecard,
                    "stream": plan.stream,
                    "period": period,
                    "day": day.isoformat() if day else None,
                    "first_day": first.isoformat(),
                    "end_day": end.isoformat(),
                    "seed": chosen,
                    "frame_hash": frame_hash,
                    "frame_size": frame.height,
                    "certificate": certificate,
                    "at": act.at,
                    "by": actor.user_id,
                }
            ],
        )
        act.append("sample_member", [{"sample_id": sample_id, **asdict(m)} for m in members])
        act.append(
            "assignment",
            [
                {
                    "assignment_id": f"{sample_id}-{index:05}",
                    "sample_id": sample_id,
                    "conversation_id": a.conversation_id,
                    "reviewer": a.reviewer,
                    "round": a.round,
                    "at": act.at,
                }
                for index, a in enumerate(assignments)
            ],
        )
        act.detail({"seed": chosen, "members": len(members)})
    return Sample(sample_id, plan_id, chosen, frame.height, frame_hash, members, assignments)


def _plan(ws: Workspace, plan_id: str) -> Plan:
    found = next((p for p in ws.policy.plans if p.id == plan_id), None)
    if found is None:
        raise Refusal(
            N_("The plan “{plan}” is unknown."),
            N_("Use one of: {known}."),
            plan=plan_id,
            known=", ".join(p.id for p in ws.policy.plans),
        )
    return found


def _span(period: str | None, day: date | None) -> tuple[date, date]:
    if (period is None) == (day is None):
        raise Refusal(N_("A draw needs a month or a day."), N_("Give one of them, such as --period 2026-10."))
    if period is not None:
        month = Period.named(period)
        return month.first, month.end
    assert day is not None
    return day, day + timedelta(days=1)


def _frame(ws: Workspace, plan: Plan, first: date, end: date) -> pl.DataFrame:
    """conversation_id, agent_id, stratum of every conversation that may be drawn."""
    rows = query.run(
        "frame",
        params={"first": first, "end": end, "zone": ws.zone, "minimum_messages": plan.minimum_messages},
        files={"conversations": (ws.lake.files(ws.parts("conversations", first, end)), CONVERSATIONS)},
        tables={"account_now": ws.records.arrow("account_now")},
    )
    if not rows.height:
        raise Refusal(
            N_("No conversation of a known agent ended between {first} and {last}."),
            N_("Import the chat logs of these days first."),
            first=first.isoformat(),
            last=(end - timedelta(days=1)).isoformat(),
        )
    names = {"agent": "agent_id", "shop": "shop", "platform": "platform"}
    return rows.select(
        "conversation_id", "agent_id", stratum=pl.concat_str([names[s] for s in plan.strata], separator=" × ")
    )


def _reviewers(ws: Workspace) -> list[str]:
    """Supervisors who may review; before any is there, the owner of the workspace."""
    users = ws.records.read("user_now", role=Role.SUPERVISOR.value, disabled=False, order="user_id")
    return [u["user_id"] for u in users] or ["owner"]


def _conflicts(ws: Workspace, first: date) -> Callable[[str, Member], bool]:
    """A reviewer reads no own conversation and none of a team that is not theirs."""
    users: Mapping[str, Mapping[str, object]] = {u["user_id"]: u for u in ws.records.read("user_now")}
    teams: dict[str, set[str]] = {}
    for row in ws.records.read("membership_now"):
        if row["valid_to"] is None or row["valid_to"] > first.isoformat():
            teams.setdefault(row["agent_id"], set()).add(row["team"])

    def conflict(reviewer: str, member: Member) -> bool:
        user = users.get(reviewer)
        if user is None:
            return False
        own = set(user["teams"])  # type: ignore[call-overload]
        outside = ALL_TEAMS not in own and not own & teams.get(member.agent_id, set())
        return user["agent_id"] == member.agent_id or outside

    return conflict
