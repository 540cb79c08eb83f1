"""Results: how did everybody do this month, and how sure is that?"""

from collections.abc import Callable

import streamlit as st

from pages import _draw as draw
from pages import _pay
from pages._desk import choose_period, current, require_role, speech, workspace
from qa import charts, reads
from qa.model import Role
from qa.views import AgentResult, MetricValue

SHOWN = ("good_rating_rate", "bad_attitude_share", "reply_rate_3m", "first_response")

actor = require_role(Role.SUPERVISOR, Role.HR)
ws, tr = workspace(), speech(actor)
_ = tr.gettext

period = choose_period(ws, actor, _("Results"))
people = reads.results(ws, actor, period)
if not people:
    draw.empty(_("No results in this month"), _("Results come with conversations, reviews and judged findings."))
    st.stop()


def open_person() -> None:
    if current() is None:
        return
    if st.session_state.get("person"):
        st.query_params["agent"] = st.session_state["person"]
    else:
        st.query_params.pop("agent", None)


def cell(value: MetricValue | None) -> str:
    if value is None or value.value is None:
        return f'<span class="soft">{draw.esc(tr.missing())}</span>'
    sign = {True: "", False: ' <span class="qa-chip bad">✕</span>', None: ""}[value.meets]
    small = (
        f' <small class="soft">n={draw.esc(tr.number(value.denominator))}</small>'
        if value.metric.unit == "share"
        else ""
    )
    return draw.esc(tr.figure(value.value, value.metric.unit)) + small + sign


def row(person: AgentResult) -> list[str]:
    of = {v.metric.id: v for v in person.metrics}
    link = f"/results?period={period}&agent={draw.esc(person.agent_id, quote=True)}"
    return [
        f'<a href="{link}" target="_self">{draw.esc(person.name)}</a> <small class="soft">{draw.esc(person.team or "")}</small>',
        draw.score(person.score, tr),
        *(cell(of.get(name)) for name in SHOWN),
        tr.number(person.confirmed) if person.confirmed else "",
        draw.chip(tr.number(person.to_judge), "warn") if person.to_judge else "",
        _pay.tier_chip(ws.policy, person.appraisal, tr),
    ]


def person_part(person: AgentResult) -> None:
    """One person: score, KPIs, reviews."""
    draw.put(
        f"<h2>{draw.esc(person.name)} <small>{draw.esc(person.team or '')}</small></h2>"
        f"<p>{draw.esc(_pay.honest_sentence(ws.policy, person, tr))}</p>{_pay.scale(ws.policy, person, tr)}"
    )
    if person.appraisal:
        draw.put(_pay.kpis(ws.policy, person.appraisal, tr))
    given = reads.reviews(ws, actor, period, person.agent_id)
    draw.section(_("Reviews"))
    if given:
        draw.put(f'<div class="qa-reviews">{"".join(_pay.review(r, tr, ws.zone) for r in given)}</div>')
    else:
        draw.empty(_("Nobody has reviewed this person yet"), _("A draw assigns conversations to reviewers."))


names = {p.agent_id: p.name for p in people}
labels = draw.told_apart(names)
asked = st.query_params.get("agent")
if st.session_state.get("person") not in names:
    st.session_state["person"] = asked if asked in names else None
who, order = st.columns([6, 5], vertical_alignment="center")
who.selectbox(
    _("Person"),
    list(names),
    index=None,
    key="person",
    format_func=labels.__getitem__,
    placeholder=_("everybody; choose a person for the details"),
    label_visibility="collapsed",
    on_change=open_person,
)
chosen = next((p for p in people if p.agent_id == st.session_state["person"]), None)
if chosen is not None:
    person_part(chosen)
    st.stop()

ORDERS: dict[str, tuple[str, Callable[[AgentResult], tuple[float, str]]]] = {
    "team": (_("by team"), lambda p: (0.0, f"{p.team or ''} {p.name}")),
    "low": (_("lowest score first"), lambda p: (101.0 if p.score.value is None else p.score.value, p.name)),
    "open": (_("most to judge first"), lambda p: (-p.to_judge, p.name)),
}
by = order.segmented_control(
    _("Order"),
    list(ORDERS),
    default="team",
    format_func=lambda o: ORDERS[o][0],
    label_visibility="collapsed",
    required=True,
)
people = tuple(sorted(people, key=ORDERS[by or "team"][1]))
names_of = {v.metric.id: v.metric.name.said(tr.language) for p in people for v in p.metrics}
draw.put(
    draw.table(
        [
            _("Agent"),
            _("QA score (95 % interval)"),
            *(names_of.get(name, "") for name in SHOWN),
            _("Confirmed"),
            _("To judge"),
            _("Tier"),
        ],
        [row(p) for p in people],
        right=frozenset({2, 3, 4, 5, 6, 7}),
    )
)
if any(p.score.value is not None for p in people):
    st.plotly_chart(
        charts.league(people, language=actor.language, dark=draw.dark()),
        width="stretch",
        config=charts.CONFIG,
        key="league",
    )
