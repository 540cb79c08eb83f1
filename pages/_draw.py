"""Drawing: frozen views -> escaped HTML in the desk's own form. Nothing here reads, and nothing computes a figure.

All text that a person wrote passes through `esc`; chat text never meets Markdown.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from html import escape as esc
from pathlib import Path

import streamlit as st

from qa.language import Translator
from qa.model import Estimate, Metric
from qa.report import standing
from qa.views import Attention, MetricCard, MetricValue

STYLE = Path(__file__).with_name("desk.css")
ICON = Path(__file__).with_name("favicon.svg")
MARKDOWN = str.maketrans({c: "\\" + c for c in "\\`*_{}[]()<>#+-.!|~:$"})


def style() -> None:
    """Put the desk's style sheet into the page."""
    st.html(STYLE)


def put(html: str) -> None:
    """Show HTML whose every text was escaped by its maker."""
    st.html(f'<div class="qa">{html}</div>')


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Labels for a choice by id. Streamlit knows an option by its label alone, so each repeat gets one more zero-width sign."""
    seen: dict[str, int] = {}
    labels = {}
    for key, name in names.items():
        seen[name] = seen.get(name, -1) + 1
        labels[key] = label(name) + "\u200b" * seen[name]
    return labels


def label(text: str) -> str:
    """A name as a widget's label: its Markdown signs stand for themselves."""
    return text.translate(MARKDOWN)


def heading(title: str, under: str = "", *, chip: str = "") -> None:
    put(f"<h1>{esc(title)} {chip}</h1>" + (f'<p class="soft">{esc(under)}</p>' if under else ""))


def day_title(day: date, today: date, tr: Translator) -> str:
    """A day for a heading: near ones by name, far ones written out."""
    near = tr.day(day, today)
    return tr.long_day(day) if near == day.isoformat() else near


def moment(at: datetime, zone: str, today: date, tr: Translator) -> str:
    """An instant for a list: near days by name, this year without its number."""
    return tr.instant(at, zone, today).removeprefix(f"{today.year}-")


def dark() -> bool:
    """Whether this browser shows the dark theme now; for charts, whose colours do not follow by themselves."""
    return st.context.theme.type == "dark"


def renamed(button: str, words: str) -> str:
    """A style that puts our words in place of those of one of Streamlit's own controls, which know English only."""
    plain = "".join(c for c in words if c not in '"\\<>\n')
    return (
        f"<style>{button}, {button} p, {button} span:not([data-testid]) {{font-size: 0 !important}} "
        f'{button}::after {{content: "{plain}"; font-size: 15px; line-height: 1.4}}</style>'
    )


def soft(text: str) -> None:
    """A sentence in the quiet voice."""
    put(f'<p class="soft">{esc(text)}</p>')


def section(title: str, under: str = "") -> None:
    put(f"<h2>{esc(title)}</h2>" + (f'<p class="soft">{esc(under)}</p>' if under else ""))


def empty(what: str, todo: str) -> None:
    """Why a list is empty and what to do about it."""
    put(f'<div class="qa-empty"><b>{esc(what)}</b>{esc(todo)}</div>')


def chip(word: str, kind: str = "") -> str:
    """A state as a word with its sign. kind: bad, warn, good, brand or none."""
    sign = {"bad": "✕ ", "warn": "• ", "good": "✓ "}.get(kind, "")
    return f'<span class="qa-chip {kind}">{sign}{esc(word)}</span>'


def made_up(tr: Translator) -> str:
    words = tr.gettext("Demonstration data · all made up")
    return f'<span class="qa-madeup">{esc(words)}</span>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()) -> str:
    """A table of cells that are HTML already. `right` numbers the columns of figures."""
    side = ['class="r"' if i in right else "" for i in range(len(head))]
    top = "".join(f"<th {side[i]}>{esc(text)}</th>" for i, text in enumerate(head))
    body = "".join(
        "<tr>" + "".join(f"<td {side[i]}>{cell}</td>" for i, cell in enumerate(row)) + "</tr>" for row in rows
    )
    return f'<div class="qa-scroll"><table class="qa-table"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def wordmark(name: str) -> str:
    """The sign with the product's name beside it, as an image."""
    sign = ICON.read_text(encoding="utf-8").partition(">")[2].removesuffix("</svg>\n")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 32" width="150" height="32">'
        f"<g>{sign}</g><style>text{{fill:#1f2328}}@media (prefers-color-scheme: dark){{text{{fill:#e7e9ec}}}}</style>"
        '<text x="42" y="22.5" font-size="18" font-weight="700" font-family="PingFang SC, Microsoft YaHei, Noto Sans CJK SC, '
        f'sans-serif">{esc(name)}</text></svg>'
    )


# ---------------------------------------------------------------- figures


def cards(items: Sequence[str]) -> None:
    put(f'<div class="qa-cards">{"".join(items)}</div>')


def plain_card(name: str, figure: str, foot: str = "", *, state: str = "") -> str:
    return (
        f'<div class="qa-card"><div class="label"><span>{esc(name)}</span>{state}</div>'
        f'<div class="figure">{esc(figure)}</div><div class="foot">{esc(foot)}</div></div>'
    )


def metric_card(card: MetricCard, tr: Translator) -> str:
    """A metric of the day: figure, n, its line in words, and 30 days as a thin trace."""
    now = card.now
    return (
        f'<div class="qa-card"><div class="label"><span>{esc(now.metric.name.said(tr.language))}</span>{verdict(now, tr)}</div>'
        f'<div class="figure">{esc(tr.figure(now.value, now.metric.unit))}<small>n={esc(tr.number(now.denominator))}</small></div>'
        f'<div class="foot">{esc(headroom(now, tr))}</div>'
        f"{trace([v for _, v in card.series], _line(now.metric), now.meets)}</div>"
    )


