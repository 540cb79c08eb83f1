"""A conversation on the screen: bubbles by speaker, gaps, marks in place. All text is escaped here."""

from collections.abc import Sequence
from datetime import date
from html import escape as esc
from itertools import pairwise

from pages._draw import chip
from qa.language import Translator
from qa.model import RatingValue, Speaker, Verdict
from qa.views import ConversationView, FindingView, MessageView

LONG_GAP = 180
SHOWN_GAP = 60


def about(view: ConversationView, tr: Translator, zone: str, today: date) -> str:
    """Who, where and when, in one line."""
    _ = tr.gettext
    said = [
        f"<b>{esc(who(view.agent_name, tr))}</b>",
        esc(f"{view.shop} · {platform(view.platform, tr)}"),
        esc(tr.instant(view.started_at, zone, today)),
        esc(tr.ngettext("{n} message", "{n} messages", len(view.messages)).format(n=len(view.messages))),
    ]
    if view.order_id:
        ordered = _("with an order") + (f" ¥{view.paid_amount}" if view.paid_amount else "")
        said.append(f'<span title="{esc(view.order_id, quote=True)}">{esc(ordered)}</span>')
    return f'<div class="qa-about">{"".join(f"<span>{part}</span>" for part in said)}</div>'


def who(agent_name: str, tr: Translator) -> str:
    """The agent's name, or that nobody but the bot was there."""
    return agent_name or tr.gettext("bot only")


def platform(name: str, tr: Translator) -> str:
    """A platform's name as people say it."""
    known = {
        "kuaishou": tr.gettext("Kuaishou"),
        "taobao": tr.gettext("Taobao"),
        "tmall": tr.gettext("Tmall"),
        "jd": tr.gettext("JD"),
        "douyin": tr.gettext("Douyin"),
        "pdd": tr.gettext("Pinduoduo"),
        "pinduoduo": tr.gettext("Pinduoduo"),
    }
    return known.get(name.casefold(), name)


def rating_chip(value: RatingValue | None, tr: Translator) -> str:
    """The customer's rating as a word with its sign; nothing where there is none."""
    kinds = {RatingValue.SATISFIED: "good", RatingValue.NEUTRAL: "warn", RatingValue.DISAPPOINTED: "bad"}
    return chip(rating_word(value, tr), kinds[value]) if value else ""


def rating_word(value: RatingValue, tr: Translator) -> str:
    _ = tr.gettext
    words = {
        RatingValue.SATISFIED: _("satisfied"),
        RatingValue.NEUTRAL: _("neutral"),
        RatingValue.DISAPPOINTED: _("disappointed"),
    }
    return words[value]


def talk(view: ConversationView, tr: Translator, zone: str, *, focus: str = "", search: str = "") -> str:
    """The whole conversation. `focus` is the message that carries the finding in hand, `search` the words looked for."""
    parts, before = [earlier(view, tr, zone)] if view.earlier else [], ""
    for message in view.messages:
        answers = message.speaker in {Speaker.AGENT, Speaker.BOT}
        named = answers and message.speaker_name != before
        before = message.speaker_name if answers else before
        parts.append(gap(message, tr))
        parts.append(bubble(message, tr, zone, named=named, here=message.message_id == focus, search=search))
    return f'<div class="qa-talk">{"".join(parts)}</div>{ending(view, tr)}'


def bubble(
    message: MessageView, tr: Translator, zone: str, *, named: bool = True, here: bool = False, search: str = ""
) -> str:
    """One message with its marks. The customer is always on the left; who answers is named where it changes."""
    system = message.speaker == Speaker.SYSTEM
    at = "" if system else f"<time>{esc(tr.instant(message.sent_at, zone).rpartition(' ')[2])}</time>"
    who = f'<span class="who">{esc(speaker(message, tr))}</span>' if named else ""
    flags = "".join(flag(f, tr) for f in message.findings)
    return (
        f'<div class="qa-say {esc(message.speaker)}{" here" if here else ""}">{who}'
        f'<div class="line"><div class="text">{marked(message.text, message.findings, search)}</div>{at}</div>'
        + (f'<div class="flags">{flags}</div>' if flags else "")
        + "</div>"
    )


def speaker(message: MessageView, tr: Translator) -> str:
    _ = tr.gettext
    return {Speaker.CUSTOMER: _("Customer"), Speaker.BOT: _("Bot"), Speaker.SYSTEM: _("System")}.get(
        Speaker(message.speaker), message.speaker_name
    )


