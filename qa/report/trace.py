"""From an amount down to its reasons: the lines of a bonus statement, each with the steps behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from qa.model import N_, BonusLine, Refusal, Step, Text
from qa.views import BonusView


@dataclass(frozen=True)
class TracedStep:
    """A step with its number on the statement and the numbers of the steps that it was made from."""

    number: int
    step: Step
    parents: tuple[int, ...]


@dataclass(frozen=True)
class TracedLine:
    line: BonusLine
    steps: tuple[TracedStep, ...]


@dataclass(frozen=True)
class Payroll:
    """People by bonus lines: `rows` has an amount for each column, None where the line does not belong to the person."""

    columns: tuple[Text, ...]
    rows: tuple[tuple[BonusView, tuple[Decimal | None, ...]], ...]
    totals: tuple[Decimal, ...]
    total: Decimal


def payroll(views: Sequence[BonusView]) -> Payroll:
    """The table for finance; its total is the sum of the amounts and of the columns. Refuses what does not add up."""
    columns: dict[str, Text] = {}
    sums: list[dict[str, Decimal]] = []
    for view in views:
        _adds_up(view)
        sums.append({})
        for line in view.bonus.lines:
            columns.setdefault(line.id, line.label)
            sums[-1][line.id] = sums[-1].get(line.id, Decimal(0)) + line.amount
    return Payroll(
        columns=tuple(columns.values()),
        rows=tuple((view, tuple(amounts.get(i) for i in columns)) for view, amounts in zip(views, sums, strict=True)),
        totals=tuple(sum((amounts.get(i, Decimal(0)) for amounts in sums), Decimal(0)) for i in columns),
        total=sum((view.bonus.amount for view in views), Decimal(0)),
    )


def statement(view: BonusView) -> tuple[TracedLine, ...]:
    """The lines in order, each with all the steps it rests on, reasons before conclusions.

    Refuses what must not be printed: a line without steps, a step that nothing explains, lines that do not add up.
    """
    _adds_up(view)
    bonus = view.bonus
    steps = {step.id: step for step in (*view.appraisal.steps, *bonus.steps)}
    return tuple(TracedLine(line, _traced(view, line, steps)) for line in bonus.lines)


def beside(view: BonusView) -> tuple[Step, ...]:
    """The steps that no line rests on, such as a figure that was left out: they are told all the same."""
    used = {found.step.id for traced in statement(view) for found in traced.steps}
    return tuple(step for step in view.bonus.steps if step.id not in used)


def _adds_up(view: BonusView) -> None:
    total = sum((line.amount for line in view.bonus.lines), Decimal(0))
    if total != view.bonus.amount:
        raise Refusal(
            N_("The bonus statement of {name} does not add up: the lines make {total}, the amount says {amount}."),
            N_("Compute the bonus of the month again; if it stays, send the report of “qa verify” to support."),
            place=view.bonus.period,
            name=view.name,
            total=total,
            amount=view.bonus.amount,
        )


def _traced(view: BonusView, line: BonusLine, steps: Mapping[str, Step]) -> tuple[TracedStep, ...]:
    if not line.steps:
        _unexplained(view, line, line.id)
    order: dict[str, int] = {}
    waiting: set[str] = set()

    def visit(ids: Iterable[str]) -> None:
        for step_id in ids:
            if step_id in order:
                continue
            if step_id not in steps or step_id in waiting:
                _unexplained(view, line, step_id)
            waiting.add(step_id)
            visit(steps[step_id].parents)
            order[step_id] = len(order) + 1

    visit(line.steps)
    return tuple(TracedStep(number, steps[i], tuple(order[p] for p in steps[i].parents)) for i, number in order.items())


def _unexplained(view: BonusView, line: BonusLine, step_id: str) -> NoReturn:
    raise Refusal(
        N_("“{line}” on the bonus statement of {name} has no explanation: {step}."),
        N_("Compute the bonus of the month again; if it stays, send the report of “qa verify” to support."),
        place=view.bonus.period,
        name=view.name,
        line=line.label.zh,
        step=step_id,
    )
