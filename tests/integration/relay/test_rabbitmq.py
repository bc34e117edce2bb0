"""What only a real broker can show: permissions, confirms, delivery limits, heartbeats."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from amqp import Message
from kombu import Connection
from sqlalchemy import select

from estafet.events import encode, new_id
from estafet.events.topology import dead_queue
from estafet.relay import outbox, tables
from estafet.relay.amqp import AmqpTransport
from estafet.relay.errors import BrokerAway
from estafet.relay.leadership import Leadership
from estafet.relay.transport import Outgoing
from tests.bed.process import free_port, wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.defined import Defined
from tests.integration.relay.station import ERASED, ERASED_QUEUE, Handled, Station, effects_of, open_database, remember
from tests.support.messages import event

EXCHANGE = "tickets.private"


def test_events_flow_under_the_generated_permissions_and_name_their_publisher(defined: Defined) -> None:
    publishers: list[str | None] = []
    handled = Handled(lambda event, work: publishers.append(work.delivery and work.delivery.publisher))
    notify, tickets = defined.station("notify", remember(handled)), defined.station("tickets")
    with notify.running(), tickets.running():
        subjects = tickets.emit(300)
        wait_until(lambda: len(effects_of(notify.database)) >= 300, what="all handled")
    assert Counter(effects_of(notify.database)) == Counter(subjects)
    assert set(publishers) == {"tickets"}


def test_the_properties_say_what_the_envelope_says(defined: Defined) -> None:
    tickets = defined.station("tickets")
    with tickets.running():
        tickets.emit(1)
        wait_until(lambda: tickets.unpublished() == 0, what="published")
    with Connection(defined.uri("notify")) as connection:
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


def test_nobody_reaches_another_handler_by_saying_that_the_message_died_there(defined: Defined) -> None:
    """``x-death`` is the broker's to write, and everybody's to forge."""
    notify = defined.station("notify", remember(handled := Handled()))
    said = event("handoff.accepted", {}, source="/estafet/tickets", subject="forged")
    elsewhere = {"x-death": [{"queue": "evt-tickets-handoff.accepted--notify.tell", "reason": "delivery_limit"}]}
    with notify.running(), Connection(defined.uri("tickets")) as connection:
        for each in (said, event(ERASED, {}, subject="mine")):
            message = Message(encode(each), application_headers=elsewhere, delivery_mode=2)
            connection.channel().basic_publish(message, exchange=EXCHANGE, routing_key=ERASED)
        wait_until(lambda: handled.calls and notify.deferred("dead"), what="one handled, one dead")
    assert handled.calls == ["mine"]
    assert [(row.subscription, row.error) for row in notify.deferred()] == [("notify.remember", "foreign")]


def test_heartbeats_go_on_while_a_handler_works(defined: Defined) -> None:
    """Three times the agreed silence, after which the broker would have taken the message back."""
    done = threading.Event()

    def work_long(event: Any, work: Any) -> None:
        done.wait(4)

    database = open_database(defined.database("notify"))
    transport = AmqpTransport(defined.uri("notify"), heartbeat=1)
    station = Station("notify", database, transport, [remember(handled := Handled(work_long))])
    with station.running():
        publish = Form(transport, defined.uri("tickets"), lambda name: database).publish
        publish(EXCHANGE, ERASED, encode(event(ERASED, {}, subject="long")))
        wait_until(lambda: effects_of(database), what="handled")
        wait_until(lambda: defined.broker.queues(defined.vhost)[ERASED_QUEUE]["messages"] == 0, what="acknowledged")
    assert handled.calls == ["long"]


def test_a_broker_that_answers_is_not_taken_for_silent(defined: Defined) -> None:
    """Asked again and again for what is dead, it sends no heartbeats: its answers are enough."""
    consuming = AmqpTransport(defined.uri("notify"), heartbeat=1).consuming("notify", [ERASED_QUEUE])
    consuming.consume([ERASED_QUEUE], 10)
    listened = 0.0
    while listened < 4:  # twice what counts as silence
        began = time.monotonic()
        assert consuming.collect(10, 0.2) == []
        listened += time.monotonic() - began
        assert consuming.get(dead_queue("notify")) is None
    consuming.close()


def test_what_somebody_must_hear_waits_until_it_is_bound(defined: Defined) -> None:
    tickets = defined.station("tickets")
    with Connection(defined.broker.uri(vhost=defined.vhost)) as connection:
        channel = connection.channel()
        channel.queue_unbind(ERASED_QUEUE, EXCHANGE, ERASED)
        with tickets.running():
            tickets.emit(3)
            tickets.emit(2, "report.accepted", code="KDR-1", reference=None, submission=None)
            wait_until(lambda: tickets.unpublished() == 3, what="what nobody must hear counts as published")
            wait_until(lambda: unrouted(tickets) == 3, what="known to be unrouted")
            channel.queue_bind(ERASED_QUEUE, EXCHANGE, ERASED)
            wait_until(lambda: tickets.unpublished() == 0, what="offered again")
    wait_until(lambda: defined.ready(ERASED_QUEUE) == 3, what="arrived once each")


def test_an_event_that_another_release_wrote_stops_nobody(defined: Defined) -> None:
    tickets = defined.station("tickets")
    unknown = Outgoing(new_id(), EXCHANGE, "gone.away", "id.estafet.gone.away.v1", "", b"{}")
    with tickets.database.begin() as connection:
        connection.execute(outbox.PUT, outbox.row(unknown, datetime.now(UTC)))
    with tickets.running():
        tickets.emit(2)
        wait_until(lambda: tickets.unpublished() == 1, what="the others published")
        wait_until(lambda: unrouted(tickets) == 1, what="known to be nobody's")
    wait_until(lambda: defined.ready(ERASED_QUEUE) == 2, what="arrived")


def test_each_process_publishes_what_it_commits_and_one_sweeps_for_all(defined: Defined) -> None:
    tickets = defined.station("tickets")
    leader = Leadership(tickets.database, "tickets")
    assert leader.held()
    with tickets.running():
        tickets.emit(3)
        wait_until(lambda: tickets.unpublished() == 0, what="published by who does not lead")
        by_a_command = Station("tickets", tickets.database, tickets.transport)
        by_a_command.emit(2)
        leader.resign()
        wait_until(lambda: tickets.unpublished() == 0, what="swept by the new leader")
    wait_until(lambda: defined.ready(ERASED_QUEUE) == 5, what="arrived once each")


def test_a_graceful_stop_gives_back_what_it_did_not_handle(defined: Defined) -> None:
    database = open_database(defined.database("notify"))
    station = Station("notify", database, defined.transport("notify"))

    def end_after_one(event: Any, work: Any) -> None:
        station.stop.set()

    station = Station("notify", database, defined.transport("notify"), [remember(handled := Handled(end_after_one))])
    publish = Form(defined.transport("tickets"), defined.uri("tickets"), lambda name: database).publish
    publish(EXCHANGE, ERASED, *(encode(event(ERASED, {}, subject=f"T-{n}")) for n in range(900)))
    with station.running():
        wait_until(lambda: handled.calls, what="the first handled")
    wait_until(lambda: defined.ready(ERASED_QUEUE) == 900 - len(effects_of(database)), what="the others back")
    assert not station.deferred()


def unrouted(station: Station) -> int:
    with station.database.read() as connection:
        rows = tables.outbox
        return len(connection.execute(select(rows.c.id).where(rows.c.unrouted_at.is_not(None))).all())


def test_of_a_cluster_s_nodes_the_one_that_answers_is_taken(defined: Defined) -> None:
    """Whichever comes first by chance."""
    dead = defined.uri("notify").replace(f"{urlsplit(defined.uri('notify')).port}", str(free_port()))
    for _ in range(8):
        transport = AmqpTransport(f"{dead};{defined.uri('notify')}")
        transport.consuming("notify", [ERASED_QUEUE]).close()
    with pytest.raises(BrokerAway, match="refused"):
        AmqpTransport(f"{dead};{dead}").consuming("notify", [ERASED_QUEUE])
