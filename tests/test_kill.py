"""An import that is killed leaves the old state or the new, never something between."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qa import pipeline
from qa.workspace import OWNER, Workspace

KILLS = 6
CONVERSATIONS = 3_000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough messages over several days that an import can be caught in the middle."""
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(CONVERSATIONS):
            talk = {
                "conversation_id": f"k{number}",
                "platform": "kuaishou",
                "shop": "一店",
                "agent": f"一店:{number % 7}",
                "customer": f"客{number % 900}",
                "messages": [
                    {
                        "seq": i,
                        "sent_at": f"2026-10-{1 + number % 9:02}T10:{i:02}:00+08:00",
                        "speaker": who,
                        "text": f"第{i}句",
                    }
                    for i, who in enumerate(["customer", "agent"] * 5)
                ],
            }
            file.write(json.dumps(talk, ensure_ascii=False) + "\n")
    return path


def test_a_killed_import_leaves_the_old_state_or_the_new(log: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    Workspace.create(home).records.close()
    command = [sys.executable, "-m", "qa.cli", "--home", str(home), "import", str(log)]
    started = time.monotonic()
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    whole = time.monotonic() - started
    rng = random.Random(20261001)
    seen = set()
    for number in range(KILLS):
        home = tmp_path / f"home{number}"
        Workspace.create(home).records.close()
        command[4] = str(home)
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * rng.uniform(0.3, 1.0))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        ws = Workspace.open(home)
        rows = sum(part.rows for part in ws.parts("messages"))
        seen.add(rows)
        assert rows in {0, CONVERSATIONS * 10}
        assert len(ws.records.read("load")) == (1 if rows else 0)
        assert pipeline.verify(ws, OWNER) == ()
        assert not ws.lake.faults([*ws.parts("messages"), *ws.parts("conversations")])
        [file] = pipeline.import_logs(ws, OWNER, [log]).files
        assert file.accepted == CONVERSATIONS * 10 - rows
        ws.records.close()
    assert seen
