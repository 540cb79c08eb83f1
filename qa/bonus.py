"""An appraisal and the events of a period -> bonus lines whose sum is the amount, each with its steps.

Money is Decimal. Nothing is rounded on the way; the sum is rounded once, and a line of its own carries what
rounding changed, so that the lines always add up to the amount exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from qa.model import N_, Appraisal, Bonus, BonusLine, Event, Refusal, Scheme, Step, Text

UNITS = {"fen": Decimal("0.01"), "jiao": Decimal("0.1"), "yuan": Decimal(1)}
AGREED = Decimal(1)

Part = tuple[BonusLine, Step]


@dataclass(frozen=True)
class EventCount:
    """How often an event of the scheme happened in the period, and the message or conversation ids that show it."""

    event: str
    count: int
    evidence: tuple[str, ...]


def bonus(appraisal: Appraisal, scheme: Scheme, period: str, events: Sequence[EventCount]) -> Bonus:
    """The bonus of one agent in one period, as 2026-10.

    Lines: performance pay × coefficient of the tier; each event that happened, count × amount within its
    cap; the floor or ceiling where it acts; what rounding changed. Without a tier, because no figure is
    known, the performance pay is paid as agreed, coefficient 1: what nobody measured is neither rewarded
    nor held against the agent. Amounts of no effect have no line, except the performance pay.
    Refuses an appraisal by another scheme, an unknown event, one that comes twice, and an event that
    happened without evidence, because nobody could open it.
    """
    validate(scheme)
    if (appraisal.scheme, appraisal.scheme_version) != (scheme.id, scheme.version):
        raise Refusal(
            N_("The appraisal was made by the scheme {other}, not by {scheme}."),
            N_("Appraise again by the scheme in force."),
            other=f"{appraisal.scheme} {appraisal.scheme_version}",
            scheme=f"{scheme.id} {scheme.version}",
        )
    counts = _counts(scheme, events)
    parts = [_performance(appraisal, scheme)]
    parts += [_event(scheme, event, counts[event.id]) for event in scheme.events if event.id in counts]
    parts += _limit(scheme, _sum(parts))
    parts += _rounding(scheme, _sum(parts))
    lines, steps = zip(*parts, strict=True)
    return Bonus(appraisal.agent_id, period, _sum(parts).quantize(UNITS["fen"]), lines, (*appraisal.steps, *steps))


def validate(scheme: Scheme) -> None:
    """Refuse money rules that contradict each other: an unknown rounding, limits or caps that do not fit."""
    unit = UNITS.get(scheme.rounding)
    if unit is None:
        raise Refusal(
            N_("“{value}” is unknown here."),
            N_("Use one of: {known}."),
            place=f"{_place(scheme)} rounding",
            value=scheme.rounding,
            known=", ".join(UNITS),
        )
    if scheme.floor > scheme.ceiling or scheme.floor % unit or scheme.ceiling % unit:
        raise Refusal(
            N_("The floor {floor} and the ceiling {ceiling} do not fit together or are not whole {unit}."),
            N_("Write a floor that is not above the ceiling, both in the unit of rounding."),
            place=_place(scheme),
            floor=scheme.floor,
            ceiling=scheme.ceiling,
            unit=scheme.rounding,
        )
    for event in scheme.events:
        if event.cap < abs(event.amount):
            raise Refusal(
                N_("The cap {cap} of “{event}” is below the amount of one."),
                N_("Write the most that a month may bring or cost, without a sign."),
                place=f"{_place(scheme)} events.{event.id}",
                cap=event.cap,
                event=event.id,
            )


def yuan(amount: Decimal) -> str:
    """¥1,234.50, −¥50.00; as many decimals as the amount has, two at least."""
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{'−' if amount < 0 else ''}¥{abs(amount):,.{digits}f}"


def _counts(scheme: Scheme, events: Sequence[EventCount]) -> dict[str, EventCount]:
    known = {event.id for event in scheme.events}
    counts: dict[str, EventCount] = {}
    for each in events:
        if each.event not in known or each.event in counts:
            raise Refusal(
                N_("The event “{event}” is not in the scheme, or it is counted twice."),
                N_("Count each event of the scheme once."),
                place=_place(scheme),
                event=each.event,
            )
        if each.count < 0 or (each.count and not each.evidence):
            raise Refusal(
                N_("“{event}” is counted {count} times without anything that shows it."),
                N_("Give the messages or conversations behind it."),
                place=_place(scheme),
                event=each.event,
                count=each.count,
            )
        counts[each.event] = each
    return {name: each for name, each in counts.items() if each.count}


def _sum(parts: Sequence[Part]) -> Decimal:
    return sum((line.amount for line, _ in parts), Decimal(0))


def _performance(appraisal: Appraisal, scheme: Scheme) -> Part:
    tier = next((each for each in scheme.tiers if each.id == appraisal.tier), None)
    coefficient = tier.coefficient if tier else AGREED
    amount = scheme.performance_pay * coefficient
    pay = yuan(scheme.performance_pay)
    if tier:
        zh = f"绩效工资 {pay} × {tier.name.zh}系数 {coefficient:f} = {yuan(amount)}。"
        en = f"Performance pay {pay} × {coefficient:f}, the coefficient of {tier.name.en} = {yuan(amount)}."
        key, parents = f"tiers.{tier.id}.coefficient", ("tier",)
    else:
        zh = f"本月没有任何可用的数据，不定档；绩效工资按约定全额发放（系数 1）：{yuan(amount)}。"
        en = f"No figure is known this month, so there is no tier; performance pay as agreed (coefficient 1): {yuan(amount)}."
        key, parents = "performance_pay", ("total",)
    label = Text("绩效工资", "Performance pay")
    return _line("performance", label, amount, Text(zh, en), f"{_place(scheme)} {key}", parents=parents)


def _event(scheme: Scheme, event: Event, counted: EventCount) -> Part:
    full = event.amount * counted.count
    amount = max(-event.cap, min(event.cap, full))
    zh = f"{event.name.zh} {counted.count} 次 × {yuan(event.amount)} = {yuan(full)}。"
    en = f"{event.name.en}: {counted.count} × {yuan(event.amount)} = {yuan(full)}."
    if amount != full:
        zh += f"每月以 {yuan(event.cap)} 为限，计 {yuan(amount)}。"
        en += f" At most {yuan(event.cap)} a month: {yuan(amount)}."
    zh += f"原因：{event.why.zh}"
    en += f" Why: {event.why.en}"
    place = f"{_place(scheme)} events.{event.id}"
    return _line(f"event.{event.id}", event.name, amount, Text(zh, en), place, evidence=counted.evidence)


def _limit(scheme: Scheme, total: Decimal) -> list[Part]:
    limited = max(scheme.floor, min(scheme.ceiling, total))
    if limited == total:
        return []
    key, name = ("floor", Text("保底", "Floor")) if limited > total else ("ceiling", Text("封顶", "Ceiling"))
    said = Text(
        f"以上合计 {yuan(total)}，{name.zh} {yuan(limited)}，差额 {yuan(limited - total)}。",
        f"The lines above add up to {yuan(total)}; {name.en.lower()} {yuan(limited)}, difference {yuan(limited - total)}.",
    )
    return [_line("limit", name, limited - total, said, f"{_place(scheme)} {key}")]


def _rounding(scheme: Scheme, total: Decimal) -> list[Part]:
    unit = UNITS[scheme.rounding]
    rounded = (total / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
    if rounded == total:
        return []
    word = {"fen": "分", "jiao": "角", "yuan": "元"}[scheme.rounding]
    said = Text(
        f"以上合计 {yuan(total)}，四舍五入到{word}为 {yuan(rounded)}。",
        f"The lines above add up to {yuan(total)}, rounded half up to {scheme.rounding}: {yuan(rounded)}.",
    )
    label = Text("尾差", "Rounding")
    return [_line("rounding", label, rounded - total, said, f"{_place(scheme)} rounding")]


def _line(
    name: str,
    label: Text,
    amount: Decimal,
    sentence: Text,
    policy: str,
    *,
    evidence: tuple[str, ...] = (),
    parents: tuple[str, ...] = (),
) -> Part:
    cents = amount.quantize(UNITS["fen"])
    amount = cents if cents == amount else amount
    step = Step(f"bonus.{name}", label, f"{amount:f}", "yuan", sentence, policy, evidence, parents)
    return BonusLine(name, label, amount, (step.id, *parents)), step


def _place(scheme: Scheme) -> str:
    return f"schemes/{scheme.id}.toml {scheme.version}"
