"""Figures of one agent in one period -> KPI points -> total -> tier, every step in a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

from qa.model import N_, Appraisal, Kpi, KpiResult, Refusal, Scheme, Tier
from qa.scoring import explain

PRECISION = Decimal("1e-10")
CURVES = ("steps", "line")
MISSING = ("reweight", "refuse")
BOUNDARIES = ("benefit_of_doubt", "estimate")


@dataclass(frozen=True)
class KpiInput:
    """A figure in the KPI's unit, its interval (None: known exactly, or not known at all), n, evidence ids.

    value None: the figure is missing, which is not 0.
    """

    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    n: int = 0
    evidence: tuple[str, ...] = ()


NOTHING = KpiInput(None)


def appraise(agent_id: str, scheme: Scheme, values: Mapping[str, KpiInput]) -> Appraisal:
    """Points of each KPI by its curve, their mean by weight, and the tier of that total.

    values: KPI id -> figure; a KPI that is absent is missing. A missing figure is left out and the other
    weights grow to 100, or it is refused, as the KPI says; it is never 0. Points and totals are not rounded
    (thirds are kept to ten decimals), so 89.99 is below 90: from <= total < the next tier's from.

    Benefit of the doubt: with `boundary = "benefit_of_doubt"` the tier is that of `total_high`, the total with
    each protected KPI at the end of its interval that gives most points, so that nobody falls below a line
    by the luck of a sample. `protected` says that this raised the tier. With no figure at all total and
    tier are None. Refuses figures that the scheme does not know or that are not numbers, and what
    `validate` refuses.
    """
    validate(scheme)
    for name in values:
        if name not in {kpi.id for kpi in scheme.kpis}:
            raise Refusal(
                N_("The figure “{kpi}” belongs to no KPI of the scheme."),
                N_("Use the KPI ids of the scheme."),
                place=explain.place(scheme),
                kpi=name,
            )
    given = {kpi.id: _checked(scheme, kpi, agent_id, values.get(kpi.id, NOTHING)) for kpi in scheme.kpis}
    weight = sum((kpi.weight for kpi in scheme.kpis if given[kpi.id].value is not None), Decimal(0))
    results = tuple(_result(kpi, given[kpi.id], weight) for kpi in scheme.kpis)
    total = _total(scheme.kpis, [r.points for r in results], weight)
    total_high = _total(scheme.kpis, [r.points_high for r in results], weight)
    estimated = None if total is None else tier_of(scheme, total)
    decisive = total_high if scheme.boundary == "benefit_of_doubt" else total
    tier = None if decisive is None else tier_of(scheme, decisive)
    steps = [
        step
        for kpi, result in zip(scheme.kpis, results, strict=True)
        for step in explain.kpi(scheme, kpi, result, given[kpi.id].evidence)
    ]
    steps.append(explain.total(scheme, results, total))
    if tier and estimated and total is not None and total_high is not None:
        steps.append(explain.tier(scheme, total, total_high, estimated, tier))
    return Appraisal(
        agent_id=agent_id,
        scheme=scheme.id,
        scheme_version=scheme.version,
        kpis=results,
        total=total,
        total_high=total_high,
        tier=tier.id if tier else None,
        tier_by_estimate=estimated.id if estimated else None,
        protected=tier != estimated,
        steps=tuple(steps),
    )


def points(kpi: Kpi, value: Decimal) -> Decimal:
    """Points of a figure. steps: those of its band; line: straight from one band to the next, flat after the last."""
    index = max((i for i, band in enumerate(kpi.bands) if band.from_ <= value), default=None)
    if index is None:
        raise Refusal(
            N_("{value} lies below the first band of “{kpi}”, which begins at {first}."),
            N_("Add a band that begins lower."),
            value=value,
            kpi=kpi.id,
            first=kpi.bands[0].from_,
        )
    band = kpi.bands[index]
    if kpi.curve == "steps" or index == len(kpi.bands) - 1:
        return band.points
    after = kpi.bands[index + 1]
    part = Fraction(value - band.from_) / Fraction(after.from_ - band.from_)
    return _decimal(Fraction(band.points) + part * Fraction(after.points - band.points))


def tier_of(scheme: Scheme, total: Decimal) -> Tier:
    """The tier with the highest `from` that the total reaches."""
    return max((tier for tier in scheme.tiers if tier.from_ <= total), key=lambda tier: tier.from_)


def validate(scheme: Scheme) -> None:
    """Refuse a scheme that cannot appraise: gaps, two answers for one value, weights that do not add up to 100.

    What concerns money alone is checked by `qa.bonus.validate`.
    """
    _validate_sum(scheme)
    for kpi in scheme.kpis:
        place = f"kpis.{kpi.id}"
        _known(scheme, f"{place}.curve", kpi.curve, CURVES)
        _known(scheme, f"{place}.missing", kpi.missing, MISSING)
        _rising(scheme, f"{place}.bands", [band.from_ for band in kpi.bands])
    _rising(scheme, "tiers", [tier.from_ for tier in scheme.tiers])
    _known(scheme, "boundary", scheme.boundary, BOUNDARIES)


def _validate_sum(scheme: Scheme) -> None:
    weights = sum((kpi.weight for kpi in scheme.kpis), Decimal(0))
    if weights != 100 or any(kpi.weight <= 0 for kpi in scheme.kpis):
        raise Refusal(
            N_("The weights of the KPIs add up to {sum}, or one of them is not above 0."),
            N_("Change the weights so that they add up to 100."),
            place=f"{explain.place(scheme)} kpis",
            sum=weights,
        )
    for kind, ids in (
        ("kpis", [kpi.id for kpi in scheme.kpis]),
        ("tiers", [tier.id for tier in scheme.tiers]),
        ("events", [event.id for event in scheme.events]),
    ):
        if len(set(ids)) < len(ids):
            raise Refusal(
                N_("Two of the {kind} have the same id."),
                N_("Give each its own id."),
                place=explain.place(scheme),
                kind=kind,
            )


def _known(scheme: Scheme, key: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise Refusal(
            N_("“{value}” is unknown here."),
            N_("Use one of: {known}."),
            place=f"{explain.place(scheme)} {key}",
            value=value,
            known=", ".join(known),
        )


def _rising(scheme: Scheme, key: str, starts: Sequence[Decimal]) -> None:
    if not starts or starts[0] > 0:
        raise Refusal(
            N_("There is a gap: values below {first} have no answer."),
            N_("Let the first one begin at 0."),
            place=f"{explain.place(scheme)} {key}",
            first=starts[0] if starts else "∞",
        )
    for before, after in pairwise(starts):
        if after <= before:
            raise Refusal(
                N_("{after} follows {before}: there would be two answers for one value."),
                N_("Write them in rising order, each `from` once."),
                place=f"{explain.place(scheme)} {key}",
                before=before,
                after=after,
            )


def _checked(scheme: Scheme, kpi: Kpi, agent_id: str, given: KpiInput) -> KpiInput:
    if any(number is not None and not number.is_finite() for number in (given.value, given.low, given.high)):
        raise Refusal(
            N_("“{kpi}” of {agent} is not a number."),
            N_("Compute the figures again; if it stays, report it."),
            place=explain.place(scheme),
            kpi=kpi.id,
            agent=agent_id,
        )
    if given.value is None and kpi.missing == "refuse":
        raise Refusal(
            N_("“{kpi}” of {agent} is missing, and the scheme does not do without it."),
            N_('Complete the data, or let the scheme say missing = "reweight" for this KPI.'),
            place=f"{explain.place(scheme)} kpis.{kpi.id}.missing",
            kpi=kpi.id,
            agent=agent_id,
        )
    return given


def _result(kpi: Kpi, given: KpiInput, weight: Decimal) -> KpiResult:
    if given.value is None:
        return KpiResult(kpi.id, None, None, None, given.n, None, None, Decimal(0))
    earned = points(kpi, given.value)
    best = max(points(kpi, value) for value in _within(kpi, given)) if kpi.protected else earned
    share = _decimal(Fraction(kpi.weight) * 100 / Fraction(weight))
    return KpiResult(kpi.id, given.value, given.low, given.high, given.n, earned, max(earned, best), share)


def _within(kpi: Kpi, given: KpiInput) -> list[Decimal]:
    """The places of the interval where points can be highest: the value, both ends, and the starts of bands inside."""
    assert given.value is not None
    low = given.value if given.low is None else max(given.low, kpi.bands[0].from_)
    high = given.value if given.high is None else given.high
    return [given.value, low, high, *(band.from_ for band in kpi.bands if low <= band.from_ <= high)]


def _total(kpis: Sequence[Kpi], earned: Sequence[Decimal | None], weight: Decimal) -> Decimal | None:
    if not weight:
        return None
    pairs = zip(kpis, earned, strict=True)
    return _decimal(
        sum((Fraction(kpi.weight) * Fraction(p) for kpi, p in pairs if p is not None), Fraction(0)) / Fraction(weight)
    )


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(PRECISION, ROUND_HALF_UP)
