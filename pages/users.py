"""People and accounts: who may sign in, as what."""

import streamlit as st

from pages import _draw as draw
from pages._desk import ROLES, accounts, require_role, speech, workspace
from qa.access import ALL_TEAMS
from qa.lookup import Roster
from qa.model import Refusal, Role, User

actor = require_role(Role.ADMIN)
ws, tr = workspace(), speech(actor)
_ = tr.gettext

agents = {a.agent_id: a for a in Roster.of(ws).agents(ws.today())}
teams = sorted({a.team for a in agents.values() if a.team})
users = accounts().list_users(actor)


def link_for(user: User) -> str:
    address = str(st.context.url or "").partition("://")
    host = f"{address[0]}://{address[2].partition('/')[0]}" if address[2] else ""
    return f"{host}/welcome?token={accounts().invite(require_role(Role.ADMIN), user.user_id)}"


def said(refusal: Refusal) -> None:
    st.error(refusal.sentence(_), icon=":material/block:")


@st.dialog(_("Add an account"))
def add() -> None:
    adding = require_role(Role.ADMIN)
    role = st.segmented_control(
        _("Role"), list(ROLES), format_func=lambda r: _(ROLES[r]), default=Role.SUPERVISOR, required=True
    )
    agent = None
    if role is Role.AGENT:
        agent = st.selectbox(
            _("Agent"),
            list(agents),
            index=None,
            format_func=lambda a: agents[a].name,
            placeholder=_("choose the agent"),
        )
    name = st.text_input(_("Name"), value=agents[agent].name if agent else "", key=f"name/{agent}")
    login = st.text_input(_("Sign-in name"), key="login")
    seen = []
    if role is Role.SUPERVISOR:
        seen = st.multiselect(
            _("Teams"),
            [ALL_TEAMS, *teams],
            format_func=lambda t: _("all teams") if t == ALL_TEAMS else t,
            placeholder=_("which teams"),
        )
    if st.button(_("Add and make the link"), type="primary", key="make"):
        try:
            user = accounts().add_user(adding, login, name, Role(role), agent_id=agent, teams=seen)
            st.session_state["link"] = (user.name, link_for(user))
        except Refusal as refusal:
            said(refusal)
        else:
            st.rerun()


left, right = st.columns([7, 2], vertical_alignment="center")
with left:
    draw.heading(_("People and accounts"), _("Each person has an account of their own and sets the password alone"))
if right.button(_("Add an account"), type="primary", width="stretch", icon=":material/person_add:", key="add"):
    add()

if "link" in st.session_state:
    name, link = st.session_state["link"]
    with st.container(border=True):
        draw.section(
            _("One-time link for {name}").format(name=name),
            _("Hand it over in person; it sets the password once and ends after three days."),
        )
        draw.put(f'<span class="qa-link">{draw.esc(link)}</span>')
        if st.button(_("Done")):
            del st.session_state["link"]
            st.rerun()


names = {u.user_id: f"{u.name} · {u.login}" for u in users}
who, new, close = st.columns([5, 2, 2], vertical_alignment="bottom")
chosen = who.selectbox(
    _("Account"),
    list(names),
    index=None,
    format_func=names.__getitem__,
    placeholder=_("choose an account"),
    label_visibility="collapsed",
)
user = next((u for u in users if u.user_id == chosen), None)
try:
    if new.button(_("New link"), disabled=user is None or user.disabled, width="stretch") and user:
        st.session_state["link"] = (user.name, link_for(user))
        st.rerun()
    if user is not None and user.disabled:
        if close.button(_("Open again"), width="stretch"):
            accounts().enable(require_role(Role.ADMIN), user.user_id)
            st.rerun()
    elif close.button(_("Close account"), disabled=user is None, width="stretch") and user:
        accounts().disable(require_role(Role.ADMIN), user.user_id)
        st.rerun()
except Refusal as refusal:
    said(refusal)


def row(user: User) -> list[str]:
    reach = "、".join(_("all teams") if t == ALL_TEAMS else t for t in sorted(user.teams))
    state = draw.chip(_("disabled"), "bad") if user.disabled else draw.chip(_("active"), "good")
    role = _(ROLES[user.role]) if user.role in ROLES else user.role
    return [
        draw.esc(user.name),
        f'<span class="soft">{draw.esc(user.login)}</span>',
        draw.esc(role),
        draw.esc(reach),
        state,
    ]


filtered = st.segmented_control(
    _("Role"), list(ROLES), format_func=lambda r: _(ROLES[r]), key="shown", label_visibility="collapsed"
)
shown = [u for u in users if filtered in {None, u.role}]
if shown:
    draw.put(draw.table([_("Name"), _("Sign-in name"), _("Role"), _("Teams"), _("Account")], [row(u) for u in shown]))
else:
    draw.empty(_("Nobody of this role yet"), _("Add an account above."))
