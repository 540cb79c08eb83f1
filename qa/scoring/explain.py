"""The steps of an appraisal in words: each sentence has its numbers put in and names the key that decided.

A number is shown rounded, but never so that it seems to stand on the other side of a line it was judged
by: 79.996 % is not shown as 80.00 % where 80 % is a line.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from qa.model import Band, Kpi, KpiResult, Scheme, Step, Text, Tier

PLACES = {"share": 4, "seconds": 1, "count": 0, "points": 2, "yuan": 2}
SIGNS = {"share": Text("%", "%"), "seconds": Text(" 秒", " s"), "points": Text(" 分", " points")}


def kpi(scheme: Scheme, kpi: Kpi, result: KpiResult, evidence: tuple[str, ...]) -> Iterator[Step]:
    """The figure, and the points it gives. A missing figure has one step, which says what becomes of its weight."""
    key = f"{place(scheme)} kpis.{kpi.id}"
    figure = f"kpi.{kpi.id}.figure"
    if result.value is None or result.points is None or result.points_high is None:
        gone = Text(
            f"{kpi.name.zh}没有足够的数据（n={result.n}），不计入，其余各项按权重补足到 100%。",
            f"{kpi.name.en}: not enough data (n={result.n}); left out, the other weights grow to 100%.",
        )
        yield Step(figure, kpi.name, "", kpi.unit, gone, f"{key}.missing")
        return
    lines = [band.from_ for band in kpi.bands]
    value = _figure(kpi.unit, result.value, lines)
    span = Text("", "")
    if result.low is not None and result.high is not None and result.low < result.high:
        low, high = _figure(kpi.unit, result.low, lines), _figure(kpi.unit, result.high, lines)
        span = Text(f"，区间 {low.zh}～{high.zh}", f", interval {low.en} to {high.en}")
    said = Text(
        f"{kpi.name.zh} {value.zh}（n={result.n:,}{span.zh}）。", f"{kpi.name.en} {value.en} (n={result.n:,}{span.en})."
    )
    yield Step(figure, kpi.name, number(result.value, 6, lines), kpi.unit, said, f"{key}.source", evidence)
    yield _points(kpi, result.value, result.points, result.points_high, f"{key}.bands", figure)


def total(scheme: Scheme, results: Sequence[KpiResult], total: Decimal | None) -> Step:
    """The weighted sum, with weights as they are after re-weighting."""
    name = Text("总分", "Total")
    names = {kpi.id: kpi.name for kpi in scheme.kpis}
    counted = [(names[r.kpi], r.points, r.weight) for r in results if r.points is not None]
    parents = tuple(f"kpi.{r.kpi}.points" for r in results if r.points is not None)
    if total is None:
        none = Text(
            "没有一项有数据，因此没有总分，也没有档位。", "No figure is known, so there is no total and no tier."
        )
        return Step("total", name, "", "points", none, place(scheme))
    zh = " + ".join(f"{n.zh} {number(p, 2)} × {number(w, 2)}%" for n, p, w in counted)
    en = " + ".join(f"{n.en} {number(p, 2)} × {number(w, 2)}%" for n, p, w in counted)
    lines = [tier.from_ for tier in scheme.tiers]
    shown = number(total, 2, lines)
    said = Text(f"{zh} = {shown} 分。", f"{en} = {shown} points.")
    return Step("total", name, number(total, 4, lines), "points", said, f"{place(scheme)} kpis", (), parents)


def tier(scheme: Scheme, total: Decimal, total_high: Decimal, estimated: Tier, tier: Tier) -> Step:
    """The tier, by the total or in doubt by the favourable end of the protected figures."""
    lines = [each.from_ for each in scheme.tiers]
    shown = number(total, 2, lines)
    zh = f"总分 {shown} 分，{_range(scheme, estimated).zh}，为 {estimated.name.zh}。"
    en = f"{shown} points are {_range(scheme, estimated).en}: {estimated.name.en}."
    key = "tiers"
    if tier != estimated:
        high = number(total_high, 2, lines)
        key = "boundary"
        zh += (
            f"抽样有误差：各受保护项取区间有利的一端时为 {high} 分，{_range(scheme, tier).zh}；"
            f"拿不准时从宽，定为 {tier.name.zh}。"
        )
        en += (
            f" A sample has its error: with the protected figures at the favourable end of their intervals it is {high}"
            f" points, {_range(scheme, tier).en}. The doubt benefits the agent: {tier.name.en}."
        )
    name = Text("档位", "Tier")
    return Step("tier", name, tier.id, "", Text(zh, en), f"{place(scheme)} {key}", (), ("total",))


def place(scheme: Scheme) -> str:
    """File and version, as in "schemes/standard.toml 2026-01-01"."""
    return f"schemes/{scheme.id}.toml {scheme.version}"


def number(value: Decimal, places: int, lines: Iterable[Decimal] = ()) -> str:
    """The number with at most `places` decimals, half up; with more where a line would seem to be crossed."""
    value, lines = +value, list(lines)  # no more digits than the context has
    while True:
        shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if all((shown >= line) == (value >= line) for line in lines):
            break
        places += 1
    text = f"{shown:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _points(kpi: Kpi, value: Decimal, points: Decimal, points_high: Decimal, key: str, parent: str) -> Step:
    lines = [band.from_ for band in kpi.bands]
    shown, where = _figure(kpi.unit, value, lines), _band(kpi, value)
    zh = f"{shown.zh}，{where.zh}，得 {number(points, 2)} 分。"
    en = f"{shown.en} {where.en}: {number(points, 2)} points."
    if points_high > points:
        zh += f"取区间有利的一端可得 {number(points_high, 2)} 分。"
        en += f" At the favourable end of the interval: {number(points_high, 2)} points."
    name = Text(f"{kpi.name.zh}得分", f"Points for {kpi.name.en}")
    return Step(f"kpi.{kpi.id}.points", name, number(points, 4), "points", Text(zh, en), key, (), (parent,))


def _band(kpi: Kpi, value: Decimal) -> Text:
    index = max(i for i, band in enumerate(kpi.bands) if band.from_ <= value)
    here = _edge(kpi, kpi.bands[index])
    if index == len(kpi.bands) - 1:
        return Text(f"达到 {here.zh}及以上", f"is {here.en} or more")
    after = _edge(kpi, kpi.bands[index + 1])
    if kpi.curve == "line":
        return Text(f"在 {here.zh}与 {after.zh}之间按直线折算", f"lies on the line from {here.en} to {after.en}")
    return Text(f"在 {here.zh}（含）到 {after.zh}（不含）之间", f"is from {here.en} and under {after.en}")


def _edge(kpi: Kpi, band: Band) -> Text:
    return _figure(kpi.unit, band.from_, ())


def _range(scheme: Scheme, tier: Tier) -> Text:
    above = [each.from_ for each in scheme.tiers if each.from_ > tier.from_]
    here = number(tier.from_, 2)
    if not above:
        return Text(f"达到 {here} 分及以上", f"{here} or more")
    return Text(
        f"在 {here} 分（含）到 {number(min(above), 2)} 分（不含）之间", f"from {here} and under {number(min(above), 2)}"
    )


def _figure(unit: str, value: Decimal, lines: Iterable[Decimal]) -> Text:
    places = PLACES.get(unit, 2)
    if unit == "share":
        value, lines, places = value * 100, [line * 100 for line in lines], places - 2
    sign = SIGNS.get(unit, Text("", ""))
    shown = f"{Decimal(number(value, places, lines)):,f}"
    return Text(f"{shown}{sign.zh}", f"{shown}{sign.en}")
