"""Metrics as ratios of sums of facts, and how far each is from its line."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from qa.model import Metric

BAD = frozenset({"neutral", "disappointed"})


def ratio(metric: Metric, sums: Mapping[str, Any]) -> tuple[Decimal | None, int, int]:
    """(value, numerator, n) of a metric from sums of facts. A metric without denominator is a count.

    The value is None where n is 0: the mean of nothing is nothing.
    """
    top = sum(int(sums[column]) for column in metric.numerator)
    if not metric.denominator:
        return Decimal(top), top, top
    n = sum(int(sums[column]) for column in metric.denominator)
    return (Decimal(top) / Decimal(n) if n else None), top, n


def meets(metric: Metric, value: Decimal | None) -> bool | None:
    """Whether a value is on the right side of the line; None where there is no line or no value. On it is right."""
    if metric.threshold is None or value is None:
        return None
    return value >= metric.threshold if metric.better == "higher" else value <= metric.threshold


def headroom(metric: Metric, sums: Mapping[str, Any]) -> int | None:
    """How many more bad ratings the metric can bear; negative: how many good ones it needs to be right again.

    bad_ratings: S good of n must stay >= t, so x more bad ones need S / (n + x) >= t; short of it, y good ones
    need (S + y) / (n + y) >= t. attitude_ratings: a of b bad ones must stay <= t, so (a + x) / (b + x) <= t;
    over it, as many as are too many. None where the metric counts neither, or nothing was rated.
    """
    value, top, n = ratio(metric, sums)
    line = metric.threshold
    if value is None or line is None or not 0 < line < 1:
        return None
    if metric.spare == "bad_ratings":
        spare = math.floor(top / line) - n
        return spare if spare >= 0 else -math.ceil((line * n - top) / (1 - line))
    if metric.spare == "attitude_ratings":
        spare = math.floor((line * n - top) / (1 - line))
        return spare if spare >= 0 else -math.ceil(top - line * n)
    return None
