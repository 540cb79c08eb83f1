"""The one door to DuckDB: SQL in files, run over live files of the lake and Arrow tables of the records.

Each call has its own cursor of one in-memory database that keeps nothing; files are named, never globbed.
"""

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from qa.model import Frame

HERE = Path(__file__).parent
FOLDERS = {"queries": HERE / "queries", "audits": HERE.parent / "audits"}


@cache
def sql(name: str, folder: str = "queries") -> str:
    """The text of a query file."""
    return (FOLDERS[folder] / f"{name}.sql").read_text(encoding="utf-8")


def names(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDERS[folder].glob("*.sql")))


def run(
    name: str,
    *,
    params: Mapping[str, Any] | None = None,
    files: Mapping[str, tuple[Sequence[str], pl.Schema]] | None = None,
    tables: Mapping[str, Any] | None = None,
    folder: str = "queries",
) -> Frame:
    """Run `<folder>/<name>.sql` and return its rows.

    files: view name -> (Parquet paths, schema); no paths make an empty view of that schema.
    tables: view name -> Arrow table or polars frame. params: the `$names` of the query.
    """
    paths = [path for listed, _ in (files or {}).values() for path in listed]
    with _database(tuple(paths)) as cursor:
        for view, (listed, schema) in (files or {}).items():
            if listed:
                quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in listed)
                cursor.execute(f"create temp view {view} as select * from read_parquet([{quoted}])")
            else:
                cursor.register(view, schema.to_frame().to_arrow())
        for view, table in (tables or {}).items():
            cursor.register(view, table.to_arrow() if isinstance(table, pl.DataFrame) else table)
        relation = cursor.sql(sql(name, folder), params=dict(params or {}))
        return pl.DataFrame(relation.pl())


def _database(paths: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """A fresh in-memory database that may read these files and nothing else."""
    connection = duckdb.connect(config={"memory_limit": "2GB", "threads": 2, "python_enable_replacements": False})
    connection.execute(f"set temp_directory='{_spill().name}'")
    connection.execute("set timezone='UTC'")
    if paths:
        quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        connection.execute(f"set allowed_paths=[{quoted}]")
    connection.execute("set enable_external_access=false")
    connection.execute("set lock_configuration=true")
    return connection


@cache
def _spill() -> tempfile.TemporaryDirectory[str]:
    """A private folder for sorting what does not fit in memory; it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="qa-query-")
