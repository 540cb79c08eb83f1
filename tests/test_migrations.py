"""Migrations: from nothing to what the program says, whole or not at all, and never backwards."""

import hashlib
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from databases import KINDS, ROOT, child, do, ended, fill, fresh, run, with_

from qa.model import Refusal
from qa.records import Records, upgrade, views
from qa.records.tables import metadata


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh(request.param, tmp_path) as address:
        yield address


def _schema(url: str) -> dict[str, Any]:
    """Everything the database knows of its tables."""
    database = sa.create_engine(url, poolclass=sa.pool.NullPool)
    look = sa.inspect(database)

    def sorted_(items: Any) -> list[str]:
        return sorted(str(sorted(item.items())) for item in items)

    found = {}
    for table in look.get_table_names():
        if table != "alembic_version":
            found[table] = {
                "columns": [{**column, "type": str(column["type"])} for column in look.get_columns(table)],
                "key": look.get_pk_constraint(table),
                "unique": sorted_(look.get_unique_constraints(table)),
                "refers": sorted_(look.get_foreign_keys(table)),
                "checks": sorted_(look.get_check_constraints(table)),
                "indexes": sorted_(look.get_indexes(table)),
            }
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_migrations_make_the_tables_that_the_program_names(kind: str, tmp_path: Path) -> None:
    (tmp_path / "named").mkdir()
    with fresh(kind, tmp_path) as migrated, fresh(kind, tmp_path / "named") as named:
        Records.open(migrated).close()
        with sa.create_engine(named, poolclass=sa.pool.NullPool).begin() as connection:
            metadata.create_all(connection)
        found, said = _schema(migrated), _schema(named)
        assert set(found) == set(metadata.tables)
        for table in said:
            assert found[table] == said[table]


def test_the_views_have_the_columns_that_the_program_names(url: str) -> None:
    Records.open(url).close()
    look = sa.inspect(sa.create_engine(url, poolclass=sa.pool.NullPool))
    found = {view: [column["name"] for column in look.get_columns(view)] for view in look.get_view_names()}
    assert found == {name: table.columns.keys() for name, table in views.views.tables.items()}


def test_changed_views_or_triggers_come_with_a_migration() -> None:
    """Else databases that are at the newest revision would keep the old ones."""
    newest = ScriptDirectory(str(upgrade.MIGRATIONS)).get_revision(upgrade.HEAD)
    statements = "\n".join([*views.definitions("sqlite"), *views.definitions("postgresql")])
    assert newest.module.views == hashlib.sha256(statements.encode()).hexdigest()


def test_the_program_stands_at_the_newest_migration() -> None:
    assert ScriptDirectory(str(upgrade.MIGRATIONS)).get_heads() == [upgrade.HEAD]


def test_every_table_and_column_says_what_it_holds() -> None:
    silent = [t.name for t in metadata.sorted_tables if not t.comment]
    silent += [str(c) for t in metadata.sorted_tables for c in t.columns if not c.comment]
    assert silent == []


@pytest.mark.parametrize("url", KINDS[1:], indirect=True)
def test_postgresql_keeps_what_tables_and_columns_hold(url: str) -> None:
    Records.open(url).close()
    look = sa.inspect(sa.create_engine(url, poolclass=sa.pool.NullPool))
    for name, table in metadata.tables.items():
        assert look.get_table_comment(name)["text"] == table.comment
        assert [c["comment"] for c in look.get_columns(name)] == [c.comment for c in table.columns]


def test_opening_again_changes_nothing(url: str) -> None:
    records = Records.open(url)
    fill(records)
    before = {name: records.read(name) for name in metadata.tables}, _schema(url)
    records.close()
    records = Records.open(url)
    assert ({name: records.read(name) for name in metadata.tables}, _schema(url)) == before
    records.close()


OPEN = "import sys; from qa.records import Records; print(Records.open(sys.argv[1]).version())"


def test_programs_that_start_at_once_make_one_database(url: str) -> None:
    started = [child(OPEN, url) for _ in range(4)]
    assert [ended(program) for program in started] == ["0\n"] * 4
    records = Records.open(url)
    assert sorted(_schema(url)) == sorted(metadata.tables)
    records.close()


# ---------------------------------------------------------------- what is not ours, or newer


