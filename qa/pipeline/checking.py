"""Check: rules over messages -> findings, and messages -> contacts and day facts. One day at a time."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qa import engine
from qa.access import Action, require
from qa.lake import Lake
from qa.model import CONTACTS, DERIVED, FACTS, Actor, Part, Rule
from qa.pipeline.importing import Progress
from qa.scoring import check as checks
from qa.scoring import query
from qa.workspace import Workspace


@dataclass(frozen=True)
class CheckResult:
    """What the check looked at and found; days whose messages and rules had not changed are read, not run again."""

    messages: int
    findings: int
    by_rule: dict[str, int]
    days: int
    days_run: int


@dataclass(frozen=True)
class DayTask:
    """All that one day needs, by value, so that any process can do it."""

    folder: str
    day: date
    messages: tuple[Part, ...]
    conversations: tuple[Part, ...]
    rules: tuple[Rule, ...]


def check(
    ws: Workspace,
    actor: Actor,
    first: date | None = None,
    last: date | None = None,
    *,
    again: bool = False,
    progress: Progress | None = None,
) -> CheckResult:
    """Bring findings, contacts and facts of each day up to date with its messages and the rules in force.

    Days run in worker processes where there are several; the result does not depend on that.
    """
    require(actor, Action.CHECK_RUN)
    rules = ws.policy.rules
    tasks = [t for t in _tasks(ws, rules) if (first is None or t.day >= first) and (last is None or t.day <= last)]
    marks = {t.day: _mark(t) for t in tasks}
    due = tasks if again else _due(ws, tasks)
    for done, (task, parts) in enumerate(engine.each(run_day, due), start=1):
        _replace(ws, actor, task.day, parts, marks[task.day])
        if progress:
            progress(done / len(due), task.day.isoformat())
    return _tally(ws, tasks, len(due))


def stale(ws: Workspace, first: date, end: date) -> list[date]:
    """Days with first <= day < end whose messages or rules changed since they were checked."""
    return [t.day for t in _due(ws, [t for t in _tasks(ws, ws.policy.rules) if first <= t.day < end])]


def _due(ws: Workspace, tasks: Sequence[DayTask]) -> list[DayTask]:
    marks = {row["name"]: row["value"] for row in ws.records.read("setting_now")}
    return [t for t in tasks if marks.get(_name(t.day)) != _mark(t)]


def run_day(task: DayTask) -> tuple[Part, ...]:
    """Findings, contacts and facts of one day, written as parts. Pure in its task: same task, same bytes."""
    lake = Lake(Path(task.folder))
    messages = lake.read("messages", task.messages).sort("conversation_id", "position")
    conversations = lake.read("conversations", task.conversations)
    findings = checks.check(messages, task.rules)
    contacts = query.run("contacts", tables={"messages": messages, "conversations": conversations}).cast(CONTACTS)
    facts = query.run("facts", params={"day": task.day}, tables={"contacts": contacts}).cast(FACTS)
    return (
        lake.write("findings", task.day, findings),
        lake.write("contacts", task.day, contacts),
        lake.write("facts", task.day, facts),
    )


def _tasks(ws: Workspace, rules: tuple[Rule, ...]) -> list[DayTask]:
    messages, conversations = _grouped(ws.parts("messages")), _grouped(ws.parts("conversations"))
    return [
        DayTask(str(ws.lake.folder), day, messages[day], conversations.get(day, ()), rules) for day in sorted(messages)
    ]


def _grouped(parts: Iterable[Part]) -> dict[date, tuple[Part, ...]]:
    days: dict[date, tuple[Part, ...]] = {}
    for part in parts:
        days[part.day] = (*days.get(part.day, ()), part)
    return days


def _name(day: date) -> str:
    return f"checked {day.isoformat()}"


def _mark(task: DayTask) -> str:
    inputs = [p.name for p in (*task.messages, *task.conversations)] + [f"{r.id} {r.version}" for r in task.rules]
    return hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:16]


def _replace(ws: Workspace, actor: Actor, day: date, parts: Sequence[Part], mark: str) -> None:
    names = {p.name for p in parts}
    with ws.records.act(actor.user_id, "check", day.isoformat()) as act:
        live = act.read("part_now", kind=list(DERIVED), day=day.isoformat())
        kept = {row["name"] for row in live}
        gone = [
            {k: row[k] for k in ("name", "kind", "day", "rows", "sha256")} for row in live if row["name"] not in names
        ]
        fresh = [
            {"name": p.name, "kind": p.kind, "day": day.isoformat(), "rows": p.rows, "sha256": p.sha256}
            for p in parts
            if p.name not in kept
        ]
        stamp = {"load_id": None, "at": act.at}
        act.append(
            "part_event",
            [*({**r, "live": False, **stamp} for r in gone), *({**r, "live": True, **stamp} for r in fresh)],
        )
        act.append("setting", [{"name": _name(day), "value": mark, "at": act.at, "by": actor.user_id}])
        act.detail({"findings": parts[0].rows})


def _tally(ws: Workspace, tasks: Sequence[DayTask], run: int) -> CheckResult:
    days = {t.day for t in tasks}
    live = [p for p in ws.parts("findings") if p.day in days]
    counts = ws.lake.scan("findings", live).group_by("rule").len().sort("rule").collect()
    by_rule = dict(counts.iter_rows())
    messages = sum(p.rows for t in tasks for p in t.messages)
    return CheckResult(messages, sum(by_rule.values()), by_rule, len(tasks), run)