def flag(finding: FindingView, tr: Translator) -> str:
    name = finding.category_name.said(tr.language)
    return chip(name, {Verdict.CONFIRMED: "bad", None: "warn"}.get(finding.verdict, ""))


def marked(text: str, findings: Sequence[FindingView], search: str = "") -> str:
    """The text with the spans of findings marked, escaped piece by piece. Where spans overlap the graver word wins."""
    spans = [(f.start, f.end, _mark(f.verdict)) for f in findings if f.start is not None and f.end is not None]
    if search and not spans:
        spans = [(i, i + len(search), "searched") for i in range(len(text)) if text.startswith(search, i)]
    cuts = sorted({0, len(text), *(min(max(c, 0), len(text)) for a, b, _ in spans for c in (a, b))})
    out = []
    for a, b in pairwise(cuts):
        kinds = {kind for x, y, kind in spans if x <= a and b <= y}
        piece = esc(text[a:b])
        kind = next((k for k in ("confirmed", "open", "searched", "rejected") if k in kinds), None)
        out.append(f'<mark class="{kind}">{piece}</mark>' if kind else piece)
    return "".join(out)


def _mark(verdict: Verdict | None) -> str:
    return {Verdict.CONFIRMED: "confirmed", Verdict.REJECTED: "rejected", None: "open"}[verdict]


def gap(message: MessageView, tr: Translator) -> str:
    """Silence of a minute and more, said; three minutes and more before a person's answer stand out."""
    seconds = message.gap_seconds
    if seconds is None or seconds < SHOWN_GAP:
        return ""
    waited = message.speaker == Speaker.AGENT and seconds >= LONG_GAP
    said = tr.gettext("{time} later").format(time=tr.duration(seconds))
    return f'<div class="gap{" long" if waited else ""}">{esc(said)}</div>'


def earlier(view: ConversationView, tr: Translator, zone: str) -> str:
    """Contacts of the same customer within 72 hours, folded."""
    head = tr.ngettext("{n} earlier contact within 72 hours", "{n} earlier contacts within 72 hours", len(view.earlier))
    rows = "".join(
        f'<li><a href="/conversations?id={esc(e.conversation_id, quote=True)}" target="_self">{esc(tr.instant(e.ended_at, zone))}</a> · '
        f"{esc(who(e.agent_name, tr))} {rating_chip(e.rating, tr)}</li>"
        for e in view.earlier
    )
    return (
        f'<details class="qa-fold"><summary>{esc(head.format(n=len(view.earlier)))}</summary><ul>{rows}</ul></details>'
    )


def ending(view: ConversationView, tr: Translator) -> str:
    """What the customer said of it at the end."""
    _ = tr.gettext
    none, said = _("The customer gave no rating"), _("The customer’s rating")
    if view.rating is None:
        return f'<div class="qa-end">{esc(none)}</div>'
    reason = {"attitude": _("bad attitude")}.get(view.rating_reason or "", view.rating_reason or "")
    comment = f"<q>{esc(view.rating_comment)}</q>" if view.rating_comment else ""
    return f'<div class="qa-end">{esc(said)} {rating_chip(view.rating, tr)} {esc(reason)} {comment}</div>'


def finding_text(finding: FindingView, tr: Translator, *, short: bool = False) -> str:
    """A finding for judging: the words, the rule, why it matters, and the better line; short: words, rule and state."""
    kind = {Verdict.CONFIRMED: "confirmed", Verdict.REJECTED: "rejected"}.get(finding.verdict, "")
    _ = tr.gettext
    state = {
        Verdict.CONFIRMED: chip(_("confirmed"), "bad"),
        Verdict.REJECTED: chip(_("not a problem")),
        None: chip(_("to judge"), "warn"),
    }[finding.verdict]
    words = f"<q>{esc(finding.matched)}</q>" if finding.matched else ""
    head = f'<div class="qa-row">{words}<small>{esc(finding.name.said(tr.language))}</small>{state}</div>'
    if short:
        return f'<div class="qa-find {kind}">{head}</div>'
    better = f'<div class="better">{esc(finding.instead)}</div>' if finding.instead else ""
    return (
        f'<div class="qa-find {kind}">{head}<div class="why">{esc(finding.why.said(tr.language))}</div>{better}</div>'
    )
