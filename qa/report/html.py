"""Facts -> one HTML page that stands alone: no script, no address outside, the same bytes for the same facts."""

from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from qa.language import Translator, translator
from qa.model import N_, Refusal, Text
from qa.report import pictures, standing, trace
from qa.report.facts import KINDS, Facts
from qa.views import FindingView

TEMPLATES = Path(__file__).resolve().parents[2] / "reports" / "templates"

_HIDDEN = {
    code: f"\u2039U+{code:04X}\u203a"
    for code in (
        *range(0x09),
        0x0B,
        0x0C,
        *range(0x0E, 0x20),
        0x7F,
        0x061C,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x206A),
        0xFEFF,
    )
    if code != 0x200D  # the joiner inside emoji
}


def render(kind: str, facts: Facts, *, language: str, zone: str, overrides: Path | None = None) -> str:
    """The report of a kind as a page. A template in the folder `overrides` stands in for ours of the same name.

    Refuses an unknown kind, and a template that cannot be used, with its line.
    """
    if kind not in KINDS or not isinstance(facts, KINDS[kind]):
        raise Refusal(
            N_("There is no report called “{kind}”."),
            N_("Choose one of: {kinds}."),
            kind=kind,
            kinds=", ".join(KINDS),
        )
    t = translator(language)
    try:
        return (
            _environment(t.language, overrides)
            .get_template(f"{kind}.html")
            .render(facts=facts, kind=kind, house=facts.house, t=t, **_helpers(t, zone, facts))
        )
    except TemplateSyntaxError as error:
        raise _unusable(error, f"{error.filename or error.name}, line {error.lineno}") from error
    except (TemplateError, TypeError, AttributeError) as error:
        if overrides is None:
            raise
        raise _unusable(error, str(overrides / f"{kind}.html")) from error


def _unusable(error: Exception, place: str) -> Refusal:
    return Refusal(
        N_("The report template cannot be used: {reason}."),
        N_("Correct the template, or take it out of the folder so that the shipped one is used."),
        place=place,
        reason=str(error).rstrip("."),
    )


@cache
def _environment(language: str, overrides: Path | None) -> ImmutableSandboxedEnvironment:
    t = translator(language)
    folders = [TEMPLATES] if overrides is None else [overrides, TEMPLATES]
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(t.gettext, t.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["said"] = partial(_said, language=t.language)
    environment.filters["plain"] = plain
    environment.globals.update(
        pictures=pictures,
        standing=standing,
        statement=trace.statement,
        beside=trace.beside,
        decimal=Decimal,
        payroll=trace.payroll,
        marked=marked,
    )
    return environment


def _helpers(t: Translator, zone: str, facts: Facts) -> dict[str, Any]:
    """What a template asks for by name: figures and times in the reader's language and the shop's zone."""
    today = facts.house.generated
    return {
        "money": t.money,
        "number": t.number,
        "percent": t.percent,
        "figure": t.figure,
        "short": lambda value: t.number(value, 0 if value == int(value) else 1),
        "sentences": partial(_sentences, gap="" if t.language == "zh" else " "),
        "near": lambda day: t.day(day, today),
        "instant": lambda at: t.instant(at, zone),
        "near_instant": lambda at: t.instant(at, zone, today),
        "line_of": lambda metric: standing.line_of(metric, t),
        "headroom": lambda value: standing.headroom(value, t),
        "step_value": lambda step: standing.step_value(step, t),
    }


def _said(text: Text, language: str) -> str:
    return text.said(language)


def _sentences(*parts: Markup | str, gap: str) -> Markup:
    """The parts that have something to say, one after the other as the language writes sentences."""
    return Markup(gap).join(part for part in parts if part)


def plain(text: str) -> str:
    """Text as it is, but characters that steer the reading direction or hide are written out: `‹U+202E›`."""
    return text.translate(_HIDDEN)


def marked(finding: FindingView) -> Markup:
    """The message of a finding, escaped, with the words that the rule means inside `mark`."""
    if finding.start is None or finding.end is None:
        return escape(plain(finding.text))
    before, words, after = (
        finding.text[: finding.start],
        finding.text[finding.start : finding.end],
        finding.text[finding.end :],
    )
    return Markup("{}<mark>{}</mark>{}").format(plain(before), plain(words), plain(after))
