"""What the operator's console finds in a service's tables, and how it decides on many messages; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from estafet.cli.messages import bulk
from estafet.events import encode
from estafet.relay import inbox, lookup, triage
from estafet.relay.errors import Hopeless
from estafet.relay.message import Delivery
from estafet.relay.tables import outbox
from tests.integration.relay.conftest import Form
from tests.integration.relay.station import ERASED, Station, remember
from tests.support.messages import event

SECOND = timedelta(seconds=1)
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def station(form: Form) -> Station:
    def broken(event: Any, work: Any) -> None:
        raise Hopeless("a mistake in the handler")

    return form.station("notify", remember(broken))


def ask(station: Station, question: Callable[..., Any], *arguments: Any) -> Any:
    with station.database.read() as connection:
        return question(connection, *arguments)


def commit(station: Station, *rows: tuple[str, str, bool]) -> None:
    """(id, name, published), one a second."""
    with station.database.begin() as connection:
        for number, (id, name, published) in enumerate(rows):
            at = START + number * SECOND
            said = {"exchange": "x", "type": name, "correlation_id": f"c-{name}", "body": id.encode()}
            row = {"id": id, "name": name, "created_at": at, "published_at": at if published else None, **said}
            connection.execute(outbox.insert().values(row))


def deliver(station: Station, *ids: str, body: bytes | None = None) -> None:
    events = [event(ERASED, {}, source="/estafet/tickets", subject=f"KDR-{id}", id=id) for id in ids]
    deliveries = [Delivery("notify.remember", body or encode(each), name=ERASED) for each in events]
    station.receiver.handle(deliveries)


def test_the_oldest_of_so_many_is_so_many_published_events_of_its_name_back(station: Station) -> None:
    commit(station, ("1", "a", True), ("2", "b", True), ("3", "a", True), ("4", "a", True), ("5", "a", False))
    assert [ask(station, lookup.last_of, "a", count) for count in (1, 2, 3, 4)] == [
        START + 3 * SECOND,
        START + 2 * SECOND,
        START,
        None,
    ]
    assert ask(station, lookup.last_of, "b", 1) == START + SECOND
    assert ask(station, lookup.last_of, "c", 1) is None


def test_rows_of_the_outbox_by_id_and_by_correlation(station: Station) -> None:
    commit(station, ("1", "a", True), ("2", "b", False), ("3", "a", False))
    [row] = ask(station, lookup.committed, ["2", "no"])
    assert (row.id, row.name, row.created_at, row.published_at) == ("2", "b", START + SECOND, None)
    assert [(row.id, bytes(row.body)) for row in ask(station, lookup.committed_in, "c-a")] == [("1", b"1"), ("3", b"3")]


def test_what_was_handled_is_found_by_its_id_alone(station: Station) -> None:
    keys = {("notify.tell", "/a", "1"): "", ("notify.remember", "/b", "1"): "", ("notify.tell", "/a", "2"): ""}
    with station.database.begin() as connection:
        inbox.claim(connection, keys, START)
    assert [tuple(row) for row in ask(station, lookup.handled, "1")] == [
        ("notify.remember", "/b", START),
        ("notify.tell", "/a", START),
    ]


def test_deferred_messages_by_id_by_report_and_by_what_an_unreadable_one_holds(station: Station) -> None:
    deliver(station, "one", "two")
    deliver(station, "x", body=b'\xff not JSON, but of "id":"three"')
    assert ask(station, lookup.deferred_counts) == {"dead": 3}
    assert [row.event_id for row in ask(station, lookup.deferred_as, ["two", "three"])] == ["two"]
    assert [row.event_id for row in ask(station, lookup.deferred_about, "KDR-one")] == ["one"]
    assert [row.error for row in ask(station, lookup.unreadable, '"id":"three"')] == ["malformed"]
    assert ask(station, lookup.unreadable, "one") == []


def test_many_are_decided_on_a_batch_at_a_time_and_none_twice(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the service tries them at once, and they are dead again before the next batch."""
    monkeypatch.setattr(bulk, "BATCH", 4)
    deliver(station, *(f"{number:02}" for number in range(10)))
    deliver(station, "y", body=b"not JSON")
    [group] = [each for each in ask(station, triage.groups) if each.error == "Hopeless"]
    decide = partial(triage.replay, who="ops", why="repaired")
    seen = []
    for batch in bulk.walk(station.database, group, decide):
        seen.append(batch)
        while station.retries.attempt():
            pass
        assert ask(station, triage.groups)[0].count == 10
    assert seen == [(4, 4), (4, 4), (2, 2)]
    assert [row.ended_by for row in station.deferred("dead") if row.error == "Hopeless"] == ["ops"] * 10
    assert [row.ended_by for row in station.deferred("dead") if row.error == "malformed"] == [None]
