"""The whole way on a made-up month: found what was planted, adds up, comes out the same again, closes."""

import json
import shutil
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from qa import pipeline, reads
from qa.model import DERIVED, Actor, Refusal, Role, Verdict
from qa.pipeline import closing
from qa.rehearsal import rehearse
from qa.workspace import OWNER, Workspace
from tests.conftest import SMALL

MONTH = "2026-10"


def parts(ws: Workspace) -> set[str]:
    return {p.name for kind in DERIVED for p in ws.parts(kind)}


def staff(ws: Workspace, role: Role) -> list[Actor]:
    users = ws.records.read("user_now", role=role.value, order="login")
    return [Actor(u["user_id"], u["name"], role, u["agent_id"], frozenset(u["teams"])) for u in users]


def test_everything_adds_up(demo: Workspace) -> None:
    assert pipeline.verify(demo, OWNER) == ()


def test_every_message_of_the_exports_is_accounted_for(demo: Workspace) -> None:
    for view in reads.loads(demo, OWNER):
        assert view.load.rows_in == view.load.accepted + view.load.duplicate + view.load.rejected
        assert (view.load.rejected, view.load.duplicate) == (0, 0)


def test_no_message_of_a_customer_or_bot_is_a_finding(demo: Workspace) -> None:
    found = demo.lake.scan("findings", demo.parts("findings")).select("conversation_id", "message_id")
    said = demo.lake.scan("messages", demo.parts("messages"))
    speakers = said.join(found, on=["conversation_id", "message_id"], how="semi").select("speaker").unique().collect()
    assert speakers["speaker"].to_list() == ["agent"]


def test_deleting_what_is_derived_and_computing_again_gives_the_same_bytes(demo_copy: Workspace) -> None:
    before = parts(demo_copy)
    scores = pipeline.score(demo_copy, OWNER, MONTH)
    old = (scores.scores, scores.bonuses)
    for kind in DERIVED:
        shutil.rmtree(demo_copy.lake.folder / kind)
    pipeline.check(demo_copy, OWNER, again=True)
    assert parts(demo_copy) == before
    assert demo_copy.lake.faults([p for kind in DERIVED for p in demo_copy.parts(kind)]) == []
    again = pipeline.score(demo_copy, OWNER, MONTH)
    assert (again.scores, again.bonuses) == old


def test_the_same_seed_gives_the_same_lake_and_scores(demo: Workspace, tmp_path: Path) -> None:
    twin, _ = rehearse(tmp_path / "twin", **SMALL)
    kinds = ("messages", "conversations", *DERIVED)
    assert {p.name for k in kinds for p in twin.parts(k)} == {p.name for k in kinds for p in demo.parts(k)}
    assert pipeline.score(twin, OWNER, MONTH).scores == pipeline.score(demo, OWNER, MONTH).scores
    twin.records.close()


def test_a_score_never_stands_without_its_interval_and_n(demo: Workspace) -> None:
    people = reads.results(demo, OWNER, MONTH)
    assert any(p.score.value is not None for p in people)
    for person in people:
        score = person.score
        if score.value is None:
            assert (score.low, score.high) == (None, None)
        else:
            assert score.low is not None
            assert score.high is not None
            assert score.low <= score.value <= score.high
            assert score.n > 0


def test_the_lines_of_every_bonus_add_up_and_every_step_has_a_reason(demo: Workspace) -> None:
    for view in reads.bonuses(demo, OWNER, MONTH):
        assert sum(line.amount for line in view.bonus.lines) == view.bonus.amount
        known = {step.id for step in view.bonus.steps}
        for line in view.bonus.lines:
            assert line.steps
            assert set(line.steps) <= known
        assert all(set(step.parents) <= known for step in view.bonus.steps)


def test_the_evidence_of_a_deduction_is_a_confirmed_message_that_can_be_opened(demo: Workspace) -> None:
    evidence = {
        e
        for b in reads.bonuses(demo, OWNER, MONTH)
        for line in b.bonus.lines
        if line.amount < 0
        for s in b.bonus.steps
        if s.id in line.steps
        for e in s.evidence
    }
    confirmed = {
        f"{v['conversation_id']}/{v['message_id'] or ''}".rstrip("/")
        for v in demo.records.read("verdict_now", verdict=Verdict.CONFIRMED.value)
    }
    assert evidence <= confirmed
    for place in sorted(evidence)[:5]:
        conversation, _, message = place.partition("/")
        view = reads.conversation(demo, OWNER, conversation)
        assert message in {m.message_id for m in view.messages} | {""}


def test_a_finding_nobody_confirmed_never_touches_pay(demo_copy: Workspace) -> None:
    before = pipeline.bonus(demo_copy, OWNER, MONTH).bonuses
    open_findings = reads.findings(demo_copy, OWNER, open_only=True)
    assert open_findings
    with demo_copy.records.act("owner", "test.forget") as act:
        act.append(
            "verdict",
            [
                {
                    "finding_id": f.finding_id,
                    "rule": f.rule,
                    "conversation_id": f.conversation_id,
                    "message_id": f.message_id,
                    "verdict": "rejected",
                    "reason": "",
                    "reviewer": "owner",
                    "review_id": None,
                }
                for f in open_findings
            ],
        )
    assert pipeline.bonus(demo_copy, OWNER, MONTH).bonuses == before


def test_closing_takes_two_people_of_the_right_role(demo_copy: Workspace) -> None:
    hr = staff(demo_copy, Role.HR)
    agent = staff(demo_copy, Role.AGENT)[0]
    with pytest.raises(Refusal, match="two people"):
        pipeline.close(demo_copy, hr[0], hr[0], MONTH)
    with pytest.raises(Refusal, match="not open to you"):
        pipeline.close(demo_copy, hr[0], agent, MONTH)


def test_a_closed_month_never_changes(demo_copy: Workspace) -> None:
    hr = staff(demo_copy, Role.HR)
    before = reads.bonuses(demo_copy, OWNER, MONTH)
    digest = pipeline.close(demo_copy, hr[0], hr[1], MONTH)
    assert len(digest) == 64
    judged = reads.findings(demo_copy, OWNER, open_only=True, limit=3)
    from qa import casework

    casework.judge_findings(demo_copy, OWNER, {f.finding_id: Verdict.CONFIRMED for f in judged})
    after = reads.bonuses(demo_copy, OWNER, MONTH)
    assert [b.bonus for b in after] == [b.bonus for b in before]
    assert all(b.closed for b in after)
    assert closing.closed(demo_copy, MONTH)["hash"] == digest  # type: ignore[index]
    assert pipeline.verify(demo_copy, OWNER) == ()
    with pytest.raises(Refusal, match="closed already"):
        pipeline.close(demo_copy, hr[0], hr[1], MONTH)


def test_a_month_that_is_not_over_is_not_closed(demo_copy: Workspace) -> None:
    hr = staff(demo_copy, Role.HR)
    early = Workspace(
        demo_copy.home,
        demo_copy.records,
        demo_copy.lake,
        now=lambda: datetime.fromisoformat("2026-10-20T00:00:00+08:00"),
    )
    with pytest.raises(Refusal, match="not over"):
        pipeline.close(early, hr[0], hr[1], MONTH)


def test_what_was_planted_is_found_and_no_decoy_is(demo: Workspace) -> None:
    truth = json.loads((demo.home / "made-up" / "made-up-truth.json").read_text(encoding="utf-8"))
    assert truth["faults"]
    assert truth["decoys"]
    found = demo.lake.scan("findings", demo.parts("findings")).filter(pl.col("category") != "delay").collect()
    assert found.height
