"""How figures stand to each other and to their lines, in the form that reports print them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from qa.language import Translator
from qa.model import Appraisal, Kpi, Metric, Scheme, Step, Text, Tier
from qa.views import AgentResult, MetricValue, RatingView, ReviewView


@dataclass(frozen=True)
class Group:
    """People whom their intervals do not tell apart from the best of them; by name, since their order means nothing."""

    people: tuple[AgentResult, ...]


@dataclass(frozen=True)
class CriterionMean:
    """One criterion over some reviews: the plain mean of the levels given; None where it never applied."""

    criterion: Text
    weight: str
    mean: Decimal | None
    top: int
    n: int
    not_applicable: int
    levels: tuple[tuple[Text, int], ...]  # words and how often, best first


def groups(results: Iterable[AgentResult]) -> tuple[Group, ...]:
    """Best first; a group takes everyone whose interval reaches that of its best. People without a score are left out."""
    ordered = sorted(
        (r for r in results if r.score.value is not None), key=lambda r: (-(r.score.value or 0), r.agent_id)
    )
    found: list[list[AgentResult]] = []
    floor = 0.0
    for result in ordered:
        if not found or _high(result) < floor:
            found.append([])
            floor = _low(result)
        found[-1].append(result)
    return tuple(Group(tuple(sorted(people, key=lambda r: (r.name, r.agent_id)))) for people in found)


def without_score(results: Iterable[AgentResult]) -> tuple[AgentResult, ...]:
    return tuple(sorted((r for r in results if r.score.value is None), key=lambda r: (r.name, r.agent_id)))


def criteria(reviews: Sequence[ReviewView]) -> tuple[CriterionMean, ...]:
    """Per criterion, in the order of the scorecard as the reviews give it."""
    by_name: dict[str, list[RatingView]] = {}
    for review in reviews:
        for rating in review.ratings:
            by_name.setdefault(rating.criterion.zh, []).append(rating)
    return tuple(_criterion(ratings) for ratings in by_name.values())


def _criterion(ratings: Sequence[RatingView]) -> CriterionMean:
    given = [(r.level, r.words) for r in ratings if r.level is not None and r.words is not None]
    by_level = dict(sorted(given, key=lambda pair: -pair[0]))
    return CriterionMean(
        criterion=ratings[0].criterion,
        weight=ratings[0].weight,
        mean=Decimal(sum(level for level, _ in given)) / len(given) if given else None,
        top=ratings[0].top,
        n=len(given),
        not_applicable=len(ratings) - len(given),
        levels=tuple((words, sum(1 for other, _ in given if other == level)) for level, words in by_level.items()),
    )


def tier_of(scheme: Scheme, tier_id: str | None) -> Tier | None:
    return next((tier for tier in scheme.tiers if tier.id == tier_id), None)


def tier_above(scheme: Scheme, tier_id: str | None) -> Tier | None:
    """The next better tier; None on top, or without a tier."""
    ids = [tier.id for tier in scheme.tiers]
    place = ids.index(tier_id) + 1 if tier_id in ids else len(ids)
    return scheme.tiers[place] if place < len(ids) else None


def missing_points(scheme: Scheme, appraisal: Appraisal) -> Decimal | None:
    """Points from the total to the next better tier; None where there is none, or it is reached by protection."""
    above = tier_above(scheme, appraisal.tier)
    if above is None or appraisal.total is None or appraisal.total >= above.from_:
        return None
    return above.from_ - appraisal.total


def kpi_named(scheme: Scheme, kpi_id: str) -> Kpi:
    return next(kpi for kpi in scheme.kpis if kpi.id == kpi_id)


def score_lines(scheme: Scheme) -> tuple[Decimal, ...]:
    """Where the curve of the quality score bends or steps, between 0 and 100."""
    return tuple(
        band.from_ for kpi in scheme.kpis if kpi.source == "score" for band in kpi.bands if 0 < band.from_ < 100
    )


def metrics_of(values: Iterable[MetricValue]) -> tuple[Metric, ...]:
    """Each metric once, in the order of first use."""
    return tuple({value.metric.id: value.metric for value in values}.values())


def line_of(metric: Metric, t: Translator) -> str:
    """The line a metric is judged against, `≥ 80 %`, with all its decimals; empty where there is none."""
    if metric.threshold is None:
        return ""
    shown = metric.threshold * 100 if metric.unit == "share" else metric.threshold
    exponent = shown.normalize().as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return ("≥ " if metric.better == "higher" else "≤ ") + t.figure(metric.threshold, metric.unit, digits)


def step_value(step: Step, t: Translator) -> str:
    """The value of a step with all the digits it was computed with, and its unit; a missing one says so."""
    if not step.value:
        return t.missing()
    if step.unit == "yuan":
        return t.money(Decimal(step.value))
    if step.unit == "share":
        exact = (Decimal(step.value) * 100).normalize()
        return t.percent(Decimal(step.value), max(0, -int(exact.as_tuple().exponent)))
    words = {"points": t.gettext("points"), "seconds": t.gettext("seconds"), "count": "", "ratio": ""}
    return f"{step.value}\u00a0{words.get(step.unit, step.unit)}".rstrip("\u00a0")


def headroom(value: MetricValue, t: Translator) -> str:
    """How far a metric is from its line, in words: ratings that are left or needed, else the plain distance.

    Empty where there is no line or no value.
    """
    if value.headroom is not None and value.metric.spare == "bad_ratings":
        return _bad_ratings(value.headroom, t)
    if value.headroom is not None and value.metric.spare == "attitude_ratings":
        return _attitude_ratings(value.headroom, t)
    return _distance(value, t)


def _bad_ratings(left: int, t: Translator) -> str:
    if left < 0:
        message = t.ngettext(
            "{n} good rating needed to be back on the line", "{n} good ratings needed to be back on the line", -left
        )
    elif left == 0:
        return t.gettext("no room left: one more bad rating breaks the line")
    else:
        message = t.ngettext("{n} more bad rating can be borne", "{n} more bad ratings can be borne", left)
    return message.format(n=t.number(abs(left)))


def _attitude_ratings(left: int, t: Translator) -> str:
    if left < 0:
        message = t.ngettext("{n} rating over the line", "{n} ratings over the line", -left)
    elif left == 0:
        return t.gettext("no room left: one more for bad attitude breaks the line")
    else:
        message = t.ngettext("{n} more for bad attitude can be borne", "{n} more for bad attitude can be borne", left)
    return message.format(n=t.number(abs(left)))


def _distance(value: MetricValue, t: Translator) -> str:
    line = value.metric.threshold
    if value.value is None or line is None:
        return ""
    distance = Decimal(str(value.value)) - line
    if value.metric.unit == "share":
        return t.difference(distance)
    figure = t.figure(abs(distance), value.metric.unit)
    if distance == 0:
        return t.gettext("exactly on the line")
    return (t.gettext("{figure} above the line") if distance > 0 else t.gettext("{figure} below the line")).format(
        figure=figure
    )


def _high(result: AgentResult) -> float:
    return result.score.high if result.score.high is not None else result.score.value or 0.0


def _low(result: AgentResult) -> float:
    return result.score.low if result.score.low is not None else result.score.value or 0.0
