"""What only a real broker can show: permissions, confirms, delivery limits, restarts."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from sqlalchemy import select

from estafet.events import encode
from estafet.events.definitions import definitions
from estafet.relay import deferral, tables
from estafet.relay.amqp import AmqpTransport
from estafet.relay.errors import BrokerRefused
from tests.bed import Broker
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.processes import Process
from tests.integration.relay.station import ERASED, ERASED_QUEUE, Handled, Station, effects_of, open_database, remember
from tests.support.messages import event

EXCHANGE = "tickets.private"


@dataclass
class City:
    """A virtual host as the definitions make it, with a user per service."""

    broker: Broker
    vhost: str
    database: Callable[[str], str]

    def uri(self, user: str) -> str:
        return self.broker.uri(user, vhost=self.vhost)

    def transport(self, user: str) -> AmqpTransport:
        return AmqpTransport(self.uri(user))

    def station(self, service: str, *subscriptions: Any) -> Station:
        database = open_database(self.database(service))
        return Station(service, database, self.transport(service), list(subscriptions))

    def ready(self, queue: str) -> int:
        return int(self.broker.queues(self.vhost)[queue]["messages_ready"])


@pytest.fixture
def city(rabbitmq: Broker, vhost: str, database_url: Callable[[str], str]) -> City:
    document = definitions(rabbitmq=3 if rabbitmq.version < (4,) else 4)
    for part in ("permissions", "topic_permissions", "exchanges", "queues", "bindings", "policies"):
        document[part] = [{**each, "vhost": vhost} for each in document[part]]
    rabbitmq.import_definitions({**document, "vhosts": []})
    return City(rabbitmq, vhost, database_url)


def test_events_flow_under_the_generated_permissions_and_name_their_publisher(city: City) -> None:
    publishers: list[str | None] = []
    handled = Handled(lambda event, work: publishers.append(work.delivery and work.delivery.publisher))
    notify, tickets = city.station("notify", remember(handled)), city.station("tickets")
    with notify.running(), tickets.running():
        subjects = tickets.emit(300)
        wait_until(lambda: len(effects_of(notify.database)) >= 300, what="all handled")
    assert Counter(effects_of(notify.database)) == Counter(subjects)
    assert set(publishers) == {"tickets"}


def test_the_properties_say_what_the_envelope_says(city: City) -> None:
    tickets = city.station("tickets")
    with tickets.running():
        tickets.emit(1)
        wait_until(lambda: tickets.unpublished() == 0, what="published")
    with Connection(city.uri("notify")) as connection:
        message = connection.channel().basic_get(ERASED_QUEUE)
    with tickets.database.read() as connection:
        row = connection.execute(select(tables.outbox)).one()
    assert message.body in (row.body, row.body.decode())
    properties = message.properties
    assert properties["message_id"] == row.id
    assert properties["correlation_id"] == row.correlation_id
    assert properties["type"] == "id.estafet.reporter.erased.v1"
    assert (properties["app_id"], properties["user_id"]) == ("tickets", "tickets")
    assert (properties["content_type"], properties["content_encoding"]) == ("application/json", "utf-8")
    assert properties["delivery_mode"] == 2


def test_a_message_that_kills_its_process_alone_ends_dead(city: City, tmp_path: Path) -> None:
    url = city.database("notify")
    database = open_database(url)
    good = [event(ERASED, {}, source="/estafet/tickets", subject=f"T-{number}") for number in range(200)]
    poison = event(ERASED, {}, source="/estafet/tickets", subject="poison")
    publish = Form(city.transport("tickets"), city.uri("tickets"), lambda name: database).publish
    publish(EXCHANGE, ERASED, *(encode(each) for each in (*good[:70], poison, *good[70:])), delivery_mode=2)
    crashes = 0

    def start() -> Process:
        return Process(tmp_path / "log", "notify", ESTAFET_AMQP_URI=city.uri("notify"), ESTAFET_DATABASE_URL=url)

    process = start()
    station = Station("notify", database, city.transport("notify"))

    def settled() -> bool:
        nonlocal process, crashes
        if process.process.poll() is not None:
            crashes += 1
            process = start()
        return len(effects_of(database)) >= 200 and bool(station.deferred("dead"))

    try:
        wait_until(settled, seconds=120, what="200 handled and one dead")
        assert process.stop() == 0, process.text()
    finally:
        process.kill()
    [dead] = station.deferred()
    with database.read() as connection:
        assert bytes(deferral.show(connection, dead.id).body) == encode(poison)
    assert (dead.subscription, dead.error, dead.name) == ("notify.remember", "delivery-limit", ERASED)
    assert Counter(effects_of(database)) == Counter(str(each.subject) for each in good)
    assert crashes >= 5


def test_a_wrong_queue_argument_stops_the_service_with_a_sentence(city: City, tmp_path: Path) -> None:
    with Connection(city.broker.uri(vhost=city.vhost)) as connection:
        channel = connection.channel()
        channel.queue_delete(ERASED_QUEUE)
        arguments = {"x-queue-type": "classic", "x-max-priority": 3}
        channel.queue_declare(ERASED_QUEUE, durable=True, auto_delete=False, arguments=arguments)
    process = Process(
        tmp_path / "log",
        "notify",
        ESTAFET_AMQP_URI=city.uri("notify"),
        ESTAFET_DATABASE_URL=city.database("notify"),
    )
    with process:
        assert process.process.wait(30) == 1
    last = process.text().strip().splitlines()[-1]
    assert last.startswith("The broker refused to declare queue evt-tickets-reporter.erased--notify.remember durable")
    assert "PRECONDITION_FAILED" in last


def test_a_handler_that_hangs_is_ended_and_its_message_deferred(city: City, tmp_path: Path) -> None:
    url = city.database("notify")
    database = open_database(url)
    station = Station("notify", database, city.transport("notify"))
    subjects = ["before", "hang", "between", "hang in the database", "after"]
    environment = {"ESTAFET_AMQP_URI": city.uri("notify"), "ESTAFET_DATABASE_URL": url}
    with Process(tmp_path / "log", "notify", **environment) as process:
        publish = Form(city.transport("tickets"), city.uri("tickets"), lambda name: database).publish
        publish(EXCHANGE, ERASED, *(encode(event(ERASED, {}, subject=subject)) for subject in subjects))
        wait_until(lambda: len(station.deferred()) == 2 and len(effects_of(database)) == 3, what="all but two handled")
        assert process.stop() == 0, process.text()
    assert sorted(effects_of(database)) == ["after", "before", "between"]
    assert {row.error for row in station.deferred()} == {"HandlerTimeout"}


def test_heartbeats_go_on_while_a_handler_works(city: City) -> None:
    """Three times the agreed silence, after which the broker would have taken the message back."""
    done = threading.Event()

    def work_long(event: Any, work: Any) -> None:
        done.wait(4)

    database = open_database(city.database("notify"))
    transport = AmqpTransport(city.uri("notify"), heartbeat=1)
    station = Station("notify", database, transport, [remember(handled := Handled(work_long))])
    with station.running():
        publish = Form(transport, city.uri("tickets"), lambda name: database).publish
        publish(EXCHANGE, ERASED, encode(event(ERASED, {}, subject="long")))
        wait_until(lambda: effects_of(database), what="handled")
        wait_until(lambda: city.broker.queues(city.vhost)[ERASED_QUEUE]["messages"] == 0, what="acknowledged")
    assert handled.calls == ["long"]


def test_a_queue_deleted_under_a_running_service_stops_it(city: City) -> None:
    notify = city.station("notify", remember(Handled()))
    with contextlib.suppress(BrokerRefused), notify.running():
        wait_until(lambda: city.broker.queues(city.vhost)[ERASED_QUEUE]["consumers"] == 1, what="consuming")
        with Connection(city.broker.uri(vhost=city.vhost)) as connection:
            connection.channel().queue_delete(ERASED_QUEUE)
        wait_until(lambda: notify.failure, what="stopped")
    assert str(notify.failure).startswith(f"The broker refused to find queue {ERASED_QUEUE}")


def test_a_missing_permission_stops_the_service_with_a_sentence(city: City) -> None:
    nobody = {"configure": "", "write": "", "read": ""}
    city.broker.api("PUT", f"/permissions/{city.vhost}/notify", nobody)
    notify = city.station("notify", remember(Handled()))
    with pytest.raises(BrokerRefused, match=r"queue evt-.*notify.*configure permission.*ACCESS_REFUSED"):
        notify.consumer.run()
    city.broker.api("PUT", f"/permissions/{city.vhost}/tickets", nobody)
    tickets = city.station("tickets")
    tickets.emit(1)
    with pytest.raises(BrokerRefused, match=r"publish as tickets.*write permission on tickets.private.*ACCESS_REFUSED"):
        tickets.publisher.run()
    assert tickets.unpublished() == 1


def test_a_wrong_password_is_refused_with_a_sentence(city: City) -> None:
    transport = AmqpTransport(city.broker.uri("notify", "wrong", vhost=city.vhost))
    with pytest.raises(BrokerRefused, match=r"connect as notify, whose password.*ACCESS_REFUSED"):
        transport.consuming("notify", [])


def test_a_missing_dead_queue_or_exchange_is_named(city: City) -> None:
    with Connection(city.broker.uri(vhost=city.vhost)) as connection:
        connection.channel().queue_delete("notify.dead")
        connection.channel().exchange_delete("tickets.private")
    with pytest.raises(BrokerRefused, match=r"find queue notify.dead.*definitions"):
        city.transport("notify").consuming("notify", [])
    with pytest.raises(BrokerRefused, match=r"find exchange tickets.private.*definitions"):
        city.transport("tickets").publishing("tickets")


def test_what_somebody_must_hear_waits_until_it_is_bound(city: City) -> None:
    tickets = city.station("tickets")
    with Connection(city.broker.uri(vhost=city.vhost)) as connection:
        channel = connection.channel()
        channel.queue_unbind(ERASED_QUEUE, EXCHANGE, ERASED)
        with tickets.running():
            tickets.emit(3)
            tickets.emit(2, "report.accepted", code="KDR-1", reference=None, submission=None)
            wait_until(lambda: tickets.unpublished() == 3, what="what nobody must hear counts as published")
            wait_until(lambda: unrouted(tickets) == 5, what="all five known to be unrouted")
            channel.queue_bind(ERASED_QUEUE, EXCHANGE, ERASED)
            wait_until(lambda: tickets.unpublished() == 0, what="offered again")
    wait_until(lambda: city.ready(ERASED_QUEUE) == 3, what="arrived once each")


def test_a_graceful_stop_gives_back_what_it_did_not_handle(city: City) -> None:
    database = open_database(city.database("notify"))
    station = Station("notify", database, city.transport("notify"))

    def end_after_one(event: Any, work: Any) -> None:
        station.stop.set()

    station = Station("notify", database, city.transport("notify"), [remember(handled := Handled(end_after_one))])
    publish = Form(city.transport("tickets"), city.uri("tickets"), lambda name: database).publish
    publish(EXCHANGE, ERASED, *(encode(event(ERASED, {}, subject=f"T-{n}")) for n in range(900)))
    with station.running():
        wait_until(lambda: handled.calls, what="the first handled")
    wait_until(lambda: city.ready(ERASED_QUEUE) == 900 - len(effects_of(database)), what="the others back")
    assert not station.deferred()


def unrouted(station: Station) -> int:
    with station.database.read() as connection:
        outbox = tables.outbox
        return len(connection.execute(select(outbox.c.id).where(outbox.c.unrouted_at.is_not(None))).all())
