"""Month: can I close it? Five stations, what the month costs, and what stands in the way."""

from decimal import Decimal

import streamlit as st

from pages import _draw as draw
from pages import _pay
from pages._desk import accounts, choose_period, current, require_role, speech, workspace
from qa import charts, pipeline, reads
from qa.model import Actor, Refusal, Role

actor = require_role(Role.HR)
ws, tr = workspace(), speech(actor)
_ = tr.gettext

period = choose_period(ws, actor, _("Month"), over=True)
view = reads.month(ws, actor, period)


def second_person(login: str, password: str) -> Actor:
    """The second person proves who they are, here and now; nothing of it is kept."""
    user = accounts().verify(login, password)
    return Actor(user.user_id, user.name, user.role, user.agent_id, user.teams, user.language)


@st.dialog(_("Close {month}").format(month=tr.month(period)))
def close_month() -> None:
    closing = require_role(Role.HR)
    said = (
        _("From then on scores, tiers, bonus lines, policy versions, roster and samples of the month never change."),
        _("What comes later is a correction in a later month that names what it corrects."),
        _("First: {name}").format(name=closing.name),
    )
    draw.put("".join(f"<p>{draw.esc(sentence)}</p>" for sentence in said))
    with st.form("close", border=False):
        login = st.text_input(_("Second person: sign-in name"))
        password = st.text_input(_("Second person: password"), type="password")
        if st.form_submit_button(_("Close for good"), type="primary"):
            try:
                pipeline.close(ws, closing, second_person(login, password), period)
            except Refusal as refusal:
                st.error(refusal.sentence(_))
            else:
                st.rerun()


def station(name: str, state: str, sentence: str) -> str:
    return f'<div class="qa-station {draw.esc(state)}"><b>{draw.esc(name)}</b><p>{draw.esc(sentence)}</p></div>'


stations = "".join(station(s.name.said(tr.language), s.state, s.sentence.said(tr.language)) for s in view.stations)
line, act = st.columns([8, 2], vertical_alignment="center")
with line:
    draw.put(f'<div class="qa-stations">{stations}</div>')

if view.closed_hash:
    draw.soft(_("Closed and frozen; its digest:"))
    draw.put(f'<span class="qa-link">{draw.esc(view.closed_hash)}</span>')
else:
    wrong = draw.chip(_("does not add up"), "bad")
    for fault in view.faults[:5]:
        draw.put(f"{wrong} {draw.esc(fault)}")
    if act.button(_("Close the month"), type="primary", width="stretch", disabled=bool(view.faults)) and current():
        close_month()

cards = [draw.value_card(v, tr) for v in view.metrics if v.metric.threshold is not None]
if view.total is not None:
    people = tr.ngettext("{n} person", "{n} people", len(view.results)).format(n=len(view.results))
    cards.insert(0, draw.plain_card(_("Cost of the month"), tr.money(Decimal(view.total)), people))
draw.cards(cards)

thin = [p for p in view.results if p.score.value is None]
protected = [p for p in view.results if p.appraisal and p.appraisal.protected]
left, right = st.columns([7, 4], gap="large")
with left:
    draw.section(_("Scores with their intervals"), _("whose intervals overlap cannot be told apart"))
    if len(thin) == len(view.results):
        draw.empty(_("No scores yet"), _("They come when enough conversations of each person have been reviewed."))
    else:
        figure = charts.league(view.results, language=actor.language, dark=draw.dark())
        st.plotly_chart(figure, width="stretch", config=charts.CONFIG, key="league")
with right:
    draw.section(_("Who needs a look"))
    for person in thin:
        draw.put(f"<p><b>{draw.esc(person.name)}</b> · {draw.score(person.score, tr)}</p>")
    for person in protected:
        draw.put(f"<p><b>{draw.esc(person.name)}</b> · {_pay.tier_chip(ws.policy, person.appraisal, tr)}</p>")
    if not thin and not protected:
        draw.empty(_("Nobody"), _("Everybody has enough evidence, and no tier hangs on an interval."))
