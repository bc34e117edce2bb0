"""What every service's ``migrations/env.py`` does: run on the connection, and in the transaction, of the caller."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Run the migrations. Only :mod:`estafet.relay.migrate` calls them, never the ``alembic`` command."""
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
