"""The command line: the contract of names and JSON keys, exit codes, and refusals in plain words."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa import cli
from qa.commands import COMMANDS

PLAIN = {
    "platform": "kuaishou",
    "shop": "一店",
    "conversation_id": "k1",
    "message_id": "m1",
    "sent_at": "2026-10-01T10:00:00+08:00",
    "speaker": "agent",
    "agent": "一店:小美",
    "customer": "买家",
    "text": "不知道！",
}


def run(capsys: pytest.CaptureFixture[str], home: Path, *words: str | Path) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON answer (empty where there is none), and what was said on standard error."""
    capsys.readouterr()
    code = cli.main(["--home", str(home), "--json", "--lang", "en", *map(str, words)])
    out, said = capsys.readouterr()
    assert out.count("\n") <= 1
    return code, json.loads(out) if out else {}, said


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    question = {
        **PLAIN,
        "message_id": "m0",
        "speaker": "customer",
        "agent": None,
        "sent_at": "2026-10-01T09:59:00+08:00",
        "text": "这件起球吗",
    }
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in (question, PLAIN)), encoding="utf-8")
    return path


def test_init_import_check_findings(capsys: pytest.CaptureFixture[str], tmp_path: Path, log: Path) -> None:
    home = tmp_path / "home"
    code, answer, _ = run(capsys, home, "init")
    assert (code, set(answer)) == (0, {"home"})
    code, answer, _ = run(capsys, home, "import", log)
    assert code == 0
    assert {"files", "rows_in", "accepted", "duplicate", "rejected", "masked", "rejects_file"} <= set(answer)
    assert (answer["rows_in"], answer["accepted"], answer["duplicate"], answer["rejected"]) == (2, 2, 0, 0)
    code, answer, _ = run(capsys, home, "check")
    assert (code, set(answer)) == (0, {"messages", "findings", "by_rule"})
    assert answer["findings"] == sum(answer["by_rule"].values()) >= 1
    code, answer, _ = run(capsys, home, "findings")
    [row] = [r for r in answer["rows"] if r["category"] == "deflection"]
    assert {"conversation_id", "message_id", "agent", "rule", "category", "start", "end", "text", "matched"} <= set(row)
    assert row["text"][row["start"] : row["end"]] == row["matched"]


