"""The review form between two clicks: what is filled in lives in the browser session and, as a draft, in the records."""

import time
from dataclasses import dataclass

import streamlit as st

from pages._desk import current, workspace
from qa import casework
from qa.model import Criterion, CriterionRating, ReviewForm
from qa.views import ConversationView

NOT_APPLICABLE = "na"


@dataclass(frozen=True)
class Form:
    """Keys of the widgets of one conversation's form."""

    view: ConversationView

    def key(self, part: str) -> str:
        return f"form/{self.view.conversation_id}/{part}"

    def level_key(self, criterion: Criterion) -> str:
        return self.key(f"level/{criterion.id}")

    def open(self, draft: dict[str, object]) -> None:
        """Fill the form from the draft when it is first shown; count the time from then on."""
        if self.key("id") in st.session_state:
            return
        st.session_state[self.key("id")] = draft.get("form_id") or casework.new_form_id()
        st.session_state[self.key("since")] = time.monotonic()
        levels = draft.get("levels")
        for criterion in self.view.scorecard.criteria:
            value = levels.get(criterion.id) if isinstance(levels, dict) else None
            st.session_state[self.level_key(criterion)] = value if value in options(criterion) else None
        st.session_state[self.key("note")] = str(draft.get("note") or "")
        causes = [cause.id for cause in self.view.scorecard.root_causes]
        st.session_state[self.key("cause")] = draft.get("cause") if draft.get("cause") in causes else None

    def level(self, criterion: Criterion) -> str | None:
        value = st.session_state.get(self.level_key(criterion))
        return None if value is None else str(value)

    def choose(self, criterion: Criterion, option: str) -> None:
        """Set a level by key or click and keep the draft."""
        st.session_state[self.level_key(criterion)] = option
        st.session_state.pop(self.key("opened"), None)
        self.keep()

    def open_criterion(self, criterion: Criterion) -> None:
        """Take a criterion in hand again."""
        st.session_state[self.key("opened")] = criterion.id

    def in_hand(self) -> Criterion | None:
        """The criterion that is open: the one asked for, else the first without an answer."""
        asked = st.session_state.get(self.key("opened"))
        opened = [c for c in self.view.scorecard.criteria if c.id == asked]
        return next(iter([*opened, *self.unanswered()]), None)

    def unanswered(self) -> list[Criterion]:
        return [c for c in self.view.scorecard.criteria if self.level(c) is None]

    def keep(self) -> None:
        """Save what is filled in as the actor's draft."""
        actor = current()
        if actor is None:
            return
        body = {
            "form_id": st.session_state[self.key("id")],
            "levels": {c.id: self.level(c) for c in self.view.scorecard.criteria},
            "note": st.session_state.get(self.key("note")) or "",
            "cause": st.session_state.get(self.key("cause")),
        }
        casework.save_draft(workspace(), actor, self.view.conversation_id, body)

    def filled(self) -> ReviewForm:
        """The form as it would be handed in now; criteria without an answer are left out."""
        answered = [(c, self.level(c)) for c in self.view.scorecard.criteria]
        ratings = [CriterionRating(c.id, None if v == NOT_APPLICABLE else int(v)) for c, v in answered if v is not None]
        return ReviewForm(
            form_id=st.session_state[self.key("id")],
            conversation_id=self.view.conversation_id,
            scorecard=self.view.scorecard.id,
            scorecard_version=self.view.scorecard.version,
            ratings=tuple(ratings),
            note=(st.session_state.get(self.key("note")) or "").strip(),
            root_cause=st.session_state.get(self.key("cause")),
            seconds=round(time.monotonic() - st.session_state[self.key("since")]),
        )


def options(criterion: Criterion) -> list[str]:
    """The answers in the order they are shown: best level first, then not applicable."""
    levels = sorted((level.value for level in criterion.levels), reverse=True)
    return [*map(str, levels), *([NOT_APPLICABLE] if criterion.may_not_apply else [])]


def words(criterion: Criterion, option: str, language: str, not_applicable: str) -> str:
    """An answer in words."""
    if option == NOT_APPLICABLE:
        return not_applicable
    return next(level.words.said(language) for level in criterion.levels if level.value == int(option))
