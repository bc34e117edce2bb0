"""What a person can do with messages that failed, on both forms; and what several replicas do with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from estafet.events import Event, encode
from estafet.relay import deferral, triage
from estafet.relay.backoff import ORDINARY
from estafet.relay.errors import Hopeless
from estafet.relay.message import Delivery
from estafet.relay.triage import Group
from estafet.relay.work import Work
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.station import ERASED, Handled, Station, effects_of, remember
from tests.support.messages import event

EXCHANGE = "tickets.private"


class Switch:
    """A handler's mistake, and its repair."""

    def __init__(self) -> None:
        self.broken = True

    def __call__(self, event: Event, work: Work) -> None:
        if self.broken:
            raise Hopeless("a mistake in the handler")


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def station(form: Form, switch: Switch) -> Station:
    return form.station("notify", remember(Handled(switch)))


def deliver(station: Station, *subjects: str) -> None:
    events = [event(ERASED, {}, source="/estafet/tickets", subject=subject, id=subject) for subject in subjects]
    station.receiver.handle([Delivery("notify.remember", encode(each), name=ERASED) for each in events])


def act(station: Station, action: Callable[..., int], which: Any, why: str = "repaired") -> int:
    with station.database.begin() as connection:
        return action(connection, which, "ops", why, station.works.clock.now())


def test_a_replayed_group_has_its_effect_once_and_keeps_who_and_why(station: Station, switch: Switch) -> None:
    deliver(station, "a", "b", "c")
    with station.database.read() as connection:
        [group] = triage.groups(connection)
    assert (group.subscription, group.error, group.count) == ("notify.remember", "Hopeless", 3)
    switch.broken = False
    with station.running():  # the running service picks up what another process changed
        assert act(station, triage.replay, group) == 3
        wait_until(lambda: len(station.deferred("replayed")) == 3, what="all replayed")
        assert act(station, triage.replay, [row.id for row in station.deferred()]) == 0
        deliver(station, "a", "b", "c")
    assert sorted(effects_of(station.database)) == ["a", "b", "c"]
    assert {(row.ended_by, row.ended_why) for row in station.deferred()} == {("ops", "repaired")}


def test_a_replay_of_what_is_still_broken_is_dead_again(station: Station) -> None:
    deliver(station, "a")
    [dead] = station.deferred("dead")
    assert act(station, triage.replay, [dead.id]) == 1
    assert station.retries.attempt()
    [again] = station.deferred("dead")
    assert (again.id, again.ended_by) == (dead.id, "ops")
    assert not effects_of(station.database)


def test_what_is_discarded_stays_and_can_still_be_replayed(station: Station, switch: Switch) -> None:
    deliver(station, "a", "b")
    [first, second] = station.deferred("dead")
    assert act(station, triage.discard, [first.id], "a test message") == 1
    deliver(station, first.subject)  # brought once more by the broker
    [discarded] = station.deferred("discarded")
    assert (discarded.id, discarded.ended_why) == (first.id, "a test message")
    assert [row.id for row in station.deferred("dead")] == [second.id]
    switch.broken = False
    assert act(station, triage.replay, [first.id]) == 1
    assert station.retries.attempt()
    assert effects_of(station.database) == [first.subject]


def test_nobody_decides_without_saying_who_and_why(station: Station) -> None:
    deliver(station, "a")
    [dead] = station.deferred()
    with pytest.raises(ValueError, match="who decides this and why"):
        act(station, triage.discard, [dead.id], "  ")
    assert station.deferred("dead")


def test_show_gives_the_bytes_and_names_a_wrong_id(station: Station) -> None:
    deliver(station, "a")
    [dead] = station.deferred()
    with station.database.read() as connection:
        assert b'"subject":"a"' in bytes(triage.show(connection, dead.id).body)
        with pytest.raises(LookupError, match="estafet deferred list"):
            triage.show(connection, "none")


def test_a_group_is_only_what_failed_alike(station: Station) -> None:
    deliver(station, "a")
    [dead] = station.deferred()
    assert act(station, triage.replay, Group("notify.remember", "ValueError", dead.place)) == 0
    assert act(station, triage.replay, Group("notify.remember", "Hopeless", dead.place)) == 1


def test_an_attempt_that_ended_its_process_counts_and_the_last_one_is_the_last(
    station: Station, switch: Switch
) -> None:
    deliver(station, "a")
    act(station, triage.replay, [row.id for row in station.deferred()])
    now = station.works.clock.now()
    with station.database.begin() as connection:
        connection.exec_driver_sql("update deferred set error = 'ValueError'")
    for attempt in range(ORDINARY.attempts):  # leased, and never heard of again
        with station.database.begin() as connection:
            row = deferral.lease(connection, now + attempt * deferral.LEASE)
            assert row is not None
            assert not deferral.exhausted(row)
            assert deferral.lease(connection, now + attempt * deferral.LEASE) is None
    with station.database.begin() as connection:
        row = deferral.lease(connection, now + (attempt + 1) * deferral.LEASE)
    assert row is not None
    assert deferral.exhausted(row)


class Died(BaseException):
    """The process is gone."""


def test_an_attempt_and_what_became_of_it_are_one_transaction(
    station: Station, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies between the two would handle the message, and leave it dead."""
    deliver(station, "a")
    [dead] = station.deferred("dead")
    switch.broken = False

    def die(connection: Any, row: Any) -> None:
        raise Died

    act(station, triage.replay, [dead.id])
    with monkeypatch.context() as patched:
        patched.setattr(deferral, "succeeded", die)
        with pytest.raises(Died):
            station.retries.attempt()
    assert effects_of(station.database) == []
    assert [row.attempts for row in station.deferred("waiting")] == [1]
    act(station, triage.replay, [dead.id])
    assert station.retries.attempt()
    assert effects_of(station.database) == ["a"]
    assert [row.state for row in station.deferred()] == ["replayed"]


def test_two_replicas_never_lease_the_same(station: Station, switch: Switch) -> None:
    subjects = [f"T-{number}" for number in range(40)]
    deliver(station, *subjects)
    act(station, triage.replay, [row.id for row in station.deferred()])
    leased: list[str] = []

    def lease() -> None:
        while True:
            with station.database.begin() as connection:
                row = deferral.lease(connection, station.works.clock.now() + timedelta(seconds=1))
            if row is None:
                return
            leased.append(row.subject)

    threads = [threading.Thread(target=lease) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(leased) == sorted(subjects)
