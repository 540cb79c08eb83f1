"""The pictures of the reports: which figures go on which scale. `svg` draws them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from markupsafe import Markup

from qa.language import Translator
from qa.model import Appraisal, Estimate, Scheme, Tier
from qa.report import svg
from qa.report.standing import CriterionMean
from qa.report.trace import TracedLine
from qa.views import MetricCard


def score_scale(scores: Iterable[Estimate], lines: Sequence[Decimal]) -> svg.Span:
    """One scale for scores of 0 to 100, wide enough for every interval and line."""
    ends: list[svg.Figure | None] = [*lines, 100]
    for score in scores:
        ends += [score.value, score.low, score.high]
    return svg.span(ends, low=0, high=100)


def score_axis(scale: svg.Span, t: Translator) -> Markup:
    return svg.axis(scale, [(at, t.number(at)) for at in svg.ticks(scale)], t.gettext("scale of the score"))


def score_row(score: Estimate, scale: svg.Span, lines: Sequence[Decimal], t: Translator) -> Markup:
    label = t.gettext("score {score}, probably between {low} and {high}").format(
        score=t.number(score.value, 1), low=t.number(score.low, 1), high=t.number(score.high, 1)
    )
    return svg.interval(score.value, score.low, score.high, scale, lines, label)


def tier_scale(scheme: Scheme, appraisal: Appraisal) -> svg.Span:
    """From ten points below the second tier, so that the lowest one has a place, to the highest points."""
    edges = [Decimal(100), *(tier.from_ for tier in scheme.tiers if tier.from_ > 0)]
    return svg.span([appraisal.total, appraisal.total_high, *edges, min(edges) - 10], low=0)


def tier_axis(scheme: Scheme, scale: svg.Span, t: Translator) -> Markup:
    """The name of each tier above the line where it begins; the lowest one at the left end."""
    return svg.axis(
        scale,
        [(max(tier.from_, Decimal(scale[0])), tier_name(tier, t)) for tier in scheme.tiers],
        t.gettext("tiers"),
        strong=True,
    )


def tier_ticks(scheme: Scheme, scale: svg.Span, t: Translator) -> Markup:
    edges = [tier.from_ for tier in scheme.tiers if scale[0] < tier.from_ < scale[1]]
    marks = [(at, t.number(at)) for at in (Decimal(scale[0]), *edges, Decimal(scale[1]))]
    return svg.axis(scale, marks, t.gettext("points"))


def tier_row(scheme: Scheme, appraisal: Appraisal, scale: svg.Span, t: Translator) -> Markup:
    edges = [tier.from_ for tier in scheme.tiers if tier.from_ > scale[0]]
    label = t.gettext("{points} points").format(points=t.number(appraisal.total, 1))
    return svg.interval(appraisal.total, appraisal.total, appraisal.total_high, scale, edges, label)


def tier_name(tier: Tier, t: Translator) -> str:
    return tier.name.said(t.language)


def levels(row: CriterionMean, t: Translator) -> Markup:
    """How often each level was given, the best first."""
    return svg.stack([count for _, count in row.levels], row.criterion.said(t.language))


def waterfall(lines: Sequence[TracedLine], t: Translator) -> tuple[Markup, ...]:
    """One bar a line, each beginning where the one before ended; the first is the base, the others add or take."""
    ends = [Decimal(0)]
    for traced in lines:
        ends.append(ends[-1] + traced.line.amount)
    scale = svg.span(ends, step=50)
    tones = ["quiet", *("fault" if traced.line.amount < 0 else "good" for traced in lines[1:])]
    return tuple(
        svg.bar(before, after, scale, tone, traced.line.label.said(t.language))
        for traced, tone, (before, after) in zip(lines, tones, pairwise(ends), strict=True)
    )


def spark(card: MetricCard, t: Translator) -> Markup:
    label = t.gettext("{metric} over the last days").format(metric=card.now.metric.name.said(t.language))
    return svg.spark(card.series, card.now.metric.threshold, label)
