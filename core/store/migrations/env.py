"""Alembic's entry: runs the migrations on the connection and in the transaction that it is handed."""

from alembic import context

from core.store.schema import Base

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run migrations through core.store.migrate, which holds the write lock")
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=True,  # SQLite too, since we begin transactions ourselves
)
with context.begin_transaction():
    context.run_migrations()
