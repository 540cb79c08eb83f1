"""Run by Alembic with a connection whose transaction is already open: the program's, or nothing."""

from alembic import context

from qa.records import views
from qa.records.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
views.take_down(connection)
context.run_migrations()
if connection.dialect.name == "sqlite" and connection.exec_driver_sql("pragma foreign_key_check").first():
    raise RuntimeError("the migration broke a reference between two tables")
views.put_up(connection)
