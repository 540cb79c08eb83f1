"""Rows in and rows out: Python mappings for acts and screens, Arrow columns for the query engine."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pyarrow.lib as pa
import sqlalchemy as sa

from qa.records.columns import Words
from qa.records.tables import metadata
from qa.records.views import READABLE


def complete(table: str, new: Iterable[Mapping[str, Any]], **given: str) -> list[dict[str, Any]]:
    """Rows with every column of the table: what is left out comes from `given`, or is None where it may be.

    A missing or an unknown column is a ValueError.
    """
    columns = [column for column in metadata.tables[table].columns if not _counted(column)]
    names = {column.name for column in columns}
    needed = {column.name for column in columns if not column.nullable}
    filled = []
    for row in new:
        if unknown := row.keys() - names:
            raise ValueError(f"{table} has no {', '.join(sorted(unknown))}")
        if missing := needed - row.keys() - given.keys():
            raise ValueError(f"a row of {table} lacks {', '.join(sorted(missing))}")
        filled.append({name: row.get(name, given.get(name)) for name in names})
    return filled


def read(
    connection: sa.Connection, name: str, order: str, limit: int | None, where: Mapping[str, object]
) -> list[dict[str, Any]]:
    """Rows of a table or view as `Records.read` promises them."""
    table = _named(name)
    kept = (_holds(_column(table, key), value, connection.dialect.name) for key, value in where.items())
    statement = sa.select(table).where(*kept).order_by(*_order(table, order)).limit(limit)
    return [dict(row) for row in connection.execute(statement).mappings()]


def arrow(database: sa.Engine, name: str) -> pa.Table:
    """A whole table or view by its key: text as string, counts as int64, flags as bool."""
    table = _named(name)
    statement = str(sa.select(table).order_by(*_order(table, "")).compile(dialect=database.dialect))
    schema = pa.schema([(column.name, _arrow_type(column)) for column in table.columns])
    if database.dialect.name == "postgresql":
        return _postgresql(database.url, statement).cast(schema)
    with closing(database.connect()) as connection:
        parts = connection.exec_driver_sql(statement).partitions(20_000)
        return pa.Table.from_batches([_batch(part, schema) for part in parts], schema)


def _postgresql(url: sa.URL, statement: str) -> pa.Table:
    import adbc_driver_postgresql.dbapi as driver

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with driver.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetch_arrow_table()
    except driver.Error as error:
        raise sa.exc.DBAPIError(statement, None, error) from error


def _batch(part: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Some rows of SQLite, which keeps flags as 0 and 1."""
    read = pa.schema([field.with_type(pa.int8()) if field.type == pa.bool_() else field for field in schema])
    arrays = [pa.array(values, field.type) for values, field in zip(zip(*part, strict=True), read, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=read).cast(schema)


def _arrow_type(column: sa.Column[Any]) -> pa.DataType:
    if isinstance(column.type, sa.Boolean):
        return pa.bool_()
    if isinstance(column.type, sa.Double):
        return pa.float64()
    return pa.string() if isinstance(column.type, Words) else pa.int64()


def _counted(column: sa.Column[Any]) -> bool:
    """Whether the database numbers the rows itself."""
    return column.name == "seq" and column.autoincrement is not False


def _named(name: str) -> sa.Table:
    if name not in READABLE:
        raise ValueError(f"the records have no table or view {name}")
    return READABLE[name]


def _column(table: sa.Table, name: str) -> sa.Column[Any]:
    if name not in table.columns:
        raise ValueError(f"{table.name} has no {name}")
    return table.columns[name]


def _holds(column: sa.Column[Any], value: object, dialect: str) -> sa.ColumnElement[bool]:
    if value is None:
        return column.is_(None)
    if not isinstance(value, list | tuple | set | frozenset):
        return column == value
    several = [_kept(column, one) for one in value]
    if dialect == "postgresql":
        return column == sa.any_(
            sa.literal(several, sa.ARRAY(sa.Text if isinstance(column.type, Words) else column.type))
        )
    listed = sa.func.json_each(json.dumps(several)).table_valued("value")
    return column.in_(sa.select(listed.c.value))  # one parameter, however many values


def _kept(column: sa.Column[Any], value: Any) -> Any:
    return column.type.kept(value) if isinstance(column.type, Words) else value


def _order(table: sa.Table, order: str) -> Iterator[sa.ColumnElement[Any]]:
    """The asked order, then the key, so that the same rows always come in the same order. Empty counts as least."""
    asked = [part.strip() for part in order.split(",") if part.strip()]
    for part in asked:
        column = _column(table, part.removeprefix("-"))
        yield column.desc().nulls_last() if part.startswith("-") else column.asc().nulls_first()
    yield from (column for column in table.primary_key if column.name not in {part.removeprefix("-") for part in asked})
