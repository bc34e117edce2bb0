"""Messages that end or hang the process that handles them: each ends in ``deferred``, and alone."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from estafet.events import Event, encode
from estafet.relay import tables, triage
from estafet.relay.database import Database
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.defined import Defined
from tests.integration.relay.processes import Process
from tests.integration.relay.station import ERASED, Station, effects_of, open_database
from tests.support.messages import event

EXCHANGE = "tickets.private"
NEIGHBOURS = 200
#: Seconds that neighbours may wait once the last process has started, the start included.
DELAY = 15.0


def say(*subjects: str) -> list[Event]:
    return [event(ERASED, {}, source="/estafet/tickets", subject=subject) for subject in subjects]


def among(poison: Event) -> list[Event]:
    """Neighbours, with the poison not quite in front."""
    neighbours = say(*(f"T-{number}" for number in range(NEIGHBOURS)))
    return [*neighbours[:70], poison, *neighbours[70:]]


class Supervised:
    """A process of services that is started again whenever it ends, as a supervisor does."""

    def __init__(self, log: Path, *services: str, **environment: str) -> None:
        self._arguments = (log, *services)
        self._environment = environment
        self.restarts = -1
        self.start()

    def start(self) -> None:
        self.restarts += 1
        self.started = time.monotonic()
        self.process = Process(*self._arguments, **self._environment)  # type: ignore[arg-type]

    def keep_up(self) -> None:
        if self.process.process.poll() is not None:
            self.start()


@contextmanager
def supervised(log: Path, *services: str, **environment: str) -> Iterator[Supervised]:
    running = Supervised(log, *services, **environment)
    try:
        yield running
        assert running.process.stop() == 0, running.process.text()
    finally:
        running.process.kill()


def publish(defined: Defined, database: Database, events: Sequence[Event]) -> None:
    form = Form(defined.transport("tickets"), defined.uri("tickets"), lambda name: database)
    form.publish(EXCHANGE, ERASED, *map(encode, events), delivery_mode=2)


@pytest.mark.timeout(180)
def test_a_message_that_kills_its_process_alone_ends_dead(defined: Defined, tmp_path: Path) -> None:
    url = defined.database("notify")
    database = open_database(url)
    [poison] = say("poison")
    publish(defined, database, among(poison))
    station = Station("notify", database, defined.transport("notify"))
    environment = {"ESTAFET_AMQP_URI": defined.uri("notify"), "ESTAFET_DATABASE_URL": url}
    with supervised(tmp_path / "log", "notify", **environment) as running:

        def settled(what: int) -> bool:
            running.keep_up()
            return len(effects_of(database)) >= NEIGHBOURS and len(station.deferred("dead")) >= what

        wait_until(lambda: settled(0), seconds=120, what="every neighbour handled")
        delay = time.monotonic() - running.started
        wait_until(lambda: settled(1), seconds=120, what="the poison dead")
    [dead] = station.deferred()
    with database.read() as connection:
        assert bytes(triage.show(connection, dead.id).body) == encode(poison)
    assert (dead.subscription, dead.error, dead.name) == ("notify.remember", "delivery-limit", ERASED)
    assert Counter(effects_of(database)) == Counter(f"T-{number}" for number in range(NEIGHBOURS))
    print(f"{running.restarts} restarts; neighbours {delay:.1f} s after the last one")
    assert running.restarts >= 5
    assert delay < DELAY


@pytest.mark.timeout(180)
def test_in_the_embedded_form_too(tmp_path: Path) -> None:
    """There no broker counts deliveries, and what it forgot is published again at every start."""
    notify = open_database(f"sqlite:///{tmp_path}/notify.sqlite")
    tickets = open_database(f"sqlite:///{tmp_path}/tickets.sqlite")
    station = Station("notify", notify, None)  # type: ignore[arg-type]
    [poison] = say("poison")
    with tickets.begin() as connection:
        for each in among(poison):
            row = {"id": each.id, "exchange": EXCHANGE, "name": ERASED, "type": each.type, "correlation_id": each.id}
            connection.execute(tables.outbox.insert().values(**row, body=encode(each), created_at=each.time))
    with supervised(tmp_path / "log", "notify", "tickets", ESTAFET_DATA=str(tmp_path)) as running:

        def settled(what: int) -> bool:
            running.keep_up()
            return len(effects_of(notify)) >= NEIGHBOURS and len(station.deferred("dead")) >= what

        wait_until(lambda: settled(0), seconds=120, what="every neighbour handled")
        delay = time.monotonic() - running.started
        wait_until(lambda: settled(1), seconds=120, what="the poison dead")
        wait_until(lambda: len(station.deferred()) == 1, what="nobody else suspected")
    [dead] = station.deferred()
    assert (dead.subject, dead.error, dead.event_id) == ("poison", "delivery-limit", poison.id)
    assert "in hand" in dead.detail
    assert Counter(effects_of(notify)) == Counter(f"T-{number}" for number in range(NEIGHBOURS))
    print(f"{running.restarts} restarts; neighbours {delay:.1f} s after the last one that they needed")
    assert 3 <= running.restarts <= 4
    assert delay < DELAY


def test_a_handler_that_hangs_is_ended_and_its_message_deferred(defined: Defined, tmp_path: Path) -> None:
    """Whether it waits or computes. Its neighbours wait until it has had its time, once."""
    url = defined.database("notify")
    database = open_database(url)
    station = Station("notify", database, defined.transport("notify"))
    bad = ["hang", "compute", "hang in the database", "a regular expression"]
    good = [f"T-{number}" for number in range(20)]
    publish(defined, database, say(*good[:10], *(each for pair in zip(bad, good[10:14], strict=True) for each in pair)))
    publish(defined, database, say(*good[14:]))
    environment = {"ESTAFET_AMQP_URI": defined.uri("notify"), "ESTAFET_DATABASE_URL": url}
    with Process(tmp_path / "log", "notify", **environment) as process:
        wait_until(lambda: sorted(effects_of(database)) == sorted(good), what="the neighbours handled")
        wait_until(lambda: len(station.deferred()) == len(bad), what="the others deferred")
        assert process.stop() == 0, process.text()
    assert sorted(str(row.subject) for row in station.deferred()) == sorted(bad)
    assert {row.error for row in station.deferred()} == {"HandlerTimeout"}


def test_a_watched_process_ends_well() -> None:
    """The watch's signal must not come when Python has taken its handlers away."""
    script = """
    import estafet.runner
    from estafet.relay import watch

    watch._TICK = 0.001
    watch.start()
    """
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=60, check=False)
        assert done.returncode == 0


def test_what_no_signal_reaches_ends_its_process_and_says_where(defined: Defined, tmp_path: Path) -> None:
    """It has not let go of the interpreter since. Its next deliveries are counted by the broker."""
    url = defined.database("notify")
    publish(defined, open_database(url), say("compute in C"))
    environment = {"ESTAFET_AMQP_URI": defined.uri("notify"), "ESTAFET_DATABASE_URL": url}
    with Process(tmp_path / "log", "notify", **environment) as process:
        wait_until(lambda: process.process.poll() is not None, what="the process ended")
    assert process.process.returncode == 1
    assert "Timeout (" in process.text()
    assert "in remember" in process.text()
