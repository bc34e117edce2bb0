"""Connections that stay open: one that the server ended while nobody used it is exchanged without a word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import exc, text

from estafet.relay import database as module
from estafet.relay.database import Database, connect
from tests.bed import Databases


def _process(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("select pg_backend_pid()")).scalar_one())


def _end(postgres: Databases, url: str) -> None:
    other = connect(postgres.url("postgres"))
    name = url.rpartition("/")[2]
    with other.read() as connection:
        ended = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = :name"
        assert all(connection.execute(text(ended), {"name": name}).scalars())
    other.engine.dispose()


def test_a_connection_that_ended_at_rest_is_exchanged(
    database_url: Callable[[], str], postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database_url()
    database = connect(url)
    first = _process(database)
    assert _process(database) == first, "it stays open"
    _end(postgres, url)
    monkeypatch.setattr(module, "_REST", 0.0)
    assert _process(database) != first
    database.engine.dispose()


def test_one_that_ended_in_use_fails_once_and_takes_its_like_along(
    database_url: Callable[[], str], postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database_url()
    database = connect(url)
    with database.read() as one, database.read() as other:  # two connections in the pool
        one.execute(text("select 1"))
        other.execute(text("select 1"))
    monkeypatch.setattr(module, "_REST", 600.0)
    _end(postgres, url)
    with pytest.raises(exc.OperationalError):
        _process(database)
    _process(database)
    database.engine.dispose()
