"""Score and pay on the screen: the band on the tier scale, and a statement whose every line opens to its reasons."""

from html import escape as esc

from pages import _draw as draw
from qa.language import Translator
from qa.model import Appraisal, Policy, Scheme, Step, Tier
from qa.policy import in_force
from qa.report import standing, trace
from qa.views import AgentResult, BonusView, FindingView, ReviewView

EVIDENCE_SHOWN = 24


def scheme_of(policy: Policy, appraisal: Appraisal) -> Scheme:
    """The scheme an appraisal was made by; where it has gone from the policy, the one in force then."""
    made_by = (s for s in policy.schemes if (s.id, s.version) == (appraisal.scheme, appraisal.scheme_version))
    return next(made_by, None) or in_force(policy.schemes, appraisal.scheme_version)


def tier_of(policy: Policy, appraisal: Appraisal | None) -> Tier | None:
    return standing.tier_of(scheme_of(policy, appraisal), appraisal.tier) if appraisal else None


def tier_chip(policy: Policy, appraisal: Appraisal | None, tr: Translator) -> str:
    """The tier's name, and a sign where the interval protected it."""
    tier = tier_of(policy, appraisal)
    if appraisal is None or tier is None:
        return esc(tr.gettext("no tier"))
    why = tr.gettext("protected by the interval")
    shield = f' <small class="soft">{esc(why)}</small>' if appraisal.protected else ""
    return draw.chip(tier.name.said(tr.language), "brand") + shield


def scale(policy: Policy, result: AgentResult, tr: Translator) -> str:
    """Total points on the scale of tiers, as a band from the estimate to what the interval allows."""
    appraisal = result.appraisal
    if appraisal is None or appraisal.total is None:
        return ""
    tiers = scheme_of(policy, appraisal).tiers
    ends = [float(t.from_) for t in tiers[1:]] + [100.0]
    floor = min(float(tiers[1].from_) - 15 if len(tiers) > 1 else 0.0, float(appraisal.total) - 5)

    def at(points: float) -> float:
        return 100 * (min(100.0, max(floor, points)) - floor) / (100.0 - floor)

    bands = ""
    for tier, end in zip(tiers, ends, strict=True):
        start = max(floor, float(tier.from_))
        mine = " mine" if tier.id == appraisal.tier else ""
        bands += (
            f'<div class="tier{mine}" style="left:{at(start):.2f}%;width:{at(end) - at(start):.2f}%">'
            f"<span>{esc(tier.name.said(tr.language))}</span></div>"
        )
    total, high = float(appraisal.total), float(appraisal.total_high or appraisal.total)
    band = (
        f'<div class="band" style="left:{at(total):.2f}%;width:{at(high) - at(total):.2f}%"></div>'
        if high > total
        else ""
    )
    dot = f'<div class="dot" style="left:{at(total):.2f}%"><span>{esc(tr.number(appraisal.total, 1))}</span></div>'
    return f'<div class="qa-scale">{bands}{band}{dot}</div>'


def honest_sentence(policy: Policy, result: AgentResult, tr: Translator) -> str:
    """How sure the score is and how far the next tier, in one sentence."""
    _ = tr.gettext
    score, appraisal = result.score, result.appraisal
    if score.value is None:
        read = tr.ngettext("{n} conversation was read", "{n} conversations were read", score.n).format(n=score.n)
        said = _("{read}: too few for a score.").format(read=read)
    else:
        said = _("{n} conversations were read; the true level is probably between {low} and {high}.").format(
            n=score.n, low=tr.number(score.low), high=tr.number(score.high)
        )
    tier = tier_of(policy, appraisal)
    if appraisal is None or tier is None:
        return said
    scheme = scheme_of(policy, appraisal)
    total, name = tr.number(appraisal.total, 1), tier.name.said(tr.language)
    estimated = standing.tier_of(scheme, appraisal.tier_by_estimate)
    if appraisal.protected and estimated is not None:
        here = _("{total} points would be {estimated}; because so few were read, {tier} counts.")
        return f"{said} {here.format(total=total, estimated=estimated.name.said(tr.language), tier=name)}"
    missing, above = standing.missing_points(scheme, appraisal), standing.tier_above(scheme, appraisal.tier)
    if missing is None or above is None:
        here = _("{total} points: {tier}.")
        return f"{said} {here.format(total=total, tier=name)}"
    here = _("{total} points: {tier}, {points} more to {next}.")
    return (
        f"{said} {here.format(total=total, tier=name, points=tr.number(missing, 1), next=above.name.said(tr.language))}"
    )


