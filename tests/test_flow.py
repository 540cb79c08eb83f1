"""The whole way on a made-up month: found what was planted, adds up, comes out the same again, closes."""

import json
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qa import casework, pipeline, reads, reporting
from qa import demo as demo_maker
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


@pytest.fixture(scope="session")
def planted_month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up month of full size, imported and checked, so that shares of a few per thousand can be measured."""
    folder = tmp_path_factory.mktemp("planted")
    made = demo_maker.make(folder / "made-up", seed=11, conversations=6200)
    full = Workspace.create(folder / "home", made_up=True, key=b"k" * 32)
    pipeline.import_roster(full, OWNER, made.roster)
    pipeline.import_logs(full, OWNER, made.exports)
    pipeline.check(full, OWNER)
    full.records.close()
    return folder


def told(rows: Iterable[Mapping[str, Any]]) -> set[tuple[str, str, datetime]]:
    """(conversation, category, instant) of planted rows or findings."""
    found = set()
    for row in rows:
        at = row["sent_at"]
        instants = (
            [at]
            if isinstance(at, datetime)
            else [datetime.fromisoformat(t) for t in ([at] if isinstance(at, str) else at[-1:])]
        )
        found |= {(row["conversation_id"], row.get("category", ""), t.astimezone(UTC)) for t in instants}
    return found


def test_what_was_planted_is_found_and_nothing_else_is(planted_month: Path) -> None:
    truth = json.loads((planted_month / "made-up" / "made-up-truth.json").read_text(encoding="utf-8"))
    full = Workspace.open(planted_month / "home")
    rows = full.lake.scan("findings", full.parts("findings")).filter(pl.col("category") != "delay").collect().to_dicts()
    planted = told(f for f in truth["faults"] if f["category"] != "delay")
    found = told(rows)
    assert len(planted) > 200
    assert len(planted & found) / len(planted) >= 0.99
    assert len(planted & found) / len(found) >= 0.98
    decoys = {(c, t) for c, _, t in told(truth["decoys"])}
    assert len(decoys) > 500
    assert not decoys & {(c, t) for c, _, t in found - planted}
    full.records.close()


def test_scores_recover_the_true_order_of_the_agents(demo_home: Path, demo: Workspace) -> None:
    truth = json.loads((demo_home / "made-up" / "made-up-truth.json").read_text(encoding="utf-8"))
    true = {a["agent_id"]: a["expected_score"] for a in truth["agents"]}
    scores = {k: s for k, s in pipeline.score(demo, OWNER, MONTH).scores.items() if s.value is not None}
    inside = [s.low - 6 <= true[k] <= s.high + 6 for k, s in scores.items()]
    assert sum(inside) >= len(inside) - 1
    best, worst = (pick(scores, key=lambda k: true[k]) for pick in (max, min))
    assert scores[best].value > scores[worst].value


def test_a_report_is_written_only_for_whom_it_is_open(demo_copy: Workspace, tmp_path: Path) -> None:
    agent = staff(demo_copy, Role.AGENT)[0]
    for kind in ("appraisal", "payroll", "compliance"):
        with pytest.raises(Refusal, match="not open to you"):
            reporting.report(demo_copy, agent, kind, period=MONTH, out=tmp_path)
    [own] = reporting.report(demo_copy, agent, "bonus", period=MONTH, out=tmp_path)
    names = {a["name"] for a in demo_copy.records.read("agent_now")} - {agent.name}
    assert not [name for name in names if name in own.read_text(encoding="utf-8")]


def test_a_supervisor_of_one_team_gets_the_daily_report_of_that_team(demo_copy: Workspace, tmp_path: Path) -> None:
    chief = staff(demo_copy, Role.SUPERVISOR)[0]
    team = demo_copy.records.read("membership_now", order="team")[0]["team"]
    own = Actor(chief.user_id, chief.name, Role.SUPERVISOR, None, frozenset({team}))
    view = reads.today(demo_copy, own)
    assert {a.team for a in view.agents} == {team}
    assert reporting.report(demo_copy, own, "daily", day=view.day, out=tmp_path)
