"""What every page begins with: the workspace, who is signed in, and in which language."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

import streamlit as st

from pages import _draw as draw
from qa import reads
from qa.accounts import Accounts
from qa.language import Translator, translator
from qa.model import N_, Actor, Period, Role
from qa.workspace import Workspace


@dataclass(frozen=True)
class Screen:
    """A page in the navigation: its path in the address, its file, its title and its sign."""

    path: str
    file: str
    title: str
    icon: str


TODAY = Screen("today", "today.py", N_("Today"), ":material/wb_sunny:")
REVIEW = Screen("review", "review.py", N_("Review desk"), ":material/rate_review:")
CONVERSATIONS = Screen("conversations", "conversations.py", N_("Conversations"), ":material/forum:")
RESULTS = Screen("results", "results.py", N_("Results"), ":material/insights:")
MONTH = Screen("month", "month.py", N_("Month"), ":material/calendar_month:")
BONUS = Screen("bonus", "bonus.py", N_("Bonus"), ":material/payments:")
MY_MONTH = Screen("my", "my_month.py", N_("My month"), ":material/person:")
LOADS = Screen("import", "loads.py", N_("Import"), ":material/upload_file:")
USERS = Screen("users", "users.py", N_("People and accounts"), ":material/group:")

ROLES = {
    Role.SUPERVISOR: N_("Supervisor"),
    Role.HR: N_("HR"),
    Role.AGENT: N_("Agent"),
    Role.ADMIN: N_("Administrator"),
}

SCREENS: dict[Role, tuple[Screen, ...]] = {
    Role.SUPERVISOR: (TODAY, REVIEW, CONVERSATIONS, RESULTS),
    Role.HR: (MONTH, RESULTS, BONUS, CONVERSATIONS),
    Role.AGENT: (MY_MONTH, CONVERSATIONS),
    Role.ADMIN: (LOADS, USERS),
}
"""The first one is where a person of this role begins."""


@cache
def workspace() -> Workspace:
    """The one workspace of this process, named by QA_HOME."""
    return Workspace.open(Path(os.environ.get("QA_HOME", "workspace")))


@cache
def accounts() -> Accounts:
    return Accounts(workspace())


def current() -> Actor | None:
    """Who sits at this browser, read from the records now; `st.user` only says which sign-in to look up."""
    user = st.user.to_dict()
    actor = accounts().actor_of(str(user.get("signin") or ""))
    return actor if actor is not None and actor.user_id == user.get("user_id") else None


def require_role(*roles: Role) -> Actor:
    """The actor, if signed in with one of these roles right now; else say so and stop."""
    actor = current()
    if actor is None:
        _signed_out()
    if roles and actor.role not in roles:
        _ = translator(actor.language).gettext
        st.error(_("This page is not open to you."), icon=":material/lock:")
        st.stop()
    return actor


def speech(actor: Actor) -> Translator:
    """The words of the actor's language."""
    return translator(actor.language)


def _signed_out() -> NoReturn:
    _ = translator("zh").gettext
    out, again = N_("You are signed out"), _("Sign in again")
    st.html(
        f'<div class="qa-out"><h2>{_(out)}</h2><p>{out}</p><a class="qa-button" href="/signin" target="_self">{again}</a></div>'
    )
    st.stop()


def choose_period(ws: Workspace, actor: Actor, title: str, *, small: bool = False, over: bool = False) -> str:
    """The page's heading with the month beside it; the month is kept in the address. No month with data: say so, stop.

    Begins with the newest month, or with `over` the newest that has ended.
    """
    tr = speech(actor)
    _ = tr.gettext
    known = reads.periods(ws, actor)
    if not known:
        draw.heading(title)
        draw.empty(_("No chat logs yet"), _("An administrator imports the exports of your shops under Import."))
        st.stop()
    ended = [name for name in known if over and Period.named(name).end <= ws.today()]
    wanted = st.query_params.get("period", next(iter(ended), ""))
    left, right = st.columns([7, 2], vertical_alignment="center")
    with left:
        if title:
            (draw.section if small else draw.heading)(title)
    with right:
        st.selectbox(
            _("Month"),
            known,
            index=known.index(wanted) if wanted in known else 0,
            format_func=tr.month,
            key="period",
            on_change=_keep_period,
            placeholder=_("Month"),
            label_visibility="collapsed",
        )
    return str(st.session_state["period"])


def _keep_period() -> None:
    st.query_params["period"] = st.session_state["period"]
