"""Check: rules over messages -> findings, and messages -> contacts and day facts. One day at a time."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from qa import engine
from qa.access import Action, require
from qa.lake import Lake
from qa.model import CONTACTS, DERIVED, FACTS, Actor, Frame, Part, Rule
from qa.pipeline.importing import Progress
from qa.scoring import check as checks
from qa.scoring import query
from qa.workspace import Workspace

TOGETHER = 50_000
"""Messages that are checked at once: enough to share fixed costs, few enough to keep memory flat."""


@dataclass(frozen=True)
class CheckResult:
    """What the check looked at and found; days whose messages and rules had not changed are read, not run again."""

    messages: int
    findings: int
    by_rule: dict[str, int]
    days: int
    days_run: int


@dataclass(frozen=True)
class Day:
    """One day of the lake: the parts that its findings and facts are computed from."""

    day: date
    messages: tuple[Part, ...]
    conversations: tuple[Part, ...]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.messages)


@dataclass(frozen=True)
class Task:
    """Some days to check together, by value, so that any process can do it."""

    folder: str
    days: tuple[Day, ...]
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
    days = [d for d in _days(ws) if (first is None or d.day >= first) and (last is None or d.day <= last)]
    due = days if again else _due(ws, days, rules)
    tasks = [Task(str(ws.lake.folder), group, rules) for group in _groups(due)]
    done = 0
    for task, found in engine.each(run, tasks):
        for day in task.days:
            _replace(ws, actor, day.day, found[day.day], _mark(day, rules))
        done += len(task.days)
        if progress:
            progress(done / len(due), task.days[-1].day.isoformat())
    return _tally(ws, days, len(due))


def stale(ws: Workspace, first: date, end: date) -> list[date]:
    """Days with first <= day < end whose messages or rules changed since they were checked."""
    return [d.day for d in _due(ws, [d for d in _days(ws) if first <= d.day < end], ws.policy.rules)]


def _due(ws: Workspace, days: Sequence[Day], rules: Sequence[Rule]) -> list[Day]:
    marks = {row["name"]: row["value"] for row in ws.records.read("setting_now")}
    return [d for d in days if marks.get(_name(d.day)) != _mark(d, rules)]


def _groups(days: Sequence[Day]) -> list[tuple[Day, ...]]:
    """Neighbouring days put together up to TOGETHER messages: small days share the fixed cost of a check."""
    groups: list[list[Day]] = []
    for day in days:
        if groups and sum(d.rows for d in groups[-1]) + day.rows <= TOGETHER:
            groups[-1].append(day)
        else:
            groups.append([day])
    return [tuple(group) for group in groups]


def run(task: Task) -> dict[date, tuple[Part, ...]]:
    """Findings, contacts and facts of some days, written as parts. Pure in its task: same task, same bytes.

    What is found in a day does not depend on the days it is checked together with.
    """
    lake = Lake(Path(task.folder))
    messages = pl.concat([lake.read("messages", d.messages) for d in task.days]).sort("conversation_id", "position")
    conversations = pl.concat([lake.read("conversations", d.conversations) for d in task.days])
    place = pl.concat(
        [lake.read("conversations", d.conversations).select("conversation_id", day=pl.lit(d.day)) for d in task.days]
    )
    findings = _placed(checks.check(messages, task.rules), place)
    contacts = _placed(
        query.run("contacts", tables={"messages": messages, "conversations": conversations}).cast(CONTACTS), place
    )
    facts = query.run("facts", tables={"contacts": contacts}).cast(FACTS)
    return {
        d.day: tuple(
            lake.write(kind, d.day, frame.filter(pl.col("day") == d.day))
            for kind, frame in (("findings", findings), ("contacts", contacts), ("facts", facts))
        )
        for d in task.days
    }


def _placed(frame: Frame, place: Frame) -> Frame:
    return frame.join(place, on="conversation_id", maintain_order="left")


def _days(ws: Workspace) -> list[Day]:
    messages, conversations = _grouped(ws.parts("messages")), _grouped(ws.parts("conversations"))
    return [Day(day, messages[day], conversations.get(day, ())) for day in sorted(messages)]


def _grouped(parts: Iterable[Part]) -> dict[date, tuple[Part, ...]]:
    days: dict[date, tuple[Part, ...]] = {}
    for part in parts:
        days[part.day] = (*days.get(part.day, ()), part)
    return days


def _name(day: date) -> str:
    return f"checked {day.isoformat()}"


def _mark(day: Day, rules: Sequence[Rule]) -> str:
    inputs = [p.name for p in (*day.messages, *day.conversations)] + [f"{r.id} {r.version}" for r in rules]
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


def _tally(ws: Workspace, days: Sequence[Day], run_again: int) -> CheckResult:
    asked = {d.day for d in days}
    live = [p for p in ws.parts("findings") if p.day in asked]
    counts = ws.lake.scan("findings", live).group_by("rule").len().sort("rule").collect()
    by_rule = dict(counts.iter_rows())
    return CheckResult(sum(d.rows for d in days), sum(by_rule.values()), by_rule, len(days), run_again)
