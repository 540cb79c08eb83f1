"""Review desk: is this conversation good, and why? Queue, conversation, judgment."""

import streamlit as st

from pages import _draw as draw
from pages import _talk
from pages._desk import current, require_role, speech, workspace
from pages._form import NOT_APPLICABLE, Form, options, words
from qa import casework, reads
from qa.model import Criterion, Refusal, Role, Verdict
from qa.views import FindingView, WorkItem

HEIGHT = 690

actor = require_role(Role.SUPERVISOR)
ws, tr = workspace(), speech(actor)
_ = tr.gettext

queue = reads.worklist(ws, actor)
todo = [item for item in queue if not item.done]
items = {item.conversation_id: item for item in queue}
if not queue:
    draw.heading(_("Review desk"))
    draw.empty(
        _("Nothing is assigned to you"),
        _("Conversations come here when a sample is drawn. Until then, read and judge under Conversations."),
    )
    st.stop()


def open_item(conversation_id: str) -> None:
    st.query_params["id"] = conversation_id


def step(by: int) -> None:
    """Go to the next or previous conversation of the queue."""
    order = [item.conversation_id for item in shown]
    place = order.index(chosen) if chosen in order else -1
    open_item(order[max(0, min(len(order) - 1, place + by))])


def judge(finding: FindingView, verdict: Verdict) -> None:
    judging = current()
    if judging is not None:
        casework.judge_finding(ws, judging, finding.finding_id, verdict)
        st.session_state["changed"] = True


def submit(form: Form) -> None:
    """Hand the form in and open the next conversation; a refusal is said at the form."""
    handing = current()
    if handing is None:
        return
    try:
        score = casework.preview_score(ws, form.filled())
        casework.submit_review(ws, handing, form.filled())
    except Refusal as refusal:
        st.session_state["said"] = refusal.sentence(_)
        return
    st.session_state["saved"] = tr.number(score, 1)
    st.session_state["changed"] = True
    order = [item.conversation_id for item in todo]
    place = order.index(form.view.conversation_id) if form.view.conversation_id in order else -1
    rest = [*order[place + 1 :], *order[: max(place, 0)]]
    if rest:
        open_item(rest[0])
    else:
        st.query_params.pop("id", None)


chosen = st.query_params.get("id", "")
if chosen not in items:
    chosen = (todo or list(queue))[0].conversation_id
shown = todo if items[chosen] in todo else list(queue)

if "saved" in st.session_state:
    st.toast(_("Saved, {score} points").format(score=st.session_state.pop("saved")), icon=":material/check_circle:")

queue_side, talk_side, judge_side = st.columns([2.2, 5.2, 4.2], gap="medium")


def said_of(item: WorkItem) -> str:
    signs = [draw.moment(item.ended_at, ws.zone, ws.today(), tr)]
    signs += (
        [tr.ngettext("{n} finding", "{n} findings", item.findings).format(n=item.findings)] if item.findings else []
    )
    signs += [_("blind second")] if item.round > 1 else []
    return draw.label(" · ".join(signs))


with queue_side, st.container(key="queue"):
    draw.section(_("Review desk"), _("{done} of {all} done").format(done=len(queue) - len(todo), all=len(queue)))
    st.progress((len(queue) - len(todo)) / len(queue))
    with st.container(horizontal=True, gap="small"):
        st.button(_("Previous"), on_click=step, args=(-1,), shortcut="K", width="stretch")
        st.button(_("Next"), on_click=step, args=(1,), shortcut="J", width="stretch")
    labels = draw.told_apart({item.conversation_id: _talk.who(item.agent_name, tr) for item in shown})
    with st.container(height=HEIGHT - 150, border=False, key="queue-list"):
        picked = st.radio(
            _("Queue"),
            [item.conversation_id for item in shown],
            index=[item.conversation_id for item in shown].index(chosen),
            format_func=labels.__getitem__,
            captions=[said_of(item) for item in shown],
            label_visibility="collapsed",
            width="stretch",
            key=f"queue/{chosen}/{len(shown)}",
        )
        if picked != chosen:
            open_item(picked)
            st.rerun()

st.session_state.pop("changed", None)
view = reads.conversation(ws, actor, chosen)
findings = [*(f for m in view.messages for f in m.findings), *view.whole_findings]
open_findings = [f for f in findings if f.verdict is None]
in_hand_id = open_findings[0].finding_id if open_findings else ""
focus = (open_findings[0].message_id or "") if open_findings else ""


with talk_side:
    draw.put(_talk.about(view, tr, ws.zone, ws.today()))
    with st.container(height=HEIGHT, border=True, key="talk"):
        draw.put(_talk.talk(view, tr, ws.zone, focus=focus))


