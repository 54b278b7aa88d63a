"""Runs migrations on the connection, and in the transaction, of the store that opens."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
