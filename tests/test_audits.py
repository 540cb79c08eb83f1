"""Each audit is empty on a sound workspace and names what was broken on purpose."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from qa import pipeline
from qa.model import Part
from qa.workspace import OWNER, Workspace


def swap(ws: Workspace, kind: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Put a changed part in the place of the largest one of a kind, behind the back of every verb."""
    part = max(ws.parts(kind), key=lambda p: (p.rows, p.name))
    fresh = ws.lake.write(kind, part.day, change(ws.lake.read(kind, [part])))

    def event(p: Part, live: bool) -> dict[str, Any]:
        return {
            "name": p.name,
            "kind": kind,
            "day": p.day.isoformat(),
            "rows": p.rows,
            "sha256": p.sha256,
            "live": live,
            "load_id": None,
        }

    with ws.records.act("test", "test.swap") as act:
        act.append("part_event", [event(part, False), event(fresh, True)])


def found(ws: Workspace) -> set[str]:
    return {fault.audit for fault in pipeline.audits(ws)}


def test_a_sound_workspace_has_no_fault(demo: Workspace) -> None:
    assert pipeline.audits(demo) == ()


@pytest.mark.parametrize(
    ("audit", "kind", "change"),
    [
        ("facts_add_up", "facts", lambda rows: rows.with_columns(ended=pl.col("ended") + 1)),
        ("finding_of_customer", "findings", lambda rows: rows.with_columns(matched=pl.lit("别的话"))),
        ("finding_of_customer", "findings", lambda rows: rows.with_columns(conversation_id=pl.lit("none"))),
    ],
)
def test_what_is_derived_and_wrong_is_found(
    demo_copy: Workspace, audit: str, kind: str, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    swap(demo_copy, kind, change)
    assert found(demo_copy) == {audit}


def test_a_lost_message_is_found(demo_copy: Workspace) -> None:
    swap(demo_copy, "messages", lambda rows: rows.slice(0, rows.height - 1))
    assert "conversation_twice" in found(demo_copy)


def test_a_review_of_ones_own_work_is_found(demo_copy: Workspace) -> None:
    review = demo_copy.records.read("review", limit=1)[0]
    agent = next(u for u in demo_copy.records.read("user_now", role="agent") if u["agent_id"] == review["agent_id"])
    own = {**review, "review_id": "own", "form_id": "own", "reviewer": agent["user_id"]}
    with demo_copy.records.act("test", "test.own") as act:
        act.append("review", [own])
    assert found(demo_copy) == {"review_of_oneself"}


def test_an_account_of_two_people_and_a_person_in_two_teams_are_found(demo_copy: Workspace) -> None:
    account = next(r for r in demo_copy.records.read("account_now") if r["valid_to"] is None)
    team = next(r for r in demo_copy.records.read("membership_now") if r["valid_to"] is None)
    place = {k: account[k] for k in ("platform", "shop", "account")}
    with demo_copy.records.act("test", "test.overlap") as act:
        act.append("agent_account", [{**place, "agent_id": "other", "valid_from": "2026-10-20", "valid_to": None}])
        act.append(
            "membership",
            [{"agent_id": team["agent_id"], "team": "另一组", "valid_from": "2026-10-20", "valid_to": None}],
        )
    assert {"account_overlap", "team_overlap"} <= found(demo_copy)


def test_days_that_wait_for_a_check_are_no_fault_and_are_checked_again(demo_copy: Workspace) -> None:
    swap(demo_copy, "facts", lambda rows: rows.with_columns(ended=pl.col("ended") + 1))
    rules = demo_copy.home / "policy" / "rules" / "confrontation.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace('"major"', '"minor"', 1), encoding="utf-8")
    waiting = Workspace.open(demo_copy.home)
    assert pipeline.audits(waiting) == ()
    assert pipeline.check(waiting, OWNER).days_run == 31
    assert pipeline.audits(waiting) == ()
    waiting.records.close()
