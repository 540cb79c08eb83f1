"""Where the tests of the records run (a SQLite file, and PostgreSQL when QA_TEST_POSTGRES_URL is set), and rows for them."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from qa.model import Role, Verdict
from qa.records import Records

ROOT = Path(__file__).parent.parent
SERVER = os.environ.get("QA_TEST_POSTGRES_URL", "")
KINDS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.skipif(not SERVER, reason="QA_TEST_POSTGRES_URL is not set")),
]


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database; on PostgreSQL a schema of its own, dropped at the end."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'records.db'}"
        return
    schema = f"test_{secrets.token_hex(6)}"
    address = sa.make_url(SERVER)
    run(SERVER, f"create schema {schema}")
    yield address.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    run(SERVER, f"drop schema {schema} cascade")


def run(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run SQL past the store; the rows of the last statement."""
    database = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with closing(database.connect()) as connection, connection.begin():
        results = [connection.exec_driver_sql(statement) for statement in statements]
        return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []


def child(code: str, *words: str, **options: Any) -> subprocess.Popen[str]:
    """Another process that runs this code with `words` in sys.argv[1:]; its output can be read line by line."""
    command = [sys.executable, "-c", code, *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def ended(process: subprocess.Popen[str]) -> str:
    """What a child that ended well printed."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


START = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
HASH = "ab" * 32

ROWS: dict[str, dict[str, Any]] = {
    "setting": {"name": "zone", "value": "Asia/Shanghai"},
    "agent": {"agent_id": "a1", "name": "李娜"},
    "agent_account": {
        "platform": "kuaishou",
        "shop": "一店",
        "account": "客服1",
        "agent_id": "a1",
        "valid_from": date(2026, 1, 1),
    },
    "membership": {"agent_id": "a1", "team": "晚班", "valid_from": "2026-01-01", "valid_to": "2026-11-01"},
    "user_version": {
        "user_id": "u1",
        "login": "lina",
        "name": "李娜",
        "role": Role.SUPERVISOR,
        "agent_id": None,
        "teams": frozenset({"晚班", "早班"}),
        "language": "zh",
        "password_hash": "",
        "disabled": False,
    },
    "signin_attempt": {"login": "lina", "ok": True},
    "load": {
        "load_id": "l1",
        "file": "十月.csv",
        "file_hash": HASH,
        "source": "plain",
        "rows_in": 6,
        "accepted": 3,
        "duplicate": 2,
        "rejected": 1,
        "masked": 0,
    },
    "part_event": {
        "name": "messages/2026-10-01/x.parquet",
        "kind": "messages",
        "day": "2026-10-01",
        "rows": 3,
        "sha256": HASH,
        "live": True,
        "load_id": "l1",
    },
    "sample": {
        "sample_id": "s1",
        "plan": "monthly",
        "plan_version": "v1",
        "scorecard": "chat",
        "stream": "measuring",
        "period": "2026-10",
        "first_day": date(2026, 10, 1),
        "end_day": date(2026, 11, 1),
        "seed": 2**62,
        "frame_hash": HASH,
        "frame_size": 40,
        "certificate": {"strata": [{"stratum": "a1", "size": 40, "drawn": 12}]},
    },
    "sample_member": {
        "sample_id": "s1",
        "conversation_id": "c1",
        "agent_id": "a1",
        "stratum": "a1",
        "probability": 0.30000000000000004,
        "stratum_size": 40,
        "stratum_drawn": 12,
    },
    "assignment": {
        "assignment_id": "g1",
        "sample_id": "s1",
        "conversation_id": "c1",
        "reviewer": "u1",
        "round": 1,
    },
    "review": {
        "review_id": "r1",
        "form_id": "f1",
        "conversation_id": "c1",
        "agent_id": "a1",
        "reviewer": "u1",
        "round": 1,
        "sample_id": "s1",
        "scorecard": "chat",
        "scorecard_version": "2026-01-01",
        "score": Decimal("86.250"),
        "shown_findings": ["x1", "x2"],
        "note": "谢谢",
    },
    "rating": {"review_id": "r1", "criterion": "attitude", "level": 2},
    "verdict": {
        "finding_id": "x1",
        "rule": "deflection.unclear",
        "conversation_id": "c1",
        "message_id": "m1",
        "verdict": Verdict.CONFIRMED,
        "reason": "",
        "reviewer": "u1",
        "review_id": "r1",
    },
    "draft": {"user_id": "u1", "conversation_id": "c1", "body": {"note": "半句"}},
    "close": {
        "close_id": "k1",
        "period": "2026-10",
        "hash": HASH,
        "digests": {"schemes/agent.toml": HASH},
        "first_by": "u1",
        "second_by": "u2",
    },
    "frozen": {"close_id": "k1", "kind": "bonus", "key": "a1", "body": {"amount": "1234.50"}},
}
"""One row of every table, in an order in which each finds what it refers to."""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.instant = START

    def __call__(self) -> datetime:
        return self.instant


def with_(table: str, **changes: object) -> dict[str, Any]:
    """The row of a table with something else in it."""
    return {**ROWS[table], **changes}


def do(records: Records, table: str, *rows: dict[str, Any]) -> None:
    """One act that appends these rows."""
    with records.act("u1", "test") as act:
        act.append(table, rows)


def fill(records: Records) -> None:
    """One row in every table, in one act and one sign-in."""
    with records.act("u1", "fill") as act:
        for table, row in ROWS.items():
            act.append(table, [row])
    records.start_signin({"token_hash": HASH, "user_id": "u1", "started_at": START, "seen_at": START})
