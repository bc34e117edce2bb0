"""The inbox forgets events of ours from long ago, and never what apps sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from estafet.events import first_id, new_id
from estafet.relay import inbox, tables
from estafet.relay.database import Database
from estafet.relay.tidying import KEPT, REMEMBERED, tidy
from estafet.relay.work import Works
from tests.integration.relay.station import open_database

NOW = datetime.now(UTC)
OLD = NOW - REMEMBERED - timedelta(hours=1)
YOUNG = NOW - REMEMBERED + timedelta(hours=1)


class Now:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def database(empty_url: Callable[[str, str], str], kind: str) -> Database:
    return open_database(empty_url("tickets", kind))


def made(when: datetime) -> str:
    """An id of that time."""
    return first_id(when) + new_id()[len(first_id(when)) :]


def heard(database: Database, handled: datetime, *keys: inbox.Key) -> None:
    with database.begin() as connection:
        inbox.claim(connection, dict.fromkeys(keys, ""), handled)


def left(database: Database) -> set[inbox.Key]:
    key = (tables.inbox.c.subscription, tables.inbox.c.source, tables.inbox.c.id)
    with database.read() as connection:
        return {(row.subscription, row.source, row.id) for row in connection.execute(select(*key))}


def test_old_keys_of_our_own_events_go_and_all_others_stay(database: Database) -> None:
    gone = [("tickets.decide", "/estafet/routing", made(OLD)), ("tickets.record", "/estafet/notify", made(OLD))]
    young = ("tickets.decide", "/estafet/routing", made(YOUNG))
    late = ("tickets.clock", "/estafet/routing", made(OLD))
    theirs = ("tickets.submit", "/apps/wali", made(OLD))
    heard(database, OLD, *gone, theirs)
    heard(database, YOUNG, young, late)
    assert tidy(Works("tickets", database, Now())) == len(gone)
    assert left(database) == {young, late, theirs}
    database.engine.dispose()


def test_many_go_in_batches(database: Database) -> None:
    heard(database, OLD, *(("tickets.decide", "/estafet/routing", made(OLD)) for _ in range(25)))
    assert tidy(Works("tickets", database, Now()), batch=10) == 25
    assert left(database) == set()
    database.engine.dispose()


def test_the_oldest_are_found_by_the_primary_key(database_url: Callable[[str], str]) -> None:
    database = open_database(database_url("tickets"))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("set local enable_seqscan = off")
        plan = connection.exec_driver_sql(
            "explain select id from inbox where subscription = 'a' and source = 'b' and id < 'c' order by id limit 5"
        ).scalars()
        assert any("Index Cond" in line and "id" in line for line in plan)
    database.engine.dispose()


def test_what_was_handled_is_known_longer_than_any_event_can_be_published_again() -> None:
    assert REMEMBERED > 4 * KEPT
