"""My month: how do I stand, why, and what can I do? Nobody else's name."""

import streamlit as st

from pages import _draw as draw
from pages import _pay
from pages._desk import choose_period, require_role, speech, workspace
from qa import reads
from qa.model import Role
from qa.views import BonusView

actor = require_role(Role.AGENT)
ws, tr = workspace(), speech(actor)
_ = tr.gettext

period = choose_period(ws, actor, _("My month"))
mine = reads.my_month(ws, actor, period)
if mine.result is None:
    draw.empty(_("Nothing of yours in this month yet"), _("Figures come with your first conversation of the month."))
    st.stop()

state = draw.chip(_("closed"), "good") if mine.closed else draw.chip(_("preliminary; the month is still open"))
draw.put(
    f"<p>{state}</p>"
    f'<p style="font-size:17px;margin-top:.4rem">{draw.esc(_pay.honest_sentence(ws.policy, mine.result, tr))}</p>'
    f"{_pay.scale(ws.policy, mine.result, tr)}"
)

left, right = st.columns([6, 5], gap="large")
with left:
    if mine.praise:
        draw.section(_("Well done"))
        draw.put(f'<div class="qa-reviews">{"".join(_pay.review(r, tr, ws.zone) for r in mine.praise)}</div>')
    if mine.bonus and mine.result.appraisal:
        draw.section(_("Why"), _("each line opens to its reasons"))
        draw.put(
            _pay.statement(
                BonusView(mine.agent_id, mine.name, mine.result.team, mine.bonus, mine.result.appraisal, mine.closed),
                tr,
            )
        )
        draw.put(_pay.kpis(ws.policy, mine.result.appraisal, tr))
    draw.section(_("Reviews"))
    if mine.reviews:
        draw.put(f'<div class="qa-reviews">{"".join(_pay.review(r, tr, ws.zone) for r in mine.reviews)}</div>')
    else:
        draw.empty(_("No reviews yet"), _("Reviewers read a random few of your conversations."))
with right:
    if mine.next_steps:
        draw.section(_("The way up"))
        for number, text in enumerate(mine.next_steps, start=1):
            draw.put(f'<div class="qa-look"><i>{number}</i><b>{draw.esc(text.said(tr.language))}</b></div>')
    draw.section(_("Reminders"))
    if mine.findings:
        draw.put(
            "".join(
                f'<div style="margin-bottom:.7rem">{_pay.reminder(f, tr, ws.zone)}</div>' for f in mine.findings[:12]
            )
        )
    else:
        draw.empty(_("No reminders this month"), _("The rules found nothing in your conversations."))