def kpis(policy: Policy, appraisal: Appraisal, tr: Translator) -> str:
    """KPIs with value, n, points and weight."""
    _ = tr.gettext
    scheme = scheme_of(policy, appraisal)
    rows = []
    for result in appraisal.kpis:
        kpi = standing.kpi_named(scheme, result.kpi)
        value = tr.figure(result.value, kpi.unit)
        n = f' <small class="soft">n={esc(tr.number(result.n))}</small>' if result.value is not None else ""
        rows.append(
            [
                esc(kpi.name.said(tr.language)),
                esc(value) + n,
                esc(tr.number(result.points, 1)),
                esc(tr.number(result.weight)),
                draw.interval(
                    None if result.points is None else 0.0, _float(result.points), _float(result.points), None
                ),
            ]
        )
    return draw.table([_("KPI"), _("Figure"), _("Points"), _("Weight"), ""], rows, right=frozenset({1, 2, 3}))


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))


def statement(view: BonusView, tr: Translator) -> str:
    """The lines of a bonus statement; each opens to its steps, each step to its messages."""
    _ = tr.gettext
    lines = ""
    for traced in trace.statement(view):
        steps = "".join(f"<li>{_step(s.step, tr)}</li>" for s in traced.steps)
        lines += (
            f'<details class="qa-line"><summary><span>{esc(traced.line.label.said(tr.language))}</span>'
            f'<b class="num">{esc(tr.money(traced.line.amount))}</b></summary><ul class="qa-steps">{steps}</ul></details>'
        )
    name = _("Bonus")
    total = f'<div class="qa-line total"><span>{esc(name)}</span><b class="num">{esc(tr.money(view.bonus.amount))}</b></div>'
    return f'<div class="qa-statement">{lines}{total}</div>'


def _step(step: Step, tr: Translator) -> str:
    return f"{esc(step.sentence.said(tr.language))}<small class='soft'>{esc(step.policy)}</small>{evidence(step.evidence, tr)}"


def evidence(ids: tuple[str, ...], tr: Translator) -> str:
    """Links to the conversations behind a step; ids read conversation or conversation/message."""
    places = list(dict.fromkeys(each.partition("/")[0] for each in ids))
    if len(places) == 1:
        name = esc(tr.gettext("Read the conversation"))
        return f'<div class="qa-evidence"><a class="one" href="/conversations?id={esc(places[0], quote=True)}" target="_blank">{name}</a></div>'
    links = " ".join(
        f'<a href="/conversations?id={esc(place, quote=True)}" target="_blank">{number}</a>'
        for number, place in enumerate(places[:EVIDENCE_SHOWN], start=1)
    )
    if not links:
        return ""
    more = f" +{len(places) - EVIDENCE_SHOWN}" if len(places) > EVIDENCE_SHOWN else ""
    name = tr.gettext("Conversations")
    return f'<div class="qa-evidence"><small>{esc(name)}</small> {links}{more}</div>'


def review(view: ReviewView, tr: Translator, zone: str) -> str:
    """One review: score, levels in words, note."""
    none = tr.gettext("not applicable")
    levels = "".join(
        f"<li><span>{esc(r.criterion.said(tr.language))}</span> {_level(r.words.said(tr.language) if r.words else none, r.level, r.top)}</li>"
        for r in view.ratings
    )
    who = f" · {esc(view.reviewer_name)}" if view.reviewer_name else ""
    note = f'<p class="note">{esc(view.note)}</p>' if view.note else ""
    score = esc(tr.number(None if view.score is None else float(view.score), 1))
    return (
        f'<details class="qa-line"><summary><span>{esc(tr.instant(view.at, zone))}{who}</span><b class="num">{score}</b></summary>'
        f'<ul class="qa-levels">{levels}</ul>{note}{evidence((view.conversation_id,), tr)}</details>'
    )


def _level(words: str, level: int | None, top: int) -> str:
    kind = "" if level is None else "good" if level == top else "bad" if level == 0 else "warn"
    return draw.chip(words, kind)


def reminder(finding: FindingView, tr: Translator, zone: str) -> str:
    """A finding as an agent reads it: the sentence, why it matters, the better line."""
    state = (
        draw.chip(tr.gettext("confirmed"), "bad")
        if finding.verdict
        else draw.chip(tr.gettext("not judged yet; counts for nothing"))
    )
    better = f'<div class="better">{esc(finding.instead)}</div>' if finding.instead else ""
    return (
        f'<div class="qa-find {"confirmed" if finding.verdict else ""}"><div class="qa-row"><q>{esc(finding.text or finding.matched)}</q>{state}'
        f"<small class='soft'>{esc(tr.instant(finding.sent_at, zone))}</small></div>"
        f'<div class="why">{esc(finding.why.said(tr.language))}</div>{better}{evidence((finding.conversation_id,), tr)}</div>'
    )
