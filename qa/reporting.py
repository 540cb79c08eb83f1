"""Report: what the reads give, as HTML, PDF or XLSX files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from qa import engine, reads
from qa import report as paper
from qa.access import Action, may, require
from qa.model import N_, Actor, Period, Refusal
from qa.pipeline.importing import Progress
from qa.pipeline.scoring import Figures
from qa.policy import in_force
from qa.views import AgentResult, BonusView
from qa.workspace import Workspace

FORMATS = ("html", "pdf", "xlsx")


@dataclass(frozen=True)
class Sheet:
    """One document to write: its file name without ending, and its facts."""

    name: str
    facts: paper.Facts


def report(
    ws: Workspace,
    actor: Actor,
    kind: str,
    *,
    period: str | None = None,
    day: date | None = None,
    out: Path,
    formats: Sequence[str] = ("html",),
    agent: str | None = None,
    language: str = "zh",
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write a report and return its files. Review sheets and bonus statements are one document per agent.

    kinds: daily (a day); review, appraisal, bonus, payroll, compliance (a month). The same records give the
    same bytes; a closed month is printed as it was frozen.
    """
    if kind not in MAKERS:
        raise Refusal(
            N_("There is no report “{kind}”."), N_("Use one of: {known}."), kind=kind, known=", ".join(MAKERS)
        )
    unknown = [f for f in formats if f not in FORMATS]
    if unknown or not formats:
        raise Refusal(
            N_("There is no format “{format}”."),
            N_("Use one of: {known}."),
            format=", ".join(unknown),
            known=", ".join(FORMATS),
        )
    action = Action(f"report.{kind}")
    if not may(actor, action):
        require(actor, action)
    sheets = list(MAKERS[kind](ws, actor, period, day, agent))
    if not sheets:
        raise Refusal(N_("There is nothing to report."), N_("Import and check chat logs first, or name another month."))
    _folder(out)
    made: list[Path] = []
    overrides = ws.home / "templates"
    pages = {
        sheet.name: paper.render(
            kind, sheet.facts, language=language, zone=ws.zone, overrides=overrides if overrides.is_dir() else None
        )
        for sheet in sheets
    }
    if "html" in formats:
        made += [_write(out / f"{name}.html", page.encode()) for name, page in pages.items()]
    if "xlsx" in formats:
        made += [
            _write(out / f"{s.name}.xlsx", paper.xlsx(kind, s.facts, language=language, zone=ws.zone)) for s in sheets
        ]
    if "pdf" in formats:
        tasks = list(pages.items())
        for done, ((name, _), content) in enumerate(engine.each(_pdf, tasks), start=1):
            made.append(_write(out / f"{name}.pdf", content))
            if progress:
                progress(done / len(tasks), name)
    with ws.records.act(actor.user_id, f"report.{kind}", period or (day.isoformat() if day else "")) as act:
        act.detail({"files": len(made), "formats": list(formats), "language": language})
    return tuple(made)


def _pdf(task: tuple[str, str]) -> bytes:
    return paper.pdf(task[1])


def _house(ws: Workspace) -> paper.House:
    return paper.House(ws.house, ws.made_up, ws.today())


def _month(period: str | None) -> str:
    if period is None:
        raise Refusal(N_("This report needs a month."), N_("Give it as --period 2026-10."))
    return Period.named(period).name


Person = TypeVar("Person", AgentResult, BonusView)
Maker = Callable[[Workspace, Actor, str | None, date | None, str | None], Iterator[Sheet]]


def _daily(ws: Workspace, actor: Actor, period: str | None, day: date | None, agent: str | None) -> Iterator[Sheet]:
    today = reads.today(ws, actor, day)
    found = reads.findings(ws, actor, first=today.day, last=today.day)
    yield Sheet(f"daily-{today.day.isoformat()}", paper.DailyFacts(_house(ws), today, found, reads.worklist(ws, actor)))


def _review(ws: Workspace, actor: Actor, period: str | None, day: date | None, agent: str | None) -> Iterator[Sheet]:
    month = Period.named(_month(period))
    known = Figures(ws, month)
    seeds = {s["sample_id"]: s["seed"] for s in ws.records.read("sample", stream="measuring")}
    for person in _chosen(reads.results(ws, actor, month.name), agent):
        strata = known.strata.get(person.agent_id, [])
        sample = next((s for s in seeds if any(each.stratum.startswith(f"{s} ") for each in strata)), None)
        facts = paper.ReviewFacts(
            _house(ws),
            month.name,
            person,
            reads.reviews(ws, actor, month.name, person.agent_id),
            reads.findings(ws, actor, first=month.first, last=month.end, agent_id=person.agent_id),
            known.scheme,
            known.plan,
            sum(s.size for s in strata) or None,
            sum(s.n for s in strata) or None,
            seeds.get(sample) if sample else None,
        )
        yield Sheet(f"review-{month.name}-{_safe(person.agent_id)}", facts)


def _appraisal(ws: Workspace, actor: Actor, period: str | None, day: date | None, agent: str | None) -> Iterator[Sheet]:
    month = Period.named(_month(period))
    known = Figures(ws, month)
    people = reads.results(ws, actor, month.name)
    if people:
        figures = reads.metrics(ws, actor, month.first, date.fromordinal(month.end.toordinal() - 1))
        facts = paper.AppraisalFacts(_house(ws), month.name, people, figures, known.scheme, known.plan)
        yield Sheet(f"appraisal-{month.name}", facts)


def _bonus(ws: Workspace, actor: Actor, period: str | None, day: date | None, agent: str | None) -> Iterator[Sheet]:
    name = _month(period)
    scheme = in_force(ws.policy.schemes, f"{name}-01")
    for person in _chosen(reads.bonuses(ws, actor, name), agent):
        yield Sheet(f"bonus-{name}-{_safe(person.agent_id)}", paper.BonusFacts(_house(ws), name, (person,), scheme))


def _payroll(ws: Workspace, actor: Actor, period: str | None, day: date | None, agent: str | None) -> Iterator[Sheet]:
    name = _month(period)
    people = reads.bonuses(ws, actor, name)
    if people:
        yield Sheet(f"payroll-{name}", paper.PayrollFacts(_house(ws), name, people))


def _compliance(
    ws: Workspace, actor: Actor, period: str | None, day: date | None, agent: str | None
) -> Iterator[Sheet]:
    month = Period.named(_month(period))
    last = date.fromordinal(month.end.toordinal() - 1)
    figures = reads.metrics(ws, actor, month.first, last, by="shop")
    if figures:
        yield Sheet(f"compliance-{month.name}", paper.ComplianceFacts(_house(ws), month.name, figures))


def _chosen(people: Sequence[Person], agent: str | None) -> list[Person]:
    found = [p for p in people if agent in {None, p.agent_id, p.name}]
    if not found:
        raise Refusal(
            N_("Nothing is known of this person in that month."),
            N_("Name an agent by id or name, as “qa score” lists them."),
            place=agent or "",
        )
    return found


def _safe(agent_id: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in agent_id)[:60]


def _folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refusal(
            N_("The folder cannot be made: {error}."),
            N_("Name another one with --out."),
            place=str(out),
            error=error.strerror,
        ) from error


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


MAKERS: dict[str, Maker] = {
    "daily": _daily,
    "review": _review,
    "appraisal": _appraisal,
    "bonus": _bonus,
    "payroll": _payroll,
    "compliance": _compliance,
}
