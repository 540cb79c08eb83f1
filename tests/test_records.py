"""The records: rows that are written once, views that show the state of now, and tables for the query engine."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from databases import KINDS, ROWS, START, Clock, do, fill, fresh, run, with_

from qa.model import Refusal, Verdict
from qa.records import Duplicate, Records
from qa.records.columns import instant_text
from qa.records.tables import metadata
from qa.records.views import READABLE

SAID: dict[str, dict[str, Any]] = {
    "agent_account": {"valid_from": "2026-01-01", "valid_to": None, "by": "u1"},
    "user_version": {"teams": ["早班", "晚班"], "role": "supervisor"},
    "sample": {"first_day": "2026-10-01", "end_day": "2026-11-01", "day": None},
    "review": {"score": "86.250", "root_cause": None, "seconds": None},
}
"""How values come back that are kept as text."""


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(url: str, clock: Clock) -> Iterator[Records]:
    opened = Records.open(url, clock)
    yield opened
    opened.close()


@pytest.fixture
def full(records: Records) -> Records:
    """Records with one row in every table."""
    fill(records)
    return records


# ---------------------------------------------------------------- rows


def test_what_is_appended_is_read_back(full: Records) -> None:
    assert set(ROWS) | {"audit", "signin"} == set(metadata.tables)
    for table, row in ROWS.items():
        (found,) = full.read(table)
        assert found.items() >= {**row, **SAID.get(table, {})}.items()
        assert found.get("at", instant_text(START)) == instant_text(START)


@pytest.mark.parametrize("table", [t for t in metadata.tables if t != "signin"])
def test_a_row_once_written_can_be_neither_changed_nor_deleted(full: Records, table: str) -> None:
    column = metadata.tables[table].columns.values()[0].name
    for statement in (f"update {table} set {column} = {column}", f"delete from {table}"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            run(full.url, statement)
    assert len(full.read(table)) == 1


def test_a_row_cannot_be_replaced_by_inserting_it_again(tmp_path: Path) -> None:
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    do(records, "load", ROWS["load"])
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), records._database.begin() as raw:
        raw.exec_driver_sql("insert or replace into load select * from load")
    records.close()


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("load", {"rejected": 2}),
        ("load", {"rows_in": 0, "accepted": -3}),
        ("part_event", {"load_id": "nobody"}),
        ("sample", {"stream": "both"}),
        ("sample", {"end_day": "2026-10-01"}),
        ("sample_member", {"conversation_id": "c2", "probability": 0.0}),
        ("sample_member", {"conversation_id": "c2", "probability": 1.01}),
        ("sample_member", {"conversation_id": "c2", "stratum_drawn": 41}),
        ("assignment", {"assignment_id": "g2", "conversation_id": "c-not-drawn"}),
        ("user_version", {"role": "king"}),
        ("membership", {"valid_to": "2025-12-31"}),
        ("membership", {"valid_from": "1.1.2026"}),
        ("setting", {"at": "2026-10-01"}),
        ("setting", {"value": None}),
        ("rating", {"criterion": "greeting", "level": -1}),
        ("verdict", {"verdict": "perhaps"}),
        ("close", {"close_id": "k2", "period": "2026-11", "second_by": "u1"}),
        ("frozen", {"kind": "mood"}),
    ],
)
def test_a_row_that_cannot_be_true_is_refused(full: Records, table: str, changes: dict[str, Any]) -> None:
    before = full.read(table)
    with pytest.raises(Refusal, match="do not take this"):
        do(full, table, with_(table, **changes))
    assert full.read(table) == before


@pytest.mark.parametrize(
    ("table", "changes", "mistake"),
    [
        ("review", {"score": 86.25}, TypeError),
        ("setting", {"at": datetime(2026, 10, 1)}, TypeError),
        ("setting", {"value": 3}, TypeError),
        ("draft", {"body": "{}"}, TypeError),
        ("setting", {"colour": "red"}, ValueError),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_mistake_in_the_program(
    full: Records, table: str, changes: dict[str, Any], mistake: type[Exception]
) -> None:
    with pytest.raises(mistake):
        do(full, table, with_(table, **changes))


def test_a_row_without_a_column_that_is_needed_is_a_mistake(records: Records) -> None:
    with pytest.raises(ValueError, match="setting lacks value"):
        do(records, "setting", {"name": "zone"})
    with pytest.raises(ValueError, match="not appended to"):
        do(records, "audit", {})


def test_the_same_form_twice_is_a_duplicate(full: Records) -> None:
    with pytest.raises(Duplicate) as caught:
        do(full, "review", with_("review", review_id="r2", conversation_id="c2"))
    assert (caught.value.table, caught.value.columns) == ("review", ("form_id",))


def test_a_reviewer_judges_a_conversation_once_per_scorecard(full: Records) -> None:
    with pytest.raises(Duplicate) as caught:
        do(full, "review", with_("review", review_id="r2", form_id="f2"))
    assert caught.value.columns == ("conversation_id", "reviewer", "scorecard")
    do(full, "review", with_("review", review_id="r3", form_id="f3", scorecard="other"))


def test_a_login_belongs_to_one_user_at_a_time(full: Records) -> None:
    with pytest.raises(Duplicate) as caught:
        do(full, "user_version", with_("user_version", user_id="u2"))
    assert (caught.value.table, caught.value.columns) == ("user_version", ("login",))
    do(full, "user_version", with_("user_version", login="li.na"))
    do(full, "user_version", with_("user_version", user_id="u2"))
    assert {u["user_id"]: u["login"] for u in full.read("user_now")} == {"u1": "li.na", "u2": "lina"}


# ---------------------------------------------------------------- views


def test_of_every_thing_the_newest_row_counts(full: Records) -> None:
    newer = {
        "setting_now": ("setting", {"value": "UTC"}, {"name": "other"}),
        "agent_now": ("agent", {"name": "李娜娜"}, {"agent_id": "a2"}),
        "account_now": ("agent_account", {"valid_to": "2026-11-01"}, {"valid_from": "2026-11-01"}),
        "membership_now": ("membership", {"team": "早班"}, {"valid_from": "2026-11-01", "valid_to": None}),
        "user_now": ("user_version", {"disabled": True}, {"user_id": "u2", "login": "wang"}),
        "verdict_now": ("verdict", {"verdict": "rejected"}, {"finding_id": "x2"}),
        "draft_now": ("draft", {"body": {}}, {"conversation_id": "c2"}),
    }
    for view, (table, change, other) in newer.items():
        do(full, table, with_(table, **change), with_(table, **other))
        first, second = full.read(view)
        assert first.items() >= change.items()
        assert second.items() >= other.items()
        assert len(full.read(table)) == 3


def test_a_part_that_was_retired_is_no_longer_live(full: Records) -> None:
    part = ROWS["part_event"]["name"]
    do(full, "part_event", with_("part_event", live=False), with_("part_event", name="other"))
    assert [p["name"] for p in full.read("part_now")] == ["other"]
    do(full, "part_event", with_("part_event"))
    assert {p["name"] for p in full.read("part_now")} == {part, "other"}


def test_an_assignment_is_done_when_its_reviewer_has_reviewed_under_its_scorecard(full: Records) -> None:
    with full.act("u1", "assign") as act:
        act.append("sample_member", [with_("sample_member", conversation_id="c2")])
        act.append("assignment", [with_("assignment", assignment_id="g2", reviewer="u2", round=2)])
        act.append("assignment", [with_("assignment", assignment_id="g3", conversation_id="c2")])
        act.append("review", [with_("review", review_id="r2", form_id="f2", scorecard="other")])
    found = {a["assignment_id"]: a["review_id"] for a in full.read("assignment_now")}
    assert found == {"g1": "r1", "g2": None, "g3": None}
    (first,) = full.read("assignment_now", assignment_id="g1")
    assert first.items() >= {"reviewer": "u1", "at": instant_text(START)}.items()
    assert first.items() >= {"stream": "measuring", "plan": "monthly", "scorecard": "chat"}.items()


# ---------------------------------------------------------------- reading


def test_rows_are_chosen_by_value_by_list_and_by_being_empty(records: Records) -> None:
    rows = [
        with_("verdict", finding_id=f"x{i}", review_id=None, message_id=f"m{i % 2}" if i else None) for i in range(5)
    ]
    do(records, "verdict", *rows)

    def ids(**where: object) -> list[str]:
        return [row["finding_id"] for row in records.read("verdict", **where)]  # type: ignore[arg-type]

    assert ids(message_id="m1") == ["x1", "x3"]
    assert ids(message_id=None) == ["x0"]
    assert ids(finding_id={"x2", "x4", "x9"}, verdict=Verdict.CONFIRMED) == ["x2", "x4"]
    assert ids(verdict=[Verdict.REJECTED]) == []
    assert ids(seq=[1, 2]) == ["x0", "x1"]
    assert ids(finding_id=()) == []
    assert ids(order="-finding_id", limit=2) == ["x4", "x3"]
    assert ids(order="message_id,-finding_id") == ["x0", "x4", "x2", "x3", "x1"]
    assert ids(order="-message_id") == ["x1", "x3", "x2", "x4", "x0"]


def test_a_list_may_be_longer_than_a_database_takes_parameters(full: Records) -> None:
    many = [f"c{i}" for i in range(70_000)]
    assert len(full.read("review", conversation_id=many)) == 1


def test_an_unknown_name_is_a_mistake(records: Records) -> None:
    for call in ({"name": "nothing"}, {"name": "review", "colour": 1}, {"name": "review", "order": "colour"}):
        name = call.pop("name")
        with pytest.raises(ValueError, match=r"nothing|colour"):
            records.read(str(name), **call)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nothing"):
        records.arrow("nothing")


def test_arrow_tables_have_the_same_types_full_or_empty(records: Records) -> None:
    kinds = {name: records.arrow(name).schema for name in READABLE}
    assert str(kinds["sample_member"].field("probability").type) == "double"
    assert str(kinds["review"].field("score").type) == "string"
    assert str(kinds["review"].field("seconds").type) == "int64"
    assert str(kinds["part_now"].field("live").type) == "bool"
    do(records, "load", ROWS["load"])
    do(records, "part_event", ROWS["part_event"], with_("part_event", live=False, load_id=None))
    table = records.arrow("part_event")
    assert table.schema == kinds["part_event"]
    assert table.column("live").to_pylist() == [True, False]
    assert table.column("load_id").to_pylist() == ["l1", None]


def test_arrow_holds_what_read_holds_with_lists_as_text(full: Records) -> None:
    for name in READABLE:
        rows = full.arrow(name).to_pylist()
        assert len(rows) == 1
        same = {k: v for k, v in full.read(name)[0].items() if not isinstance(v, list | dict)}
        assert rows[0].items() >= same.items()
    assert full.arrow("review").column("shown_findings").to_pylist() == ['["x1","x2"]']


def test_an_arrow_table_is_kept_until_the_next_act(records: Records) -> None:
    first = records.arrow("setting")
    assert records.arrow("setting") is first
    do(records, "setting", ROWS["setting"])
    assert records.arrow("setting").num_rows == 1
