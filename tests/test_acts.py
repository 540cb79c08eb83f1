"""Acts: whole or not at all, one after the other, each in an audit that shows every change."""

from collections.abc import Iterator
from datetime import timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest
from databases import KINDS, ROWS, START, Clock, child, ended, fill, fresh, run, with_

from qa.model import Refusal
from qa.records import Duplicate, Records, connection
from qa.records.columns import instant_text
from qa.records.views import READABLE


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


@pytest.fixture
def records(url: str, clock: Clock) -> Iterator[Records]:
    opened = Records.open(url, clock)
    yield opened
    opened.close()


# ---------------------------------------------------------------- acts


def test_an_act_leaves_its_rows_and_one_row_in_the_audit(records: Records) -> None:
    with records.act("u1", "setting.change", "zone", {"old": None}) as act:
        act.append("setting", [ROWS["setting"], with_("setting", value="UTC")])
        act.append("setting", [])
        act.detail({"new": "UTC"})
        assert [row["value"] for row in act.read("setting_now")] == ["UTC"]
        assert records.read("setting") == []
    (row,) = records.read("audit")
    said = {"seq": 1, "at": act.at, "actor": "u1", "action": "setting.change", "subject": "zone"}
    assert row.items() >= {**said, "detail": {"old": None, "new": "UTC"}}.items()
    assert [r["by"] for r in records.read("setting")] == ["u1", "u1"]
    assert records.version() == 1


def test_an_act_that_fails_leaves_nothing(records: Records) -> None:
    with pytest.raises(ZeroDivisionError), records.act("u1", "half") as act:
        act.append("setting", [ROWS["setting"]])
        raise ZeroDivisionError
    assert (records.read("setting"), records.read("audit"), records.version()) == ([], [], 0)


def test_an_act_is_lost_with_its_duplicate_even_when_that_is_caught(records: Records) -> None:
    fill(records)
    with pytest.raises((RuntimeError, Refusal)), records.act("u1", "twice") as act:
        act.append("setting", [with_("setting", value="lost")])
        with pytest.raises(Duplicate):
            act.append("load", [with_("load", load_id="l2"), ROWS["load"]])
    assert records.version() == 1
    assert len(records.read("setting")) == len(records.read("load")) == 1


def test_looking_is_written_down_without_changing_anything(records: Records) -> None:
    records.see("hr", "chat.read", "c1", {"reason": "appeal"})
    (row,) = records.read("audit")
    assert (row["actor"], row["detail"]) == ("hr", {"reason": "appeal"})


def test_writing_inside_an_act_is_a_mistake_and_not_a_wait_for_ever(records: Records) -> None:
    for inner in (lambda: records.see("u1", "inner"), lambda: records.end_signins(user_id="u1")):
        with pytest.raises(RuntimeError, match="inside another act"), records.act("u1", "outer"):
            inner()
    assert records.version() == 0


def test_instants_never_go_backwards(records: Records, clock: Clock) -> None:
    records.see("u1", "first")
    clock.instant = START - timedelta(hours=1)
    records.see("u1", "second")
    clock.instant = (START + timedelta(milliseconds=1)).astimezone(timezone(timedelta(hours=8)))
    records.see("u1", "third")
    said = [row["at"] for row in records.read("audit")]
    assert said == ["2026-10-01T02:00:00.000Z", "2026-10-01T02:00:00.000Z", "2026-10-01T02:00:00.001Z"]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("update audit set detail = '{}' where seq = 2", "audit 2: changed"),
        ("update audit set at = '2026-09-01T00:00:00.000Z' where seq = 2", "audit 2: changed"),
        ("delete from audit where seq = 2", "audit 3: 1 rows before it are missing"),
        ("delete from audit where seq = 1", "audit 2: 1 rows before it are missing"),
        ("update audit set hash = prev_hash, prev_hash = hash where seq = 2", "audit 3: does not follow"),
    ],
)
def test_the_audit_shows_what_was_done_to_it(records: Records, damage: str, fault: str) -> None:
    for action in ("one", "two", "three"):
        records.see("u1", action, detail={"行": action})
    assert records.chain_faults() == []
    off = "drop trigger audit_no_update" if records.url.startswith("sqlite") else "drop trigger audit_keep on audit"
    more = ["drop trigger audit_no_delete"] if records.url.startswith("sqlite") else []
    run(records.url, off, *more, damage)
    assert any(said.startswith(fault) for said in records.chain_faults())


# ---------------------------------------------------------------- browser sign-ins


