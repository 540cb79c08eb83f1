"""Today: what needs a supervisor this morning?"""

from datetime import date
from html import escape

import streamlit as st

from pages import _draw as draw
from pages._desk import CONVERSATIONS, REVIEW, SCREENS, current, require_role, speech, workspace
from qa import reads
from qa.model import Role
from qa.views import AgentDay

actor = require_role(Role.SUPERVISOR)
ws, tr = workspace(), speech(actor)
_ = tr.gettext

known = reads.days(ws, actor)
if not known:
    draw.heading(_("Today"))
    draw.empty(
        _("No chat logs yet"),
        _("An administrator imports yesterday's exports under Import; then this page fills itself."),
    )
    st.stop()

wanted = st.query_params.get("day", "")
chosen = next((d for d in known if d.isoformat() == wanted), None)
view = reads.today(ws, actor, chosen)
files = {screen.path: screen.file for screen in SCREENS[actor.role]}


def change_day() -> None:
    if current() is not None:
        day: date = st.session_state["today/day"]
        st.query_params["day"] = day.isoformat()


left, middle, right = st.columns([5, 2, 3], vertical_alignment="center")
with left:
    draw.heading(draw.day_title(view.day, ws.today(), tr))
with middle:
    st.selectbox(
        _("Day"),
        known,
        index=known.index(view.day),
        format_func=tr.day,
        key="today/day",
        on_change=change_day,
        placeholder=_("Day"),
        label_visibility="collapsed",
    )
with right:
    start = tr.ngettext(
        "Start with {n} conversation · about {m} min", "Start with {n} conversations · about {m} min", view.to_review
    )
    if view.to_review and st.button(
        start.format(n=view.to_review, m=view.minutes), type="primary", width="stretch", icon=":material/play_arrow:"
    ):
        st.switch_page(REVIEW.file)
    if not view.to_review:
        draw.soft(_("Nothing is left to review"))

draw.cards(
    [
        *(draw.metric_card(card, tr) for card in view.cards),
        draw.plain_card(
            _("Findings to judge"), tr.number(view.to_judge), _("of that day; only what a person confirms counts")
        ),
    ]
)

if view.attention:
    draw.section(_("Look here first"))
    with st.container(border=True, key="look"):
        for number, item in enumerate(view.attention, start=1):
            text, button = st.columns([9, 2], vertical_alignment="center")
            with text:
                draw.put(draw.attention(number, item, tr))
            with button:
                if st.button(draw.label(item.button.said(tr.language)), key=f"look-{number}", width="stretch"):
                    st.switch_page(files[item.page], query_params=dict(item.query))

draw.section(_("Agents"), _("people with bad ratings first; the score is that of the month so far"))
if not view.agents:
    draw.empty(_("Nobody of your teams worked on that day"), _("Choose another day above."))
    st.stop()


def row(agent: AgentDay) -> list[str]:
    link = f"/{CONVERSATIONS.path}?day={view.day.isoformat()}&agent={escape(agent.agent_id, quote=True)}"
    return [
        f'<a href="{link}" target="_self">{escape(agent.name)}</a> <small class="soft">{escape(agent.team or "")}</small>',
        tr.number(agent.conversations),
        tr.seconds(agent.first_response, 0),
        tr.percent(agent.reply_3m, 0),
        f"{tr.number(agent.satisfied)} / {tr.number(agent.rated)}" if agent.rated else escape(_("no ratings")),
        draw.chip(tr.number(agent.bad), "bad") if agent.bad else "",
        tr.number(agent.confirmed) if agent.confirmed else "",
        draw.chip(tr.number(agent.to_judge), "warn") if agent.to_judge else "",
        draw.score(agent.score, tr),
        draw.interval(agent.score.low, agent.score.high, agent.score.value, None),
    ]


draw.put(
    draw.table(
        [
            _("Agent"),
            _("Conversations"),
            _("First response"),
            _("Within 3 min"),
            _("Satisfied / rated"),
            _("Bad"),
            _("Confirmed"),
            _("To judge"),
            _("QA score (95 % interval)"),
            "",
        ],
        [row(agent) for agent in view.agents],
        right=frozenset({1, 2, 3, 4, 5, 6, 7}),
    )
)
