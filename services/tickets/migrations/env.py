"""Run by :mod:`estafet.relay.migrate`."""

from estafet.relay.migrations_env import run

run()