def test_a_signin_is_touched_and_ended_once(records: Records, clock: Clock) -> None:
    for token in ("t1", "t2", "t3"):
        user = "u2" if token == "t3" else "u1"
        records.start_signin({"token_hash": token, "user_id": user, "started_at": START, "seen_at": START})
    later = START + timedelta(minutes=5)
    records.touch_signin("t1", later)
    clock.instant = later
    records.end_signins(token_hash="t1")
    clock.instant = later + timedelta(minutes=5)
    records.touch_signin("t1", clock.instant)
    records.end_signins(user_id="u1")
    found = {s["token_hash"]: (s["seen_at"], s["ended_at"]) for s in records.read("signin")}
    begun, five, ten = instant_text(START), instant_text(later), instant_text(clock.instant)
    assert found == {"t1": (five, five), "t2": (begun, ten), "t3": (begun, None)}
    assert records.version() == 0
    with pytest.raises(ValueError, match="which sign-ins"):
        records.end_signins()


# ---------------------------------------------------------------- several writers, and sudden ends

WRITER = """
import sys
from qa.records import Records
records = Records.open(sys.argv[1])
for n in range(int(sys.argv[3])):
    with records.act(sys.argv[2], "write") as act:
        last = len(act.read("setting", name="count"))
        act.append("setting", [{"name": "count", "value": str(last)}])
        act.append("draft", [{"user_id": sys.argv[2], "conversation_id": str(n), "body": {}}])
    print(n, flush=True)
"""


def test_processes_and_threads_that_write_at_once_lose_nothing(records: Records) -> None:
    others = [child(WRITER, records.url, who, "40") for who in ("p1", "p2")]

    def write(who: str) -> None:
        for _ in range(20):
            with records.act(who, "write") as act:
                act.append("setting", [{"name": "count", "value": str(len(act.read("setting", name="count")))}])

    threads = [Thread(target=write, args=(f"t{i}",)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        ended(other)
    counted = [int(row["value"]) for row in records.read("setting", name="count", order="seq")]
    assert counted == list(range(140))
    assert records.version() == 140
    assert records.chain_faults() == []


KILLS = """
import itertools, os, random, signal, sys, time
from qa.records import Records

def write(who, out):
    records = Records.open(sys.argv[1])
    for n in itertools.count():
        with records.act(who, "write") as act:
            act.append("setting", [{"name": "count", "value": str(n)}])
            act.append("draft", [{"user_id": who, "conversation_id": str(n), "body": {}}])
        os.write(out, b".")

chance = random.Random(20261001)
for once in range(5):
    writers = []
    for who in (f"w{once}-{n}" for n in range(3)):
        told, out = os.pipe()
        pid = os.fork()
        if pid == 0:
            write(who, out)
        os.close(out)
        writers.append((who, pid, told))
    for who, pid, told in writers:
        first = os.read(told, 1)
        time.sleep(chance.uniform(0, 0.03))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        print(who, len(first + os.read(told, 1_000_000)))
"""


def test_writers_that_are_killed_leave_whole_acts_and_every_one_they_told_of(url: str) -> None:
    Records.open(url).close()
    told = {who: int(n) for who, n in (line.split() for line in ended(child(KILLS, url)).splitlines())}
    records = Records.open(url)
    kept = records.read("draft")
    written = {who: sum(row["user_id"] == who for row in kept) for who in told}
    assert len(told) == 15
    assert all(0 < told[who] <= written[who] <= told[who] + 1 for who in told)
    assert len(kept) == len(records.read("setting")) == records.version() == sum(written.values())
    assert records.chain_faults() == []
    records.close()


def test_reading_for_the_query_engine_does_not_let_another_writer_in(file: Path) -> None:
    """SQLite's locks belong to the process: a second SQLite library that closes the file would drop them."""
    records = Records.open(f"sqlite:///{file}")
    intruder = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0.1).execute('begin immediate')"
    with records.act("u1", "hold"):
        for name in READABLE:
            records.arrow(name)
        records.backup(file.with_name("copy.db"))
        Records.open(f"sqlite:///{file}").close()
        _, err = child(intruder, str(file)).communicate()
    assert "database is locked" in err
    records.close()


def test_a_writer_waits_and_then_says_that_the_records_are_busy(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WAIT", 0.1)
    first, second = Records.open(f"sqlite:///{file}"), Records.open(f"sqlite:///{file}")
    with first.act("u1", "long"), pytest.raises(Refusal, match="busy"):
        second.see("u2", "short")
    second.see("u2", "short")
    assert first.version() == 2
    first.close()
    second.close()
