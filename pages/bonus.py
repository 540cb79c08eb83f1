"""Bonus: what does everybody get, and why? Every line opens to its reasons, every reason to its messages."""

import streamlit as st

from pages import _draw as draw
from pages import _pay
from pages._desk import choose_period, current, require_role, speech, workspace
from qa import reads
from qa.model import Role
from qa.views import BonusView

actor = require_role(Role.HR)
ws, tr = workspace(), speech(actor)
_ = tr.gettext

period = choose_period(ws, actor, _("Bonus"), over=True)
views = reads.bonuses(ws, actor, period)
if not views:
    draw.empty(_("No bonus in this month"), _("It needs people with conversations in the month."))
    st.stop()


def open_person() -> None:
    if current() is not None and st.session_state.get("payee"):
        st.query_params["agent"] = st.session_state["payee"]


def said_of(view: BonusView) -> str:
    tier = _pay.tier_of(ws.policy, view.appraisal)
    name = tier.name.said(tr.language) if tier else _("no tier")
    return draw.label(f"{tr.money(view.bonus.amount)} · {name}")


by_id = {v.agent_id: v for v in views}
asked = st.query_params.get("agent", "")
people, sheet = st.columns([3, 7], gap="medium")
with people, st.container(key="people"):
    total = tr.ngettext("{n} person", "{n} people", len(views)).format(n=len(views))
    draw.soft(total)
    if st.session_state.get("payee") not in by_id:
        st.session_state["payee"] = asked if asked in by_id else views[0].agent_id
    labels = draw.told_apart({v.agent_id: v.name for v in views})
    with st.container(height=680, border=False, key="queue-list"):
        st.radio(
            _("Person"),
            list(by_id),
            format_func=labels.__getitem__,
            captions=[said_of(v) for v in views],
            key="payee",
            on_change=open_person,
            label_visibility="collapsed",
            width="stretch",
        )
view = by_id[st.session_state["payee"]]
with sheet:
    state = draw.chip(_("closed"), "good") if view.closed else draw.chip(_("not closed yet"))
    points = _("{total} points").format(total=tr.number(view.appraisal.total, 1))
    draw.put(
        f"<h2>{draw.esc(view.name)} <small>{draw.esc(view.team or '')}</small> {state}</h2>"
        f'<p class="soft">{draw.esc(points)} · '
        f"{_pay.tier_chip(ws.policy, view.appraisal, tr)}</p>"
    )
    draw.put(_pay.statement(view, tr))
    draw.section(_("KPI points"))
    draw.put(_pay.kpis(ws.policy, view.appraisal, tr))
    to_print = _("Statement to print")
    draw.put(
        f'<p class="qa-row"><a href="/download/report/bonus/{period}.html?agent={draw.esc(view.agent_id, quote=True)}" target="_blank">'
        f"{draw.esc(to_print)}</a> "
        f'<a href="/download/report/bonus/{period}.pdf?agent={draw.esc(view.agent_id, quote=True)}" target="_blank">PDF</a></p>'
    )
