"""Small pictures as inline SVG, without script: drawn in percent, so that they keep their type size at any width.

Colours stand as attributes (print, PDF) and as classes that the style sheet turns round in the dark. All text is escaped.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from markupsafe import Markup

Figure = float | Decimal
Span = tuple[float, float]

COLOURS = {
    "ink": "#1F2328",
    "quiet": "#5F6672",
    "rule": "#DCDDD7",
    "fault": "#C2413B",
    "judge": "#C98A00",
    "good": "#2E7D5B",
}
FONT = "QA Desk Chinese, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
_EDGE = 2.0  # percent left free on both sides, so that a dot at the end is whole


def span(
    values: Iterable[Figure | None], *, step: float = 10, low: float | None = None, high: float | None = None
) -> Span:
    """A scale in whole steps around the values; `low` and `high` are ends that it does not pass."""
    known = [float(v) for v in values if v is not None] or [0.0, step]
    first, last = math.floor(min(known) / step) * step, math.ceil(max(known) / step) * step
    first = first if low is None else max(first, low)
    last = last if high is None else min(last, high)
    return (first, last) if first < last else (first, first + step)


def ticks(scale: Span, most: int = 5) -> tuple[float, ...]:
    """Round marks of a scale, at most `most` of them."""
    first, last = scale
    steps = [unit * 10.0**power for power in range(-3, 7) for unit in (1, 2, 5)]
    step = next(s for s in steps if (last - first) / s <= most - 1)
    start = math.ceil(first / step - 1e-9)
    return tuple(round(step * k, 6) for k in range(start, math.floor(last / step + 1e-9) + 1))


def interval(
    value: Figure | None, low: Figure | None, high: Figure | None, scale: Span, lines: Sequence[Figure], label: str
) -> Markup:
    """A dot with its interval as a thin bar, on the lines that it is judged against. Nothing but the lines where there is no value."""
    parts = [_line(scale, at) for at in lines]
    if value is not None:
        first, last = _at(scale, value if low is None else low), _at(scale, value if high is None else high)
        parts.append(_tag("rect", "quiet", x=_pc(first), y="10.5", width=_pc(max(last - first, 0)), height="3"))
        parts.append(_tag("circle", "ink", cx=_pc(_at(scale, value)), cy="12", r="4.5"))
    return _picture(24, label, parts)


def axis(scale: Span, marks: Sequence[tuple[Figure, str]], label: str, *, strong: bool = False) -> Markup:
    """Labels above pictures of the same scale; `strong` for named lines, else plain ticks."""
    parts = []
    for at, words in marks:
        x = _at(scale, at)
        anchor = "start" if x < 6 else "end" if x > 94 else "middle"
        style = {"font-weight": "600"} if strong else {}
        parts.append(
            _text("ink" if strong else "quiet", words, x=_pc(x), y="13", text_anchor=anchor, font_size="12", **style)
        )
    return _picture(18, label, parts)


def bar(start: Figure, end: Figure, scale: Span, tone: str, label: str) -> Markup:
    """One bar of a waterfall, from the running total before to the one after; a hair where it is nothing."""
    first, last = sorted((_at(scale, start), _at(scale, end)))
    zero = _tag("line", "rule", x1=_pc(_at(scale, 0)), x2=_pc(_at(scale, 0)), y1="0", y2="24")
    block = _tag("rect", tone, x=_pc(first), y="5", width=_pc(max(last - first, 0.4)), height="14")
    return _picture(24, label, [zero, block])


def stack(parts: Sequence[int], label: str) -> Markup:
    """Shares of a whole side by side, the best first and darkest."""
    total, at, drawn = sum(parts), 0.0, []
    for place, count in enumerate(parts):
        width = 100 * count / total if total else 0.0
        drawn.append(
            _tag(
                "rect",
                "ink",
                x=_pc(at),
                y="6",
                width=_pc(max(width - 0.6, 0)),
                height="10",
                opacity=f"{0.85 - 0.5 * place / max(len(parts) - 1, 1):.2f}",
            )
        )
        at += width
    return _picture(22, label, drawn)


def spark(series: Sequence[tuple[date, float | None]], line: Figure | None, label: str) -> Markup:
    """A run of days with its line; a day without a figure is a gap, never a zero. 160 by 36."""
    known = [value for _, value in series if value is not None]
    if not known:
        return Markup("")
    low, high = min([*known, *_floats(line)]), max([*known, *_floats(line)])
    room = (high - low) or abs(high) or 1.0
    width, height, edge = 160.0, 36.0, 4.0

    def place(day: int, value: float) -> tuple[float, float]:
        x = edge + (width - 2 * edge) * day / max(len(series) - 1, 1)
        return x, height - edge - (height - 2 * edge) * (value - low) / room

    runs: list[list[tuple[float, float]]] = [[]]
    for day, (_, value) in enumerate(series):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(day, value))
    parts = [
        Markup('<polyline class="ink-line" fill="none" stroke="{}" stroke-width="1.5" points="{}"/>').format(
            COLOURS["ink"], " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        )
        for run in runs
        if run
    ]
    last = next(place(day, value) for day, (_, value) in reversed(list(enumerate(series))) if value is not None)
    parts.append(_tag("circle", "ink", cx=f"{last[0]:.1f}", cy=f"{last[1]:.1f}", r="2.5"))
    if line is not None:
        y = f"{place(0, float(line))[1]:.1f}"
        parts.insert(0, _tag("line", "mark", x1="0", x2="160", y1=y, y2=y))
    return Markup(
        '<svg class="spark" width="160" height="36" viewBox="0 0 160 36" role="img" aria-label="{}">{}</svg>'
    ).format(label, Markup("").join(parts))


def _floats(value: Figure | None) -> list[float]:
    return [] if value is None else [float(value)]


def _at(scale: Span, value: Figure) -> float:
    share = (float(value) - scale[0]) / (scale[1] - scale[0])
    return _EDGE + (100 - 2 * _EDGE) * min(max(share, 0.0), 1.0)


def _pc(x: float) -> str:
    return f"{x:.2f}%"


def _line(scale: Span, at: Figure) -> Markup:
    x = _pc(_at(scale, at))
    return _tag("line", "mark", x1=x, x2=x, y1="0", y2="24")


def _tag(name: str, tone: str, **attributes: str) -> Markup:
    if name == "line":
        colour, dash = (COLOURS["quiet"], "2 2") if tone == "mark" else (COLOURS[tone], "none")
        paint = {"stroke": colour, "stroke-dasharray": dash}
    else:
        paint = {"fill": COLOURS[tone]}
    written = Markup(" ").join(
        Markup('{}="{}"').format(key.replace("_", "-"), value) for key, value in {**paint, **attributes}.items()
    )
    return Markup('<{} class="{}" {}/>').format(Markup(name), tone, written)


def _text(tone: str, words: str, **attributes: str) -> Markup:
    written = Markup(" ").join(
        Markup('{}="{}"').format(key.replace("_", "-"), value) for key, value in attributes.items()
    )
    return Markup('<text class="{}" fill="{}" font-family="{}" {}>{}</text>').format(
        tone, COLOURS[tone], FONT, written, words
    )


def _picture(height: int, label: str, parts: Iterable[Markup]) -> Markup:
    return Markup('<svg class="row" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        height, label, Markup("").join(parts)
    )
