"""Broker, database and network go away and come back: nothing is lost, nothing happens twice, nothing is given up."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import amqp
import pytest
from kombu import Connection
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.event import listen
from sqlalchemy.exc import OperationalError

from estafet.events import Event, encode, topology
from estafet.relay.amqp import AmqpTransport
from estafet.relay.database import Database
from estafet.relay.errors import BrokerAway
from estafet.relay.leadership import Leadership
from estafet.relay.message import Delivery
from estafet.relay.transport import Outgoing
from estafet.relay.work import Work
from tests.bed import Postgres, RabbitMQ
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.processes import Process
from tests.integration.relay.station import ERASED, ERASED_QUEUE, Handled, Station, effects_of, open_database, remember
from tests.support.messages import event
from tests.support.proxy import Proxy


def outgoing(id: str, name: str = ERASED) -> Outgoing:
    return Outgoing(id, "tickets.private", name, f"id.estafet.{name}.v1", id, b"{}")


def test_a_late_confirm_is_nobody_elses(amqp_uri: str) -> None:
    with Connection(amqp_uri) as connection:
        topology.declare_all(connection.channel())
    with Proxy(urlsplit(amqp_uri).port or 5672) as proxy:
        publishing = AmqpTransport(_through(amqp_uri, proxy)).publishing("tickets")
        assert publishing.publish([outgoing("a")], 2).confirmed == {"a"}
        proxy.stall()
        assert publishing.publish([outgoing("late")], 0.3).confirmed == frozenset()
        proxy.flow()
        with pytest.raises(BrokerAway):
            publishing.publish([outgoing("unroutable", "nobody.listens")], 2)
        publishing = AmqpTransport(_through(amqp_uri, proxy)).publishing("tickets")
        outcome = publishing.publish([outgoing("unroutable", "nobody.listens"), outgoing("b")], 2)
        assert (outcome.confirmed, outcome.returned) == ({"unroutable", "b"}, {"unroutable"})
        publishing.close()


@pytest.mark.parametrize(("kind", "step"), [(amqp.Connection, "channel"), (amqp.Channel, "close")])
def test_a_network_that_breaks_while_a_consumer_connects_is_only_away(
    deployed: Form, monkeypatch: pytest.MonkeyPatch, kind: type, step: str
) -> None:
    with Connection(deployed.uri) as connection:
        topology.declare_all(connection.channel())
    with Proxy(urlsplit(deployed.uri).port or 5672) as proxy:
        transport = AmqpTransport(_through(deployed.uri, proxy))
        take = getattr(kind, step)

        def breaking(self: object, *given: object) -> object:
            proxy.cut()
            return take(self, *given)

        monkeypatch.setattr(kind, step, breaking)
        with pytest.raises(BrokerAway):
            transport.consuming("notify", [ERASED_QUEUE])


def test_a_network_that_stalls_and_breaks_loses_nothing(deployed: Form) -> None:
    with Proxy(urlsplit(deployed.uri).port or 5672) as proxy:
        away = AmqpTransport(_through(deployed.uri, proxy))
        tickets = Station("tickets", deployed.database("tickets"), away)
        notify = Station("notify", deployed.database("notify"), away, [remember(Handled())])
        with notify.running(), tickets.running():
            subjects = []
            for trouble in (proxy.cut, proxy.stall, proxy.cut):
                subjects += tickets.emit(300)
                trouble()
                subjects += tickets.emit(300)
                proxy.flow()
            wait_until(lambda: len(effects_of(notify.database)) >= 1800, seconds=60, what="all handled")
    assert Counter(effects_of(notify.database)) == Counter(subjects)


def test_a_broker_that_is_away_at_start_and_restarts_is_waited_for(
    database_url: Callable[[str], str],
) -> None:
    with RabbitMQ() as broker:
        uri = broker.uri(vhost=broker.create_vhost("restarted"))
        with Connection(uri) as connection:
            topology.declare_all(connection.channel())
        broker.stop()
        tickets = Station("tickets", open_database(database_url("tickets")), AmqpTransport(uri))
        notify = Station("notify", open_database(database_url("notify")), AmqpTransport(uri), [remember(Handled())])
        with notify.running(), tickets.running():
            subjects = tickets.emit(100)
            broker.start()
            wait_until(lambda: len(effects_of(notify.database)) >= 100, seconds=60, what="the first handled")
            broker.kill()
            subjects += tickets.emit(100)
            broker.start()
            wait_until(lambda: len(effects_of(notify.database)) >= 200, seconds=60, what="all handled")
    assert Counter(effects_of(notify.database)) == Counter(subjects)


def test_while_the_database_is_away_nothing_is_given_back_or_given_up(deployed: Form) -> None:
    with Postgres() as server:
        database = open_database(server.create_database("notify"))
        tickets = deployed.station("tickets")
        half = threading.Event()
        seen: list[str] = []

        def slow(event: Event, work: Work) -> None:
            seen.append(str(event.subject))
            if len(seen) == 150:
                half.set()

        notify = Station("notify", database, deployed.transport, [remember(Handled(slow))])
        with notify.running(), tickets.running():
            subjects = tickets.emit(500)
            half.wait(30)
            server.stop("immediate")
            wait_until(lambda: _paused("notify") == 1, what="holding")
            server.start()
            wait_until(lambda: _at_least(database, 500), seconds=60, what="all handled")
            assert not notify.deferred()
        assert _paused("notify") == 0
        assert Counter(effects_of(database)) == Counter(subjects)
        database.engine.dispose()


def test_a_process_survives_a_restart_of_its_database(deployed: Form, tmp_path: Path) -> None:
    """The same under nameko, eventlet and psycopg's own way of waiting."""
    with Postgres() as server:
        url = server.create_database("notify")
        database = open_database(url)
        tickets = deployed.station("tickets")
        environment = {"ESTAFET_AMQP_URI": deployed.uri, "ESTAFET_DATABASE_URL": url}
        with Process(tmp_path / "log", "notify", **environment) as process, tickets.running():
            subjects = tickets.emit(400)
            wait_until(lambda: effects_of(database), what="the first handled")
            server.restart("immediate")
            subjects += tickets.emit(400)
            wait_until(lambda: _at_least(database, 800), seconds=60, what="all handled")
            assert process.stop() == 0, process.text()
        assert Counter(effects_of(database)) == Counter(subjects)
        database.engine.dispose()