def test_findings_as_csv(capsys: pytest.CaptureFixture[str], tmp_path: Path, log: Path) -> None:
    home = tmp_path / "home"
    for words in (["init"], ["import", log], ["check"]):
        run(capsys, home, *words)
    capsys.readouterr()
    assert cli.main(["--home", str(home), "findings", "--format", "csv"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("conversation_id,message_id,agent,rule")
    assert rows


def test_rules_test_and_try(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, answer, _ = run(capsys, tmp_path / "none", "rules", "test")
    assert (code, set(answer), answer["failed"]) == (0, {"passed", "failed"}, 0)
    assert answer["passed"] > 100
    code, answer, _ = run(capsys, tmp_path / "none", "rules", "try", "不知道！")
    assert answer["findings"]
    code, answer, _ = run(capsys, tmp_path / "none", "rules", "try", "不知道！", "--speaker", "customer")
    assert answer["findings"] == []


def test_metrics_sample_score_bonus(capsys: pytest.CaptureFixture[str], demo_home: Path) -> None:
    code, answer, _ = run(capsys, demo_home, "metrics", "--from", "2026-10-01", "--to", "2026-10-31", "--by", "shop")
    assert code == 0
    assert {"metric", "group", "value", "numerator", "denominator", "threshold", "headroom"} <= set(answer["rows"][0])
    code, answer, _ = run(capsys, demo_home, "score", "2026-10")
    assert {"agent", "score", "low", "high", "n", "total", "tier"} <= set(answer["rows"][0])
    code, answer, _ = run(capsys, demo_home, "bonus", "2026-10")
    assert {"agent", "amount", "lines"} <= set(answer["rows"][0])
    agent = answer["rows"][0]["agent"]
    code, answer, _ = run(capsys, demo_home, "bonus", "2026-10", "--agent", agent)
    [row] = answer["rows"]
    assert row["steps"]


def test_sample_draws_a_day_with_a_seed(capsys: pytest.CaptureFixture[str], demo_copy: Any) -> None:
    code, answer, _ = run(capsys, demo_copy.home, "sample", "daily", "--date", "2026-10-20", "--seed", "5")
    assert (code, answer["seed"]) == (0, 5)
    assert {"conversation_id", "stratum", "probability", "reviewer"} <= set(answer["members"][0])
    code, _, said = run(capsys, demo_copy.home, "sample", "daily", "--date", "2026-10-20")
    assert code == 1
    assert "drawn" in said


def test_report_writes_every_kind(capsys: pytest.CaptureFixture[str], demo_copy: Any, tmp_path: Path) -> None:
    for kind in ("review", "appraisal", "bonus", "payroll", "compliance"):
        code, answer, said = run(
            capsys,
            demo_copy.home,
            "report",
            kind,
            "--period",
            "2026-10",
            "--out",
            tmp_path / kind,
            "--format",
            "html,xlsx",
        )
        assert code == 0, said
        assert {Path(f).suffix for f in answer["files"]} == {".html", ".xlsx"}
    code, answer, said = run(capsys, demo_copy.home, "report", "daily", "--date", "2026-10-30", "--out", tmp_path)
    assert code == 0, said
    assert Path(answer["files"][0]).read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_verify_backup_restore(capsys: pytest.CaptureFixture[str], demo_copy: Any, tmp_path: Path) -> None:
    assert run(capsys, demo_copy.home, "verify")[:2] == (0, {"faults": []})
    file, home = tmp_path / "backup.zip", tmp_path / "restored"
    assert run(capsys, demo_copy.home, "backup", file)[0] == 0
    assert file.stat().st_mode & 0o077 == 0
    assert run(capsys, home, "restore", file)[0] == 0
    assert run(capsys, home, "verify")[:2] == (0, {"faults": []})
    assert run(capsys, home, "score", "2026-10")[1] == run(capsys, demo_copy.home, "score", "2026-10")[1]


def test_close_takes_two_names(capsys: pytest.CaptureFixture[str], demo_copy: Any) -> None:
    code, answer, said = run(capsys, demo_copy.home, "close", "2026-10", "--by", "renshi-fang", "--second", "renshi-mo")
    assert code == 0, said
    assert len(answer["hash"]) == 64
    code, _, said = run(capsys, demo_copy.home, "close", "2026-10", "--by", "renshi-fang", "--second", "nobody")
    assert code == 1
    assert "nobody" in said


def test_users(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(capsys, home, "init")
    code, answer, _ = run(capsys, home, "user", "add", "lin", "--role", "supervisor", "--team", "*")
    assert (code, answer["user"]) == (0, "lin")
    assert run(capsys, home, "user", "disable", "lin")[0] == 0
    [row] = run(capsys, home, "user", "list")[1]["rows"]
    assert (row["login"], row["disabled"]) == ("lin", True)


def test_watch_reads_what_has_arrived(capsys: pytest.CaptureFixture[str], tmp_path: Path, log: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "inbox"
    folder.mkdir()
    log.rename(folder / "log.jsonl")
    run(capsys, home, "init")
    code, answer, _ = run(capsys, home, "watch", folder, "--once")
    assert (code, answer["files"][0]["accepted"]) == (0, 2)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("missing.csv", "conversation_id,speaker,text\nk1,agent,您好\n".encode(), "sent_at"),
        ("half.jsonl", json.dumps(PLAIN).encode() + b'\n{"conversation_id": "k2", "spea', "half"),
        ("bytes.csv", b"\x00\x01\x02\xff\xfe\xfa", ""),
    ],
)
def test_a_bad_file_is_one_plain_sentence_with_its_place_and_nothing_is_stored(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    home, path = tmp_path / "home", tmp_path / name
    path.write_bytes(content)
    run(capsys, home, "init")
    code, answer, words = run(capsys, home, "import", path)
    assert code == 1
    assert name in words
    assert said in words.lower()
    assert "Traceback" not in words
    assert answer["accepted"] == 0
    assert run(capsys, home, "verify")[1] == {"faults": []}


def test_an_unknown_policy_key_is_refused_with_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, log: Path
) -> None:
    home = tmp_path / "home"
    run(capsys, home, "init")
    run(capsys, home, "import", log)
    with (home / "policy" / "metrics" / "kuaishou.toml").open("a", encoding="utf-8") as file:
        file.write("typo = 1\n")
    code, answer, said = run(capsys, home, "check")
    assert (code, answer) == (1, {})
    assert "metrics/kuaishou.toml [payment_rate]" in said
    assert "“typo” is unknown" in said


def test_no_workspace_is_refused_with_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, said = run(capsys, tmp_path / "none", "check")
    assert code == 1
    assert "qa init" in said


def test_wrong_usage_is_exit_2(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--home", str(tmp_path), "report", "nonsense", "--out", "x"])
    assert stopped.value.code == 2


def test_something_unexpected_leaves_no_trace_on_the_screen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    run(capsys, home, "init")
    monkeypatch.setattr("qa.commands.chats.pipeline.check", lambda *a, **k: 1 / 0)
    code, _, said = run(capsys, home, "check")
    assert code == 1
    assert "Traceback" not in said
    assert "ZeroDivisionError" in (home / "errors.log").read_text(encoding="utf-8")


def test_the_contract_names_every_command() -> None:
    contract = {"init", "demo", "import", "check", "findings", "rules", "metrics", "sample", "score", "bonus"}
    contract |= {"close", "report", "verify", "watch", "backup", "restore", "user", "serve"}
    assert contract <= set(COMMANDS)
