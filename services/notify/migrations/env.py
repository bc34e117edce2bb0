"""Alembic's entry: everything is done by the relay's helper."""

from estafet.relay.migrations_env import run

run()
