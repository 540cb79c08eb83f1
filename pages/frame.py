"""The picture frame: who is signed in, in which language, and which pages there are for this role."""

from html import escape

import streamlit as st

from pages import _draw as draw
from pages._desk import ROLES, SCREENS, accounts, current, require_role, speech, workspace
from qa.model import Refusal

LANGUAGES = {"zh": "中文", "en": "English"}


def choose_language() -> None:
    actor, language = current(), st.session_state.get("language")
    if actor is not None and language:
        accounts().set_language(actor, language)


st.set_page_config(page_title="QA Desk", page_icon=str(draw.ICON), layout="wide", initial_sidebar_state=236)
draw.style()
actor = require_role()
tr = speech(actor)
_ = tr.gettext
product, leave = _("QA Desk"), _("Sign out")

page = st.navigation(
    [
        st.Page(screen.file, title=_(screen.title), icon=screen.icon, url_path=screen.path, default=first == 0)
        for first, screen in enumerate(SCREENS[actor.role])
    ]
)
st.set_page_config(page_title=f"{page.title} · {product}", page_icon=str(draw.ICON), layout="wide")
st.logo(draw.wordmark(product), size="large", icon_image=str(draw.ICON))

st.html(draw.renamed('[data-testid="stSkipToContent"]', _("Skip to the content")))

with st.sidebar, st.container(key="me"):
    if workspace().made_up:
        draw.put(draw.made_up(tr))
    draw.put(
        f'<div class="qa-me"><b>{escape(actor.name)}</b><br>{escape(_(ROLES[actor.role]))} · {escape(workspace().house)}</div>'
    )
    st.segmented_control(
        _("Language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        default=actor.language,
        key="language",
        on_change=choose_language,
        label_visibility="collapsed",
        required=True,
    )
    draw.put(f'<form class="qa-signout" method="post" action="/signout"><button>{escape(leave)}</button></form>')

try:
    page.run()
except Refusal as refusal:
    st.error(refusal.sentence(_), icon=":material/block:")
