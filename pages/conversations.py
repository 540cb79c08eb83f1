"""Conversations: find one, read it, judge what the rules found. Every conversation has an address."""

from datetime import date

import streamlit as st

from pages import _draw as draw
from pages import _talk
from pages._desk import current, require_role, speech, workspace
from qa import casework, reads
from qa.access import Action, may
from qa.model import Role, Verdict
from qa.views import FindingView, WorkItem

HEIGHT = 700
LIMIT = 60

actor = require_role(Role.SUPERVISOR, Role.HR, Role.AGENT)
ws, tr = workspace(), speech(actor)
_ = tr.gettext
asked = st.query_params
wanted = asked.get("id", "")


def note(name: str, empty: object = None) -> None:
    """Keep a filter in the address and close the conversation that is open."""
    if current() is None:
        return
    value = st.session_state.get(f"search/{name}")
    if value in (None, "", False, empty):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = "1" if value is True else value.isoformat() if isinstance(value, date) else str(value)
    for key in ("id", "category"):
        st.query_params.pop(key, None)


def open_one(conversation_id: str) -> None:
    st.query_params["id"] = conversation_id


def judge(finding: FindingView, verdict: Verdict) -> None:
    judging = current()
    if judging is not None:
        casework.judge_finding(ws, judging, finding.finding_id, verdict)


def verdict_buttons(finding: FindingView, *, keys: bool) -> None:
    """Two words for a finding; the one in hand listens to Y and N."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("Confirm"),
            key=f"yes/{finding.finding_id}",
            on_click=judge,
            args=(finding, Verdict.CONFIRMED),
            shortcut="Y" if keys else None,
            disabled=finding.verdict is Verdict.CONFIRMED,
        )
        st.button(
            _("Not a problem"),
            key=f"no/{finding.finding_id}",
            on_click=judge,
            args=(finding, Verdict.REJECTED),
            shortcut="N" if keys else None,
            disabled=finding.verdict is Verdict.REJECTED,
        )


def reading(conversation_id: str) -> None:
    """The reading view. For those who may judge, the next open finding stands on top and the judged ones at the end."""
    view = reads.conversation(ws, actor, conversation_id)
    found = [*(f for m in view.messages for f in m.findings), *view.whole_findings]
    found.sort(key=lambda f: f.category != asked.get("category", f.category))
    judges = may(actor, Action.FINDING_JUDGE)
    in_hand = next((f for f in found if judges and f.verdict is None), None)
    draw.put(_talk.about(view, tr, ws.zone, ws.today()))
    if in_hand is not None:
        draw.put(_talk.finding_text(in_hand, tr))
        verdict_buttons(in_hand, keys=True)
    with st.container(key="open" if in_hand else "calm"), st.container(height=HEIGHT, border=True, key="talk"):
        draw.put(
            _talk.talk(
                view, tr, ws.zone, focus=(in_hand.message_id or "") if in_hand else "", search=asked.get("text", "")
            )
        )
        for finding in found:
            if finding is in_hand:
                continue
            draw.put(_talk.finding_text(finding, tr))
            if judges:
                verdict_buttons(finding, keys=False)


if not may(actor, Action.CONVERSATION_SEARCH):
    draw.heading(_("Conversations"))
    if wanted:
        reading(wanted)
    else:
        draw.empty(
            _("Conversations open from their evidence"),
            _("Follow a finding, a review or a line of a statement; what does not count is not open here."),
        )
    st.stop()

days = reads.days(ws, actor)
people = {r.agent_id: r.name for r in reads.results(ws, actor, reads.periods(ws, actor)[0])} if days else {}
for name, value in (
    ("text", asked.get("text", "")),
    ("agent", asked.get("agent") if asked.get("agent") in people else None),
    ("day", next((d for d in days if d.isoformat() == asked.get("day")), None)),
    ("bad", asked.get("bad") == "1"),
):
    st.session_state.setdefault(f"search/{name}", value)
if st.session_state["search/agent"] not in people:
    st.session_state["search/agent"] = None

draw.heading(_("Conversations"))
words, agent, day, bad = st.columns([5, 3, 3, 2.4], vertical_alignment="center")
words.text_input(
    _("Words"),
    key="search/text",
    placeholder=_("words in the conversation"),
    label_visibility="collapsed",
    on_change=note,
    args=("text",),
    icon=":material/search:",
)
agent.selectbox(
    _("Agent"),
    list(people),
    index=None,
    key="search/agent",
    format_func=draw.told_apart(people).__getitem__,
    placeholder=_("all agents"),
    label_visibility="collapsed",
    on_change=note,
    args=("agent",),
)
day.selectbox(
    _("Day"),
    days,
    index=None,
    key="search/day",
    format_func=tr.long_day,
    placeholder=_("all days"),
    label_visibility="collapsed",
    on_change=note,
    args=("day",),
)
bad.toggle(_("Bad ratings only"), key="search/bad", on_change=note, args=("bad",))

category = asked.get("category", "")
chosen_day = st.session_state["search/day"]


def found_by_rule() -> tuple[dict[str, str], dict[str, str]]:
    """Conversations with findings of the category, named by what was found."""
    rows = reads.findings(
        ws, actor, first=chosen_day, last=chosen_day, agent_id=st.session_state["search/agent"], limit=1000
    )
    rows = tuple(f for f in rows if f.category == category)
    titles = {f.conversation_id: f.agent_name for f in rows}
    under = {f.conversation_id: f"“{f.matched}” · {draw.moment(f.sent_at, ws.zone, ws.today(), tr)}" for f in rows}
    return titles, under


def found_by_search() -> tuple[dict[str, str], dict[str, str]]:
    rows = reads.conversations(
        ws,
        actor,
        text=st.session_state["search/text"],
        agent_id=st.session_state["search/agent"],
        day=chosen_day,
        only_bad=st.session_state["search/bad"],
        limit=LIMIT,
    )
    return {w.conversation_id: w.agent_name for w in rows}, {w.conversation_id: under_line(w) for w in rows}


def under_line(item: WorkItem) -> str:
    said = [draw.moment(item.ended_at, ws.zone, ws.today(), tr)]
    if item.findings:
        said.append(tr.ngettext("{n} finding", "{n} findings", item.findings).format(n=item.findings))
    if item.rating:
        said.append(_talk.rating_word(item.rating, tr))
    return " · ".join([*said, item.shop])


titles, under = found_by_rule() if category else found_by_search()
wanted = wanted or next(iter(titles), "")
listed, read = st.columns([3, 7], gap="medium")
with listed, st.container(key="found"):
    if not titles:
        draw.empty(_("Nothing matches"), _("Take away a filter, or search for fewer words."))
    else:
        many = tr.ngettext("{n} conversation", "{n} conversations", len(titles)).format(n=len(titles))
        draw.soft(many if len(titles) < LIMIT else _("the newest {n}").format(n=LIMIT))
        ids = list(titles)
        labels = draw.told_apart({c: _talk.who(name, tr) for c, name in titles.items()})
        with st.container(height=HEIGHT, border=False, key="queue-list"):
            picked = st.radio(
                _("Conversations"),
                ids,
                index=ids.index(wanted) if wanted in ids else None,
                format_func=labels.__getitem__,
                captions=[draw.label(under[c]) for c in ids],
                label_visibility="collapsed",
                width="stretch",
                key=f"list/{wanted}/{len(ids)}/{ids[0]}",
            )
            if picked and picked != wanted:
                open_one(picked)
                st.rerun()
with read, st.container(key="found-talk"):
    if wanted:
        reading(wanted)