def value_card(value: MetricValue, tr: Translator) -> str:
    """A metric of a period: figure, n, and how far from its line."""
    return (
        f'<div class="qa-card"><div class="label"><span>{esc(value.metric.name.said(tr.language))}</span>{verdict(value, tr)}</div>'
        f'<div class="figure">{esc(tr.figure(value.value, value.metric.unit))}<small>n={esc(tr.number(value.denominator))}</small></div>'
        f'<div class="foot">{esc(headroom(value, tr))}</div></div>'
    )


def verdict(value: MetricValue, tr: Translator) -> str:
    """On the right side of its line, on the wrong one, or without one."""
    if value.meets is None:
        return ""
    return chip(tr.gettext("on target"), "good") if value.meets else chip(tr.gettext("off target"), "bad")


def line_of(metric: Metric, tr: Translator) -> str:
    if metric.threshold is None:
        return ""
    side = "≥" if metric.better == "higher" else "≤"
    return tr.gettext("Line {line}").format(line=f"{side} {tr.figure(metric.threshold, metric.unit, 0)}")


def headroom(value: MetricValue, tr: Translator) -> str:
    """The line and how far the metric is from it, in ratings where it counts ratings."""
    return " · ".join(part for part in (line_of(value.metric, tr), standing.headroom(value, tr)) if part)


def _line(metric: Metric) -> float | None:
    return None if metric.threshold is None else float(metric.threshold)


def trace(values: Sequence[float | None], line: float | None, meets: bool | None) -> str:
    """A trace of values from left to right with gaps where there is none, its line, and a dot on the last one."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    low, high = (
        min([*known, *([line] if line is not None else [])]),
        max([*known, *([line] if line is not None else [])]),
    )
    span = (high - low) or 1.0

    def place(i: int, v: float) -> tuple[float, float]:
        return 2 + 196 * i / (len(values) - 1), 30 - 26 * (v - low) / span

    path, pen = [], "M"
    for i, v in enumerate(values):
        if v is None:
            pen = "M"
            continue
        path.append(f"{pen}{place(i, v)[0]:.1f} {place(i, v)[1]:.1f}")
        pen = "L"
    dashes = (
        "" if line is None else f'<line x1="0" x2="200" y1="{place(0, line)[1]:.1f}" y2="{place(0, line)[1]:.1f}"/>'
    )
    last = max(i for i, v in enumerate(values) if v is not None)
    x, y = place(last, values[last] or 0.0)
    kind = {True: "good", False: "bad", None: ""}[meets]
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 34" preserveAspectRatio="none">'
        "<style>path{fill:none;stroke:#5b636e}line{stroke:#5b636e;stroke-dasharray:3 3;opacity:.55}.good{fill:#2e7d5b}.bad{fill:#c2413b}"
        "@media (prefers-color-scheme:dark){path,line{stroke:#a3abb7}.good{fill:#4fae85}.bad{fill:#e0605a}}"
        "path,line{stroke-width:1.4;vector-effect:non-scaling-stroke}</style>"
        f'{dashes}<path d="{" ".join(path)}"/><ellipse class="{kind}" cx="{x:.1f}" cy="{y:.1f}" rx="2.2" ry="3.2"/></svg>'
    )
    return f'<img class="trace" alt="" src="data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}">'


def score(estimate: Estimate, tr: Translator) -> str:
    """A score with its interval and n, or why there is none."""
    if estimate.value is None:
        return (
            esc(tr.ngettext("only {n} review", "only {n} reviews", estimate.n).format(n=estimate.n))
            if estimate.n
            else esc(tr.gettext("no reviews"))
        )
    span = f"{tr.number(estimate.low)}–{tr.number(estimate.high)}"
    return f'<span class="num"><b>{esc(tr.number(estimate.value, 1))}</b> <small class="soft">{esc(span)} · n={estimate.n}</small></span>'


def interval(
    low: float | None, high: float | None, value: float | None, line: float | None, *, top: float = 100.0
) -> str:
    """The interval as a thin bar on 0 to `top`, with the line it is judged against."""
    if value is None or low is None or high is None:
        return '<div class="qa-bar"></div>'
    mark = "" if line is None else f'<u style="left:{100 * line / top:.1f}%"></u>'
    return (
        f'<div class="qa-bar"><i style="left:{100 * low / top:.1f}%;width:{max(1.0, 100 * (high - low) / top):.1f}%"></i>'
        f'<b style="left:{100 * value / top:.1f}%"></b>{mark}</div>'
    )


def attention(number: int, item: Attention, tr: Translator) -> str:
    return (
        f'<div class="qa-look"><i>{number}</i><p><b>{esc(item.text.said(tr.language))}</b> '
        f"<small>{esc(item.reason.said(tr.language))}</small></p></div>"
    )


def days_table(rows: Sequence[tuple[str, Sequence[tuple[date, int]]]], today: date) -> str:
    """A calendar of one month: a row a shop, a square a day; a day that is over and empty is marked by a sign."""
    if not rows:
        return ""

    def square(day: date, n: int) -> str:
        kind, sign = ("full", "·") if n else ("", "") if day >= today else ("none", "✕")
        return f'<td class="{kind}" title="{day.isoformat()}: {n}">{sign}</td>'

    head = "<th></th>" + "".join(f"<td>{day.day}</td>" for day, _ in rows[0][1])
    body = "".join(f"<tr><th>{esc(name)}</th>{''.join(square(*d) for d in days)}</tr>" for name, days in rows)
    return (
        f'<div class="qa-scroll" style="padding:.6rem .8rem"><table class="qa-days"><tr>{head}</tr>{body}</table></div>'
    )