def finding_part() -> None:
    """Findings first; the one in hand is open and has the keys, the others are one line each."""
    draw.section(_("Findings"))
    if not findings:
        draw.soft(_("The rules found nothing here."))
    for finding in findings:
        in_hand = finding.finding_id == in_hand_id
        draw.put(_talk.finding_text(finding, tr, short=not in_hand))
        if in_hand:
            yes, no = st.columns(2)
            yes.button(
                _("Confirm"),
                key=f"yes/{finding.finding_id}",
                on_click=judge,
                args=(finding, Verdict.CONFIRMED),
                shortcut="Y",
                width="stretch",
            )
            no.button(
                _("Not a problem"),
                key=f"no/{finding.finding_id}",
                on_click=judge,
                args=(finding, Verdict.REJECTED),
                shortcut="N",
                width="stretch",
            )


def levels(form: Form, criterion: Criterion) -> None:
    """The criterion in hand: its question, and each level in words with its key."""
    chosen_level = form.level(criterion)
    with st.container(key=f"levels-{criterion.id}"):
        critical = draw.chip(_("critical"), "bad") if criterion.critical else ""
        draw.put(
            f'<div class="qa-ask"><b>{draw.esc(criterion.name.said(tr.language))}</b> {critical}'
            f'<small class="soft"> {draw.esc(criterion.question.said(tr.language))}</small></div>'
        )
        for number, option in enumerate(options(criterion), start=1):
            st.button(
                draw.label(words(criterion, option, tr.language, _("not applicable"))),
                key=form.key(f"set/{criterion.id}/{option}"),
                on_click=form.choose,
                args=(criterion, option),
                shortcut="0" if option == NOT_APPLICABLE else str(number),
                type="primary" if option == chosen_level else "secondary",
                width="stretch",
            )


def scorecard_part(form: Form) -> None:
    """One criterion is open at a time; the others show what was chosen and open at a click."""
    draw.section(_("Scorecard"))
    opened = form.in_hand()
    for criterion in view.scorecard.criteria:
        if criterion == opened:
            levels(form, criterion)
            continue
        level = form.level(criterion)
        said = words(criterion, level, tr.language, _("not applicable")) if level else _("no level yet")
        sign = ":material/check:" if level else ":material/radio_button_unchecked:"
        with st.container(key=f"ask-{criterion.id}"):
            st.button(
                f"**{draw.label(criterion.name.said(tr.language))}** :gray[{draw.label(said)}]",
                key=form.key(f"open/{criterion.id}"),
                on_click=form.open_criterion,
                args=(criterion,),
                type="tertiary",
                icon=sign,
                width="stretch",
            )
    causes = {cause.id: cause.name.said(tr.language) for cause in view.scorecard.root_causes}
    st.selectbox(
        _("Root cause"),
        list(causes),
        index=None,
        format_func=causes.__getitem__,
        placeholder=_("root cause, if something went wrong"),
        key=form.key("cause"),
        on_change=form.keep,
        label_visibility="collapsed",
    )
    st.text_area(
        _("Note to the agent"),
        key=form.key("note"),
        on_change=form.keep,
        height=68,
        max_chars=2000,
        placeholder=_("note to the agent"),
        label_visibility="collapsed",
    )


@st.fragment
def judgment() -> None:
    judging = require_role(Role.SUPERVISOR)
    if st.session_state.pop("changed", False):
        st.rerun()  # an act changed more than this part of the page
    form = Form(view)
    form.open(casework.load_draft(ws, judging, view.conversation_id))
    with st.container(height=HEIGHT - 56, border=False, key="judge"):
        finding_part()
        scorecard_part(form)
    missing = form.unanswered()
    score = casework.preview_score(ws, form.filled())
    live, save = st.columns([2, 3], vertical_alignment="center")
    with live:
        said = tr.number(score, 1) if score is not None else "–"
        left = tr.ngettext("{n} answer is missing", "{n} answers are missing", len(missing)).format(n=len(missing))
        under = left if missing else _("of 100")
        draw.put(f'<div class="qa-live"><b>{draw.esc(said)}</b><small>{draw.esc(under)}</small></div>')
    save.button(
        _("Submit and next"),
        key="submit",
        type="primary",
        on_click=submit,
        args=(form,),
        shortcut="Mod+Enter",
        disabled=bool(missing),
        width="stretch",
    )
    if "said" in st.session_state:
        st.error(st.session_state.pop("said"))


with judge_side:
    if items[chosen].done or view.my_review:
        draw.section(_("You have reviewed this one"))
        draw.soft(_("It stays as it is. Open the next one with J."))
        for finding in findings:
            draw.put(_talk.finding_text(finding, tr))
    else:
        judgment()
