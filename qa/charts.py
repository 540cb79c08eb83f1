"""Frozen views -> Plotly figures for the app: one template, light and dark, colours that colour-blind people can tell apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import cycle
from typing import Any

import polars as pl
from plotly import graph_objects

from qa.language import Translator, translator
from qa.model import Bonus, Tier
from qa.views import AgentResult, MetricCard

Figure = Any
"""A plotly.graph_objects.Figure; plotly has no types of its own."""

CONFIG: Mapping[str, Any] = {
    "showSendToCloud": False,
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
}
"""For every figure shown: no button that sends data away, no logo."""

FONT = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"

PALETTE: Mapping[bool, Mapping[str, str]] = {
    False: {
        "ground": "#FBFBF9", "ink": "#1F2328", "quiet": "#5F6672", "rule": "#DCDDD7",
        "fault": "#C2413B", "judge": "#8A5F00", "good": "#2E7D5B",
    },
    True: {
        "ground": "#15171C", "ink": "#E6E7E4", "quiet": "#A0A6B1", "rule": "#33373F",
        "fault": "#F0877F", "judge": "#E0A93B", "good": "#6FC49A",
    },
}  # fmt: skip
"""By `dark`. Text and marks keep 4.5 : 1 on the ground; rules are decoration."""

FAMILY: Mapping[bool, tuple[str, ...]] = {
    False: ("#4771CC", "#69260A", "#1C6751", "#703A8D", "#817406", "#3C3B51"),
    True: ("#5F8BEF", "#EC9067", "#ADF6F2", "#AE6E92", "#EADB7A", "#A1BAD3"),
}
"""Six colours for categories, by `dark`; each also gets a pattern of its own."""

PATTERNS = ("", "/", "x", "-", ".", "+")


def sparkline(series: Sequence[tuple[date, float | None]], line: float | None, *, dark: bool = False) -> Figure:
    """A run of days without axes; a day without a figure is a gap. `line` is what it is judged against."""
    colour = PALETTE[dark]
    days, values = [day for day, _ in series], [value for _, value in series]
    figure = _figure(dark, height=56)
    figure.add_scatter(
        x=days, y=values, mode="lines", line={"color": colour["ink"], "width": 1.5}, connectgaps=False, hoverinfo="skip"
    )
    known = [(day, value) for day, value in series if value is not None]
    if known:
        figure.add_scatter(
            x=[known[-1][0]],
            y=[known[-1][1]],
            mode="markers",
            marker={"color": colour["ink"], "size": 6},
            hoverinfo="skip",
        )
    if line is not None:
        _line_across(figure, line, dark)
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    return figure.update_layout(margin={"l": 0, "r": 4, "t": 4, "b": 4})


def league(
    results: Iterable[AgentResult], tiers: Sequence[Tier] = (), *, language: str = "zh", dark: bool = False
) -> Figure:
    """People as points with their intervals, highest on top; who has no figure is left out.

    Without tiers: the quality score, 0 to 100, with its interval. With tiers: the total points of the
    appraisal, from the estimate to the favourable end that boundary protection looks at, on the tiers' lines.
    """
    t, colour = translator(language), PALETTE[dark]
    found = [place for result in results if (place := _total(result, t) if tiers else _score(result, t)) is not None]
    places = sorted(found, key=lambda place: (place.value, place.agent_id))
    figure = _figure(dark, height=80 + 24 * max(len(places), 1))
    figure.add_scatter(
        x=[place.value for place in places],
        y=[place.agent_id for place in places],
        mode="markers",
        marker={"color": colour["ink"], "size": 8},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [place.high - place.value for place in places],
            "arrayminus": [place.value - place.low for place in places],
            "color": colour["quiet"],
            "thickness": 2.5,
            "width": 0,
        },
        text=[place.words for place in places],
        hovertemplate="%{text}<extra></extra>",
    )
    ids, names = [place.agent_id for place in places], [escape(place.name) for place in places]
    figure.update_yaxes(tickmode="array", tickvals=ids, ticktext=names, type="category", showgrid=False)
    figure.update_xaxes(side="top", title={"text": t.gettext("Total points") if tiers else t.gettext("Quality score")})
    for tier in tiers:
        if tier.from_ > 0:
            words = {"text": escape(tier.name.said(language)), "yref": "paper", "y": 0, "yanchor": "top"}
            line = {"color": colour["quiet"], "width": 1, "dash": "dot"}
            figure.add_vline(x=float(tier.from_), line=line, annotation=words)
    return figure


def metric_series(card: MetricCard, *, language: str = "zh", dark: bool = False) -> Figure:
    """A metric over its days with its line; a day without a figure is a gap, never a zero."""
    t, colour, metric = translator(language), PALETTE[dark], card.now.metric
    days, values = [day for day, _ in card.series], [value for _, value in card.series]
    figure = _figure(dark, height=260)
    figure.add_scatter(
        x=days,
        y=values,
        mode="lines+markers",
        line={"color": colour["ink"], "width": 1.5},
        marker={"size": 5},
        connectgaps=False,
        text=[f"{day.isoformat()}  {t.figure(value, metric.unit)}" for day, value in card.series],
        hovertemplate="%{text}<extra></extra>",
    )
    if metric.threshold is not None:
        words = t.gettext("Line {line}").format(line=t.figure(metric.threshold, metric.unit))
        _line_across(figure, float(metric.threshold), dark, words)
    figure.update_xaxes(tickformat="%m-%d")
    return figure.update_yaxes(tickformat=".0%" if metric.unit == "share" else ",", rangemode="normal")


def findings_by_day(frame: pl.DataFrame, *, language: str = "zh", dark: bool = False) -> Figure:
    """Findings a day, stacked by category. frame: day (Date), category (name as shown, String), n (integer).

    The six most frequent categories have a colour and a pattern of their own; the rest is one grey part.
    """
    t = translator(language)
    order = frame.group_by("category").agg(pl.col("n").sum()).sort(["n", "category"], descending=[True, False])
    named = order["category"].head(len(FAMILY[dark])).to_list()
    rest = t.gettext("others")
    grouped = (
        frame.with_columns(pl.when(pl.col("category").is_in(named)).then(pl.col("category")).otherwise(pl.lit(rest)))
        .group_by("category", "day")
        .agg(pl.col("n").sum())
        .sort("day")
    )
    figure = _figure(dark, height=280)
    colours = (*FAMILY[dark], PALETTE[dark]["quiet"])
    for name, colour, pattern in zip([*named, rest], colours[: len(named)] + colours[-1:], cycle(PATTERNS)):
        part = grouped.filter(pl.col("category") == name)
        if part.height:
            figure.add_bar(
                x=part["day"].to_list(),
                y=part["n"].to_list(),
                name=escape(name),
                marker={"color": colour, "pattern": {"shape": pattern, "fillmode": "overlay", "solidity": 0.2}},
                hovertemplate="%{x|%Y-%m-%d}  %{y}<extra>%{fullData.name}</extra>",
            )
    figure.update_xaxes(tickformat="%m-%d").update_yaxes(tickformat=",d")
    return figure.update_layout(barmode="stack", showlegend=True, bargap=0.25)


def waterfall(bonus: Bonus, *, language: str = "zh", dark: bool = False) -> Figure:
    """From the base to the amount, one bar a line; the last one is the sum."""
    t, colour = translator(language), PALETTE[dark]
    figure = _figure(dark, height=300)
    figure.add_waterfall(
        x=[*(f"{place}" for place in range(len(bonus.lines))), "sum"],
        y=[*(float(line.amount) for line in bonus.lines), 0.0],
        measure=["absolute" if place == 0 else "relative" for place in range(len(bonus.lines))] + ["total"],
        text=[t.money(line.amount, signed=place > 0) for place, line in enumerate(bonus.lines)]
        + [t.money(bonus.amount)],
        textposition="outside",
        increasing={"marker": {"color": colour["good"]}},
        decreasing={"marker": {"color": colour["fault"]}},
        totals={"marker": {"color": colour["quiet"]}},
        connector={"line": {"color": colour["quiet"], "width": 1}},
        hovertemplate="%{text}<extra></extra>",
    )
    names = [escape(line.label.said(language)) for line in bonus.lines]
    figure.update_xaxes(
        tickmode="array",
        tickvals=[*(f"{place}" for place in range(len(bonus.lines))), "sum"],
        ticktext=[*names, t.gettext("Amount")],
        type="category",
    )
    return figure.update_yaxes(tickprefix="¥", tickformat=",")


@dataclass(frozen=True)
class _Place:
    """One person on the league plot."""

    agent_id: str
    name: str
    value: float
    low: float
    high: float
    words: str


def _score(result: AgentResult, t: Translator) -> _Place | None:
    score = result.score
    if score.value is None:
        return None
    low, high = (
        score.low if score.low is not None else score.value,
        score.high if score.high is not None else score.value,
    )
    said = t.gettext("score {score}, probably between {low} and {high}").format(
        score=t.number(score.value, 1), low=t.number(score.low, 1), high=t.number(score.high, 1)
    )
    words = f"{escape(result.name)}<br>{said}<br>n={t.number(score.n)}"
    return _Place(result.agent_id, result.name, score.value, low, high, words)


def _total(result: AgentResult, t: Translator) -> _Place | None:
    appraisal = result.appraisal
    if appraisal is None or appraisal.total is None:
        return None
    value, high = float(appraisal.total), float(appraisal.total_high or appraisal.total)
    points = t.gettext("{points} points").format(points=t.number(appraisal.total, 1))
    words = f"{escape(result.name)}<br>{points}"
    return _Place(result.agent_id, result.name, value, value, high, words)


def _figure(dark: bool, *, height: int) -> Figure:
    colour = PALETTE[dark]
    axis = {
        "gridcolor": colour["rule"],
        "linecolor": colour["quiet"],
        "tickfont": {"color": colour["quiet"], "size": 12},
        "title": {"font": {"color": colour["quiet"], "size": 12}},
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
    }
    make: Any = graph_objects.Figure  # type: ignore[attr-defined]
    return make(
        layout={
            "template": {
                "layout": {
                    "paper_bgcolor": "rgba(0,0,0,0)",
                    "plot_bgcolor": "rgba(0,0,0,0)",
                    "colorway": list(FAMILY[dark]),
                    "font": {"family": FONT, "size": 13, "color": colour["ink"]},
                    "hoverlabel": {"bgcolor": colour["ground"], "font": {"color": colour["ink"], "family": FONT}},
                    "legend": {"traceorder": "normal", "orientation": "h", "y": -0.2, "font": {"size": 12}},
                    "xaxis": axis,
                    "yaxis": axis,
                }
            },
            "height": height,
            "showlegend": False,
            "margin": {"l": 8, "r": 16, "t": 32, "b": 24},
            "separators": ".,",
        }
    )


def _line_across(figure: Figure, at: float, dark: bool, words: str = "") -> None:
    colour = PALETTE[dark]["quiet"]
    figure.add_hline(y=at, line={"color": colour, "width": 1, "dash": "dot"})
    if words:
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="right",
            y=at,
            yanchor="bottom",
            text=escape(words),
            showarrow=False,
            font={"color": colour, "size": 12},
        )
