"""Real chats run through without an error. They are other people's text and lie outside the project."""

from pathlib import Path

import polars as pl
import pytest

from qa import ROOT, pipeline, reporting
from qa.workspace import OWNER, Workspace

DATA = ROOT.parent / "shared" / "data"
FILES = [DATA / "jddc_2026-10.jsonl", DATA / "uss_2026-10.jsonl"]

pytestmark = pytest.mark.skipif(
    not all(path.is_file() for path in FILES), reason="the real chats (../shared/data) are not on this machine"
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace.create(tmp_path_factory.mktemp("real") / "home")
    result = pipeline.import_logs(made, OWNER, FILES)
    assert [f.refused for f in result.files] == [None, None]
    assert (result.total("rows_in"), result.total("accepted"), result.total("rejected")) == (23_226, 23_226, 0)
    pipeline.check(made, OWNER)
    return made


def test_every_conversation_and_message_is_in_the_lake(real: Workspace) -> None:
    assert sum(p.rows for p in real.parts("conversations")) == 1_324
    assert sum(p.rows for p in real.parts("messages")) == 23_226


def test_no_customer_message_is_a_finding(real: Workspace) -> None:
    found = real.lake.scan("findings", real.parts("findings")).filter(pl.col("message_id").is_not_null())
    said = real.lake.scan("messages", real.parts("messages"))
    speakers = said.join(found, on=["conversation_id", "message_id"], how="semi").select("speaker").unique().collect()
    assert speakers["speaker"].to_list() == ["agent"]


def test_sample_score_bonus_and_reports_run_through(real: Workspace, tmp_path: Path) -> None:
    drawn = pipeline.draw(real, OWNER, "monthly", period="2026-10", seed=1)
    assert len(drawn.members) > 300
    figures = pipeline.score(real, OWNER, "2026-10")
    assert len(figures.agents) == 40
    assert all(s.value is None for s in figures.scores.values())
    assert len(figures.bonuses) == 40
    for kind in ("review", "appraisal", "bonus", "payroll", "compliance"):
        assert reporting.report(real, OWNER, kind, period="2026-10", out=tmp_path, formats=("html",))
    assert pipeline.verify(real, OWNER) == ()