def test_records_of_a_newer_program_are_refused_and_left_alone(url: str) -> None:
    Records.open(url).close()
    run(url, "update alembic_version set version_num = '9999'")
    with pytest.raises(Refusal, match=r"newer QA Desk \(schema 9999; this program knows 0001\).*Install the newer"):
        Records.open(url)
    assert run(url, "select version_num from alembic_version") == [("9999",)]


def test_a_database_of_something_else_is_refused_and_left_alone(url: str) -> None:
    run(url, "create table recipe (name text)")
    with pytest.raises(Refusal, match="something else than records"):
        Records.open(url)
    assert sa.inspect(sa.create_engine(url)).get_table_names() == ["recipe"]


# ---------------------------------------------------------------- halfway

NEXT = """
import os, signal
import sqlalchemy as sa
from alembic import op
revision, down_revision, views = "0002", "0001", ""
def upgrade():
    with op.batch_alter_table("review") as batch:
        batch.add_column(sa.Column("mood", sa.Text(), nullable=True))
        batch.create_check_constraint("mood", "mood <> 'bad'")
    op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))
    {ends}
"""
LATER = """
import sys
from pathlib import Path
from qa.records import Records, upgrade
upgrade.MIGRATIONS, upgrade.HEAD = Path(sys.argv[2]), "0002"
Records.open(sys.argv[1]).close()
"""
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The migrations of a later program, without its newest one."""
    folder = tmp_path / "migrations"
    shutil.copytree(upgrade.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _write_next(folder: Path, ends: str) -> None:
    (folder / "versions" / "v0002_next.py").write_text(NEXT.replace("{ends}", ends), encoding="utf-8")


@pytest.mark.parametrize("ends", [KILLED, "raise RuntimeError('half')"])
def test_a_migration_that_ends_halfway_leaves_the_old_records(url: str, later: Path, ends: str) -> None:
    records = Records.open(url)
    fill(records)
    records.close()
    before = _schema(url)
    _write_next(later, ends)
    program = child(LATER, url, str(later))
    program.communicate(timeout=60)
    assert program.returncode in {-signal.SIGKILL, 1}
    assert _schema(url) == before
    records = Records.open(url)
    do(records, "setting", with_("setting", value="UTC"))
    assert records.chain_faults() == []
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        run(url, "delete from review")
    records.close()


def test_a_migration_keeps_the_rows_and_puts_views_and_triggers_up_again(url: str, later: Path) -> None:
    records = Records.open(url)
    fill(records)
    before = {name: records.read(name) for name in ("review", "rating", "verdict_now", "assignment_now")}
    records.close()
    _write_next(later, "pass")
    ended(child(LATER, url, str(later)))
    with pytest.raises(Refusal, match="newer QA Desk"):
        Records.open(url)
    run(url, "update alembic_version set version_num = '0001'")  # to read it with this program
    records = Records.open(url)
    assert {name: records.read(name) for name in before} == before
    records.close()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        run(url, "delete from review")
    assert run(url, "select mood from review") == [(None,)]


FIRST = """
import os, signal, sys
from qa.records import Records, views
def dies(connection):
    os.kill(os.getpid(), signal.SIGKILL)
views.put_up = dies
Records.open(sys.argv[1])
"""


def test_records_that_were_being_made_when_the_program_was_killed_are_made_anew(url: str) -> None:
    program = child(FIRST, url)
    program.communicate(timeout=60)
    assert program.returncode == -signal.SIGKILL
    if url.startswith("sqlite"):
        assert not Path(url.removeprefix("sqlite:///")).exists()
    records = Records.open(url)
    fill(records)
    assert records.chain_faults() == []
    records.close()


def test_a_program_in_a_folder_with_an_odd_name_finds_its_migrations(tmp_path: Path) -> None:
    """Alembic reads its settings with % as a sign of its own."""
    home = tmp_path / "100% 质检 #1?"
    shutil.copytree(ROOT / "qa", home / "qa", ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys; sys.path.insert(0, sys.argv[2]); import qa; assert qa.__file__.startswith(sys.argv[2]); " + OPEN
    assert ended(child(code, f"sqlite:///{home / 'records.db'}", str(home))) == "0\n"
