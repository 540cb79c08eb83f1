"""What people do: review a conversation, judge a finding, keep a draft. Each act is one transaction."""

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from qa import lookup
from qa.access import Action, require
from qa.model import N_, Actor, Refusal, ReviewForm, Scorecard, Verdict
from qa.records import Act, Duplicate
from qa.scoring import scorecard as cards
from qa.workspace import Workspace


def new_form_id() -> str:
    """An id that a screen makes once for a form, so that a double click saves once."""
    return secrets.token_hex(12)


def preview_score(ws: Workspace, form: ReviewForm) -> Decimal | None:
    """What the form would score as it stands; None while something is missing or nothing applies."""
    try:
        return cards.score(_scorecard(ws, form), form.ratings)[0]
    except Refusal:
        return None


def submit_review(ws: Workspace, actor: Actor, form: ReviewForm) -> str:
    """Save a review with its ratings and verdicts, whole or not at all; returns its id.

    The same form again returns the same id. Another review of this conversation by the same person under the
    same scorecard is refused; so is one's own conversation, and a finding that is not of this conversation.
    """
    contact = lookup.contact(ws, form.conversation_id)
    require(actor, Action.REVIEW_SUBMIT, contact.resource)
    if contact.agent_id is None:
        raise Refusal(
            N_("Nobody known served this conversation, so there is nobody to review."),
            N_("Name the account's owner in the roster first."),
            place=form.conversation_id,
        )
    score, _ = cards.score(_scorecard(ws, form), form.ratings)
    shown = {f["finding_id"]: f for f in lookup.findings_of(ws, contact)}
    for finding_id in form.verdicts:
        if finding_id not in shown:
            raise Refusal(
                N_("The finding is not part of this conversation any more."),
                N_("Load the conversation again; the rules may have changed."),
                place=finding_id,
            )
    try:
        with ws.records.act(actor.user_id, "review.submit", form.conversation_id) as act:
            earlier = act.read("review", form_id=form.form_id)
            if earlier:
                return str(earlier[0]["review_id"])
            assigned = act.read("assignment_now", conversation_id=form.conversation_id, reviewer=actor.user_id)
            review_id = f"review-{form.form_id}"
            act.append("review", [_review_row(form, actor, contact.agent_id, score, assigned, sorted(shown), act.at)])
            act.append(
                "rating", [{"review_id": review_id, "criterion": r.criterion, "level": r.level} for r in form.ratings]
            )
            for finding_id, verdict in form.verdicts.items():
                _judge(act, actor, shown[finding_id], verdict, "", review_id)
            act.detail({"score": str(score) if score is not None else None})
    except Duplicate:
        raise Refusal(
            N_("You have reviewed this conversation already."),
            N_("Open the next one; a change of mind is an appeal or a correction."),
            place=form.conversation_id,
        ) from None
    return review_id


def judge_finding(ws: Workspace, actor: Actor, finding_id: str, verdict: Verdict, reason: str = "") -> None:
    """Say whether a finding is right. The last word counts, every word is kept."""
    judge_findings(ws, actor, {finding_id: verdict}, reason)


def judge_findings(ws: Workspace, actor: Actor, words: Mapping[str, Verdict], reason: str = "") -> None:
    """Say of several findings whether they are right, all or none. One that is not there or not open is refused."""
    found = lookup.findings(ws, set(words))
    for _, place in found.values():
        require(actor, Action.FINDING_JUDGE, place.resource)
    with ws.records.act(actor.user_id, "finding.judge", ",".join(sorted(words))[:200]) as act:
        for finding_id, verdict in words.items():
            _judge(act, actor, found[finding_id][0], verdict, reason, None)
        act.detail({"findings": len(words)})


def save_draft(ws: Workspace, actor: Actor, conversation_id: str, body: Mapping[str, Any]) -> None:
    """Keep what a reviewer has typed so far, for the same person only."""
    contact = lookup.contact(ws, conversation_id)
    require(actor, Action.REVIEW_SUBMIT, contact.resource)
    with ws.records.act(actor.user_id, "draft.save", conversation_id) as act:
        row = {"user_id": actor.user_id, "conversation_id": conversation_id, "body": dict(body), "at": act.at}
        act.append("draft", [row])


def load_draft(ws: Workspace, actor: Actor, conversation_id: str) -> dict[str, Any]:
    """The actor's own draft of this conversation; empty where there is none."""
    rows = ws.records.read("draft_now", user_id=actor.user_id, conversation_id=conversation_id)
    return dict(rows[0]["body"]) if rows else {}


def _scorecard(ws: Workspace, form: ReviewForm) -> Scorecard:
    for card in ws.policy.scorecards:
        if (card.id, card.version) == (form.scorecard, form.scorecard_version):
            return card
    raise Refusal(
        N_("The scorecard {card} of {version} is not there."),
        N_("Load the conversation again; the scorecard changed while the form was open."),
        card=form.scorecard,
        version=form.scorecard_version,
    )


def _review_row(
    form: ReviewForm,
    actor: Actor,
    agent_id: str,
    score: Decimal | None,
    assigned: list[dict[str, Any]],
    shown: list[str],
    at: str,
) -> dict[str, Any]:
    return {
        "review_id": f"review-{form.form_id}",
        "form_id": form.form_id,
        "conversation_id": form.conversation_id,
        "agent_id": agent_id,
        "reviewer": actor.user_id,
        "round": assigned[0]["round"] if assigned else 1,
        "sample_id": assigned[0]["sample_id"] if assigned else None,
        "scorecard": form.scorecard,
        "scorecard_version": form.scorecard_version,
        "score": None if score is None else str(score),
        "shown_findings": shown,
        "note": form.note,
        "root_cause": form.root_cause,
        "seconds": form.seconds,
        "at": at,
    }


def _judge(
    act: Act, actor: Actor, finding: Mapping[str, Any], verdict: Verdict, reason: str, review_id: str | None
) -> None:
    act.append(
        "verdict",
        [
            {
                "finding_id": finding["finding_id"],
                "rule": finding["rule"],
                "conversation_id": finding["conversation_id"],
                "message_id": finding["message_id"],
                "verdict": verdict.value,
                "reason": reason,
                "reviewer": actor.user_id,
                "review_id": review_id,
                "at": act.at,
            }
        ],
    )
