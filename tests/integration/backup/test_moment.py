"""One moment: whatever a frozen database has heard of, the frozen database of its publisher has."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from estafet.backup import moment
from estafet.backup.errors import Busy, Unfit
from estafet.backup.moment import one_moment
from estafet.backup.store import Frozen, Store
from estafet.backup.stores import opened
from estafet.relay import inbox, migrate, tables
from estafet.relay.database import Database, connect
from tests.bed.process import wait_until
from tests.integration.backup.books import commit, hear

ROUNDS = 25
NOW = datetime.now(UTC)


class Traffic:
    """Events of tickets that routing and notify hear at once, and as fast as can be. A context manager."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._databases = databases
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(reader,)) for reader in ("routing.watch", "notify.tell")
        ]
        self.events = 0

    def __enter__(self) -> Traffic:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()

    def wait(self) -> None:
        """Until some more have gone."""
        before = self.events
        wait_until(lambda: self.events > before + 5, what="traffic")

    def _run(self, listener: str) -> None:
        reader = self._databases[listener.partition(".")[0]]
        while not self._stop.is_set():
            hear(reader, listener, "tickets", commit(self._databases["tickets"], "handoff.offered"))
            self.events += 1


def ahead(frozen: Mapping[str, Frozen]) -> set[str]:
    """Events that were heard, and that their publisher does not have."""
    sent = set(frozen["tickets"].connection.execute(select(tables.outbox.c.id)).scalars())
    heard: set[str] = set()
    for reader in ("routing", "notify"):
        heard |= set(frozen[reader].connection.execute(select(tables.inbox.c.id)).scalars())
    return heard - sent


def test_no_reader_is_ahead_of_its_publisher(databases: Mapping[str, Database], stores: Sequence[Store]) -> None:
    with Traffic(databases) as traffic:
        for _ in range(ROUNDS):
            traffic.wait()
            with one_moment(stores) as frozen:
                assert ahead(frozen) == set()


def test_without_keeping_still_a_reader_can_be(databases: Mapping[str, Database], stores: Sequence[Store]) -> None:
    """So the test above can fail."""
    with Traffic(databases) as traffic, ExitStack() as stack:
        frozen = {}
        for store in stores:  # tickets comes first
            frozen[store.service] = stack.enter_context(store.frozen())
            traffic.wait()
        assert ahead(frozen)


def test_what_is_frozen_stays_and_nobody_waits_for_it(
    databases: Mapping[str, Database], stores: Sequence[Store]
) -> None:
    first = commit(databases["tickets"], "handoff.offered")
    with one_moment(stores) as frozen:
        commit(databases["tickets"], "handoff.offered")
        hear(databases["routing"], "routing.watch", "tickets", first)
        assert set(frozen["tickets"].connection.execute(select(tables.outbox.c.id)).scalars()) == {first}
        assert frozen["routing"].connection.execute(select(tables.inbox.c.id)).first() is None


def test_we_wait_for_whoever_handles_a_message(databases: Mapping[str, Database], stores: Sequence[Store]) -> None:
    id = commit(databases["tickets"], "handoff.offered")
    handling, at_it = threading.Event(), threading.Event()

    def handle() -> None:
        with databases["notify"].begin() as connection:
            keys = {("notify.tell", "/estafet/tickets", id): ""}
            inbox.claim(connection, keys, NOW)
            at_it.set()
            handling.wait(timeout=1.2)

    thread = threading.Thread(target=handle)
    thread.start()
    at_it.wait()
    with one_moment(stores) as frozen:
        assert set(frozen["notify"].connection.execute(select(tables.inbox.c.id)).scalars()) == {id}
    thread.join()


def test_who_never_keeps_still_ends_it_with_a_sentence(
    databases: Mapping[str, Database], stores: Sequence[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moment, "_TRIES", 2)
    with databases["notify"].begin() as connection:
        inbox.claim(connection, {("notify.tell", "/estafet/tickets", "1"): ""}, NOW)
        with pytest.raises(Unfit, match="never kept still"), one_moment(stores):
            pass
        notify = next(store for store in stores if store.service == "notify")
        with pytest.raises(Busy), notify.still():
            pass


def test_reports_are_taken_while_those_who_handle_messages_wait(database_url: Callable[[str], str]) -> None:
    """On PostgreSQL; SQLite has one lock for all."""
    url = database_url("tickets")
    migrate.upgrade("tickets", url)
    database = connect(url)
    with opened({"tickets": url}) as (tickets,), tickets.still():
        id = commit(database, "handoff.offered")
        with database.engine.connect() as connection:
            connection.execute(text("set local lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                inbox.claim(connection, {("tickets.decide", "/estafet/routing", id): ""}, NOW)
    database.engine.dispose()
