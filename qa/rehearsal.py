"""The made-up month: invented exports through the real pipeline, with invented reviewers, to finished reports."""

import hashlib
import itertools
import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from qa import casework, demo, pipeline, reads, reporting
from qa.accounts import Accounts
from qa.model import N_, Actor, Refusal, ReviewForm, Role
from qa.workspace import OWNER, Workspace

FIRST = date(2026, 10, 1)
HOUSE = "星河电商客服中心（演示）"
UNREAD = timedelta(days=3)
"""The last days of the month are left to the visitor: conversations to review, findings to judge."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Person:
    """An invented colleague. `severity` is how many points of 100 a reviewer gives too few."""

    login: str
    name: str
    role: Role
    teams: tuple[str, ...] = ()
    severity: float = 0.0


STAFF = (
    Person("zhuguan-lin", "林岚（主管）", Role.SUPERVISOR, ("*",), 0.0),
    Person("zhuguan-qiao", "乔野（主管）", Role.SUPERVISOR, ("*",), 3.0),
    Person("zhuguan-wen", "温岭（质检）", Role.SUPERVISOR, ("*",), -2.5),
    Person("renshi-fang", "方禾（人事）", Role.HR),
    Person("renshi-mo", "莫言秋（人事）", Role.HR),
    Person("guanli-shi", "石泉（管理员）", Role.ADMIN),
)


def rehearse(
    home: Path,
    *,
    seed: int = 7,
    agents: int = 24,
    days: int = 31,
    conversations: int = 6200,
    progress: Progress | None = None,
) -> tuple[Workspace, tuple[Path, ...]]:
    """Make a fresh made-up workspace and run everything over it; returns it and the reports written.

    An earlier made-up workspace in the folder is replaced; anything else there is refused.
    """
    step = progress or (lambda share, what: None)
    _clear(home)
    key = hashlib.sha256(f"made-up {seed}".encode()).digest()
    ws = Workspace.create(home, house=HOUSE, made_up=True, key=key, now=_clock(FIRST + timedelta(days=days)))
    step(0.0, "making up a month")
    made = demo.make(home / "made-up", seed=seed, agents=agents, days=days, conversations=conversations, first=FIRST)
    step(0.15, "importing")
    pipeline.import_roster(ws, OWNER, made.roster)
    result = pipeline.import_logs(ws, OWNER, made.exports)
    refused = next((f.refused for f in result.files if f.refused), None)
    if refused:
        raise refused
    step(0.35, "checking")
    pipeline.check(ws, OWNER)
    people = _people(ws)
    step(0.55, "drawing and reviewing")
    period = FIRST.strftime("%Y-%m")
    pipeline.draw(ws, OWNER, "monthly", period=period, seed=seed)
    truth = demo.read_truth(made.truth)
    _review(ws, people, truth, seed)
    _judge(ws, people, truth)
    step(0.8, "scoring and reporting")
    reports = _reports(ws, period)
    step(1.0, "done")
    return ws, reports


def _clock(day: date) -> Callable[[], datetime]:
    """A clock that starts in the morning of a day and moves on by a minute at every look."""
    minutes = itertools.count()
    start = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    return lambda: start + timedelta(minutes=next(minutes))


def _clear(home: Path) -> None:
    if not home.exists() or not any(home.iterdir()):
        return
    if not Workspace.open(home).made_up:
        raise Refusal(
            N_("The folder holds a real workspace."),
            N_("Name another folder with --home; the demo never touches real data."),
            place=str(home),
        )
    shutil.rmtree(home)


def _people(ws: Workspace) -> Mapping[str, tuple[Actor, Person]]:
    """Accounts for the staff and for every agent; returns the staff by user id."""
    accounts = Accounts(ws)
    staff = {}
    for person in STAFF:
        user = accounts.add_user(OWNER, person.login, person.name, person.role, teams=person.teams)
        staff[user.user_id] = (Actor(user.user_id, user.name, user.role, None, user.teams), person)
    for row in ws.records.read("agent_now", order="agent_id"):
        login = f"kefu-{row['agent_id'].lower()}"
        accounts.add_user(OWNER, login, row["name"], Role.AGENT, agent_id=row["agent_id"])
    return staff


def _last(ws: Workspace) -> date:
    return max(p.day for p in ws.parts("conversations"))


def _review(ws: Workspace, staff: Mapping[str, tuple[Actor, Person]], truth: demo.Truth, seed: int) -> None:
    """Every assignment but those of the last days is reviewed, by the severity of its reviewer."""
    until = _last(ws) - UNREAD
    for user_id, (actor, person) in staff.items():
        if person.role is not Role.SUPERVISOR:
            continue
        for item in reads.worklist(ws, actor):
            if item.ended_at.astimezone(ws.zoneinfo).date() > until:
                continue
            rng = random.Random(f"{seed} {user_id} {item.conversation_id}")
            casework.submit_review(
                ws, actor, _form(ws, actor, item.assignment_id, item.conversation_id, person, truth, rng)
            )


def _form(
    ws: Workspace,
    actor: Actor,
    assignment_id: str,
    conversation_id: str,
    person: Person,
    truth: demo.Truth,
    rng: random.Random,
) -> ReviewForm:
    view = reads.conversation(ws, actor, conversation_id)
    card = view.scorecard
    found = [f for m in view.messages for f in m.findings] + list(view.whole_findings)
    ratings = demo.made_up_levels(truth, conversation_id, card.criteria, person.severity, rng)
    low = any(r.level == 0 for r in ratings)
    return ReviewForm(
        form_id=hashlib.sha256(f"form {assignment_id}".encode()).hexdigest()[:24],
        conversation_id=conversation_id,
        scorecard=card.id,
        scorecard_version=card.version,
        ratings=ratings,
        verdicts={f.finding_id: demo.made_up_verdict(truth, _row(f)) for f in found},
        note="（演示）语气可以更耐心一点，先回应客户的着急。"
        if low
        else "（演示）处理得清楚。"
        if rng.random() < 0.3
        else "",
        root_cause=rng.choice([c.id for c in card.root_causes]) if low and card.root_causes else None,
        seconds=rng.randint(60, 240),
    )


def _judge(ws: Workspace, staff: Mapping[str, tuple[Actor, Person]], truth: demo.Truth) -> None:
    """Supervisors have judged the month's findings, except those of the last days."""
    actor = next(actor for actor, person in staff.values() if person.role is Role.SUPERVISOR)
    open_findings = reads.findings(ws, actor, last=_last(ws) - UNREAD, open_only=True, limit=100_000)
    words = {f.finding_id: demo.made_up_verdict(truth, _row(f)) for f in open_findings}
    if words:
        casework.judge_findings(ws, actor, words)


def _row(finding: Any) -> dict[str, Any]:
    names = (
        "finding_id",
        "rule",
        "category",
        "conversation_id",
        "message_id",
        "sent_at",
        "start",
        "end",
        "matched",
        "text",
    )
    return {name: getattr(finding, name) for name in names}


def _reports(ws: Workspace, period: str) -> tuple[Path, ...]:
    made: list[Path] = []
    for kind in ("appraisal", "compliance", "payroll", "review", "bonus"):
        made += reporting.report(ws, OWNER, kind, period=period, out=ws.reports / period)
    made += reporting.report(ws, OWNER, "daily", day=_last(ws), out=ws.reports / period)
    return tuple(made)