def test_one_replica_publishes_until_it_ends(deployed: Form) -> None:
    database = deployed.database("tickets")
    first, second = Leadership(database, "tickets"), Leadership(database, "tickets")
    other = Leadership(database, "routing")
    assert first.held()
    assert first.held()
    assert not second.held()
    assert other.held()
    first.resign()
    assert second.held()
    second.resign()
    other.resign()


def _through(uri: str, proxy: Proxy) -> str:
    return uri.replace(f":{urlsplit(uri).port}/", f":{proxy.port}/")


def _at_least(database: Database, count: int) -> bool:
    """Asked while the database may be away."""
    try:
        return len(effects_of(database)) >= count
    except OperationalError:
        return False


def _paused(service: str) -> float | None:
    return REGISTRY.get_sample_value("estafet_paused", {"service": service})


def test_a_database_that_answers_but_keeps_nothing_is_waited_for_with_pauses(embedded: Form) -> None:
    """As a full one does. Without pauses it would be asked as fast as the processor goes."""

    def fail(event: Event, work: Work) -> None:
        raise ValueError("of the message, not of the database")

    handled = Handled(fail)
    notify = embedded.station("notify", remember(handled))
    looks: list[str] = []
    listen(notify.database.engine, "before_cursor_execute", lambda *given: looks.append(given[2]))
    with notify.database.engine.begin() as connection:
        connection.execute(text("alter table deferred rename to elsewhere"))
    body = encode(event(ERASED, {}, source="/estafet/tickets", subject="T-1"))
    handling = threading.Thread(
        target=notify.receiver.handle, args=([Delivery("notify.remember", body, name=ERASED)],), daemon=True
    )
    handling.start()
    wait_until(lambda: sum('INSERT INTO "deferred"' in look for look in looks) >= 3, what="some tries to keep it")
    assert sum('INSERT INTO "deferred"' in look for look in looks) < 10
    with notify.database.engine.begin() as connection:
        connection.execute(text("alter table elsewhere rename to deferred"))
    handling.join(30)
    assert [row.error for row in notify.deferred("waiting")] == ["ValueError"]
    assert handled.calls == ["T-1"]
