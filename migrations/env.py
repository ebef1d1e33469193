"""Alembic's environment: one connection, handed in by `callcenter migrate` under its advisory lock."""

from alembic import context

from callcenter.platform.entrypoints.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=False,
    transaction_per_migration=True,
)  # fmt: skip
with context.begin_transaction():
    context.run_migrations()
