"""Reports on paper: colours that can be read, pictures inside their frame, PDF with Chinese and without surprises."""

import hashlib
import os
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from report_facts import FACTS, ZONE
from report_people import BONUSES
from test_charts import contrast

from qa import ROOT
from qa.model import Refusal
from qa.report import pdf, render, svg

CSS = (ROOT / "reports" / "templates" / "paper.css").read_text()


def palette(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6})", css))


LIGHT, DARK = (palette(part) for part in re.findall(r":root \{(.*?)\}", CSS, re.S))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_word_of_a_report_can_be_read_on_its_ground(theme: dict[str, str]) -> None:
    pairs = [(word, ground) for word in ("ink", "quiet", "act", "fault", "judge", "good") for ground in ("ground",)]
    pairs += [("ink", "group"), ("quiet", "group"), ("ink", "mark"), ("judge", "judge-ground")]
    assert [p for p in pairs if contrast(theme[p[0]], theme[p[1]]) < 4.5] == []


def test_what_is_drawn_has_the_colours_of_the_page() -> None:
    assert {LIGHT[name] for name in ("ink", "quiet", "rule", "fault", "good")} <= set(svg.COLOURS.values())


def test_pictures_keep_inside_their_frame() -> None:
    scale = svg.span([61.2, 97], low=0, high=100)
    assert scale == (60, 100)
    assert svg.ticks(scale) == (60, 70, 80, 90, 100)
    drawn = svg.interval(120, -5, 130, scale, [80], "x")
    assert all(
        0 <= float(x) <= 100 for x in re.findall(r'(?:x|cx|x1|width)="([\d.]+)%"', drawn.replace('width="100%"', ""))
    )


def test_a_day_without_a_figure_breaks_the_spark_line() -> None:
    series = FACTS["daily"].today.cards[0].series
    assert svg.spark(series, 0.8, "x").count("<polyline") == 2
    assert svg.spark(((series[0][0], None),), 0.8, "x") == ""


def words_of(document: bytes) -> str:
    """The text of a PDF, read with each of its fonts' character maps in turn."""
    streams = [zlib.decompress(s) for s in re.findall(rb"(?s)FlateDecode.*?stream\n(.*?)\nendstream", document)]
    maps = [dict(re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]{4,})>", s)) for s in streams if b"beginbfchar" in s]
    shown = b"".join(b"".join(re.findall(rb"<([0-9a-f]+)>", s)) for s in streams if b" Tf" in s)
    glyphs = [shown[i : i + 4] for i in range(0, len(shown), 4)]
    return "\n".join(
        b"".join(bytes.fromhex(m.get(g, b"0020").decode()) for g in glyphs).decode("utf-16-be") for m in maps
    )


def made(html: str) -> bytes:
    try:
        return pdf(html)
    except Refusal as refusal:
        pytest.skip(f"no PDF on this machine: {refusal}")


def test_a_pdf_holds_the_chinese_name_and_the_amount() -> None:
    facts = replace(FACTS["bonus"], bonuses=BONUSES[1:2])
    text = words_of(made(render("bonus", facts, language="zh", zone=ZONE)))
    assert "王敏" in text
    assert "¥1,780.00" in text
    assert "确认的严重问题" in text, "the steps of a closed line are printed"


def test_the_same_page_gives_the_same_pdf() -> None:
    html = render("payroll", FACTS["payroll"], language="zh", zone=ZONE)
    assert hashlib.sha256(made(html)).digest() == hashlib.sha256(made(html)).digest()


def test_a_pdf_loads_nothing_from_outside_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("p::after { content: '泄露' }")
    html = f'<html lang="zh"><link rel="stylesheet" href="{(tmp_path / "x.css").as_uri()}"><p>正文</p></html>'
    text = words_of(made(html))
    assert "正文" in text
    assert "泄露" not in text


def test_without_pango_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        print("a page of advice")  # noqa: T201  as the library does
        raise OSError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(Refusal, match="apt install libpango"):
        pdf("<p>x</p>")


def test_without_a_chinese_font_there_is_no_pdf_with_empty_boxes(tmp_path: Path) -> None:
    latin = next(iter(sorted(Path("/usr/share/fonts").rglob("DejaVuSans.ttf"))), None)
    if latin is None:
        pytest.skip("needs one font without Chinese (DejaVuSans.ttf) to stand alone on the machine")
    made("<p>x</p>")
    config = f'<?xml version="1.0"?><fontconfig><dir>{latin.parent}</dir><cachedir>{tmp_path}</cachedir></fontconfig>'
    (tmp_path / "fonts.conf").write_text(config)
    program = "from qa.report import pdf\ntry: pdf('<p>质检</p>')\nexcept Exception as refusal: print(refusal)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "fonts-noto-cjk" in answer.stdout
