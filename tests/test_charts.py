"""Charts: gaps stay gaps, intervals are the score's, names are text, colours can be read and told apart."""

from datetime import date, timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from report_facts import TODAY
from report_people import BONUSES, PEOPLE, SCHEME

from qa import charts

CARD = TODAY.cards[0]
SEEN = {  # Machado, Oliveira and Fernandes 2009, full severity; rows act on linear red, green, blue
    "usual": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]),
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Ottosson 2020; distances of about 0.02 can just be seen side by side."""
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    mix = np.array(
        [
            [0.2104542553, 0.793617785, -0.0040720468],
            [1.9779984951, -2.428592205, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.808675766],
        ]
    )
    return mix @ np.cbrt(cones @ np.clip(rgb, 0, 1))  # fmt: skip


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_of_the_charts_can_be_read_on_its_ground(dark: bool) -> None:
    palette = charts.PALETTE[dark]
    text = {name: colour for name, colour in palette.items() if name not in {"ground", "rule"}}
    text |= {f"family {i}": colour for i, colour in enumerate(charts.FAMILY[dark])}
    assert {
        name: round(contrast(c, palette["ground"]), 2)
        for name, c in text.items()
        if contrast(c, palette["ground"]) < 4.5
    } == {}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("sight", SEEN)
def test_the_six_colours_can_be_told_apart_by_colour_blind_people(dark: bool, sight: str) -> None:
    seen = [oklab(SEEN[sight] @ linear(colour)) for colour in charts.FAMILY[dark]]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 0.09


def test_nothing_is_sent_away_and_no_logo_is_shown() -> None:
    assert charts.CONFIG["showSendToCloud"] is False
    assert charts.CONFIG["displaylogo"] is False


def test_a_day_without_a_figure_is_a_gap_in_the_line() -> None:
    figure = charts.metric_series(CARD, language="zh")
    assert [v for v in figure.data[0].y if v is None] == [None]
    assert figure.data[0].connectgaps is False
    assert "无数据" in figure.data[0].text[12]
    assert "考核线 80.0" in figure.layout.annotations[0].text


def test_the_league_shows_each_score_with_its_own_interval_and_leaves_out_who_has_none() -> None:
    points = charts.league(PEOPLE).data[0]
    known = {r.agent_id: r.score for r in PEOPLE if r.score.value is not None}
    assert set(points.y) == set(known)
    for agent_id, value, up, down in zip(
        points.y, points.x, points.error_x.array, points.error_x.arrayminus, strict=True
    ):
        score = known[agent_id]
        assert (value, value + up, value - down) == pytest.approx((score.value, score.high, score.low))


def test_with_tiers_the_league_shows_total_points_against_the_lines_of_the_tiers() -> None:
    figure = charts.league(PEOPLE, SCHEME.tiers)
    totals = {r.agent_id: float(r.appraisal.total) for r in PEOPLE if r.appraisal and r.appraisal.total is not None}
    assert dict(zip(figure.data[0].y, figure.data[0].x, strict=True)) == totals
    assert [shape.x0 for shape in figure.layout.shapes] == [70, 80, 90]


def test_the_waterfall_ends_at_the_amount() -> None:
    bonus = BONUSES[1].bonus
    bars = charts.waterfall(bonus).data[0]
    assert sum(bars.y) == float(bonus.amount)
    assert bars.text[-1] == "¥1,780.00"


def test_findings_by_day_keep_their_number_when_rare_categories_are_put_together() -> None:
    first = date(2026, 10, 1)
    rows = [{"day": first + timedelta(days=d), "category": f"类{c}", "n": d + c} for d in range(5) for c in range(9)]
    figure = charts.findings_by_day(pl.DataFrame(rows), language="zh")
    assert sum(sum(bar.y) for bar in figure.data) == sum(row["n"] for row in rows)
    assert [bar.name for bar in figure.data][-1] == "其他"
    assert len(figure.data) == 7


def test_a_day_without_findings_and_an_empty_series_draw_an_empty_chart() -> None:
    empty = pl.DataFrame(schema={"day": pl.Date, "category": pl.String, "n": pl.Int64})
    assert len(charts.findings_by_day(empty).data) == 0
    assert len(charts.league(()).data[0].x) == 0
    assert len(charts.sparkline((), None).data) == 1


def test_a_name_is_text_and_never_markup() -> None:
    from dataclasses import replace

    figure = charts.league([replace(PEOPLE[0], name='<a href="http://x.example">b</a>')])
    assert "<a" not in figure.to_json().replace("\\u003c", "<")
