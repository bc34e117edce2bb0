"""A real broker imports the definitions, and holds everybody to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import amqp
import pytest
from kombu import Connection

from estafet.events import CONTRACTS
from estafet.events.definitions import VHOST, definitions
from estafet.events.topology import services
from tests.bed import Broker
from tests.bed.process import wait_until
from tests.contract.conftest import APPS

OFFERS = "evt-tickets-handoff.offered"
Ask = Callable[[amqp.Channel], object]


@contextmanager
def _channel(broker: Broker, user: str | None) -> Iterator[amqp.Channel]:
    """Publishing waits for the broker's confirm or refusal."""
    with Connection(broker.uri(user, vhost=VHOST), transport_options={"confirm_publish": True}) as connection:
        yield connection.channel()


def _publish(exchange: str, key: str, **properties: str) -> Ask:
    message = amqp.Message("{}", content_type="application/json", delivery_mode=2, **properties)
    return lambda channel: channel.basic_publish(message, exchange=exchange, routing_key=key)


def _declare(queue: str) -> Ask:
    return lambda channel: channel.queue_declare(queue, durable=True, auto_delete=False)


def _listen(queue: str, exchange: str, key: str) -> Ask:
    def ask(channel: amqp.Channel) -> None:
        channel.queue_declare(queue, durable=True, auto_delete=False)
        channel.queue_bind(queue, exchange, key)
        channel.basic_get(queue)

    return ask


def test_every_queue_is_there_bound_and_quorum(broker: Broker) -> None:
    queues = broker.queues(VHOST)
    wanted = {queue for contract in CONTRACTS for queue in contract.queues} | {f"{name}.dead" for name in services()}
    assert set(queues) >= wanted
    assert {queues[name]["type"] for name in wanted} == {"quorum"}


def test_importing_it_again_changes_nothing(broker: Broker) -> None:
    before = broker.api("GET", f"/bindings/{VHOST}")
    broker.import_definitions(definitions(apps=APPS, rabbitmq=3 if broker.version < (4,) else 4))
    assert broker.api("GET", f"/bindings/{VHOST}") == before


@pytest.mark.parametrize("service", services())
def test_stock_declarations_of_each_service_agree(broker: Broker, service: str) -> None:
    with _channel(broker, service) as channel:
        for contract in CONTRACTS:
            for queue, listener in zip(contract.queues, contract.listeners, strict=True):
                if listener.startswith(f"{service}."):
                    _declare(queue)(channel)
            if contract.publisher == service:
                channel.exchange_declare(contract.exchange, "topic", passive=True)
        channel.queue_declare(f"{service}.dead", passive=True)


def test_stock_nameko_declarations_agree(broker: Broker) -> None:
    """A peer that may configure everything declares exchange, queue and binding as nameko does."""
    with _channel(broker, None) as channel:
        for contract in CONTRACTS:
            channel.exchange_declare(contract.exchange, "topic", durable=True, auto_delete=False)
            for queue in contract.queues:
                _declare(queue)(channel)
                channel.queue_bind(queue, contract.exchange, contract.name)


@pytest.mark.parametrize("app", ["peer", "wali"])
def test_an_app_may_have_the_queues_that_nameko_names_for_it(broker: Broker, app: str) -> None:
    with _channel(broker, app) as channel:
        _listen(f"{OFFERS}--{app}.offered", "tickets.events", "handoff.offered")(channel)


@pytest.mark.parametrize(("user", "handler"), [("peer", "peer.peek"), ("routing", "routing.peek")])
def test_no_name_for_a_queue_opens_the_private_exchange(broker: Broker, user: str, handler: str) -> None:
    with _channel(broker, user) as channel, pytest.raises(amqp.AccessRefused):
        _listen(f"evt-tickets-reporter.given--{handler}", "tickets.private", "reporter.given")(channel)


def test_what_passes_the_delivery_limit_is_kept_among_the_services_dead_letters(broker: Broker) -> None:
    queue = "evt-tickets-handoff.requested--routing.route"
    with _channel(broker, "tickets") as channel:
        _publish("tickets.events", "handoff.requested", message_id="poison")(channel)
    with _channel(broker, "routing") as channel:
        while message := _arrived(broker, channel, queue):
            channel.basic_reject(message.delivery_tag, requeue=True)
        dead = _arrived(broker, channel, "routing.dead")
        assert dead is not None
        assert dead.properties["message_id"] == "poison"
        assert dead.headers["x-first-death-reason"] == "delivery_limit"
        channel.basic_ack(dead.delivery_tag)


def _arrived(broker: Broker, channel: amqp.Channel, queue: str) -> amqp.Message | None:
    """The queue's next message; None when the message has gone to the dead letters instead."""
    found: list[amqp.Message] = []

    def settled() -> bool:
        message = channel.basic_get(queue)
        if message is not None:
            found.append(message)
        return bool(found) or channel.queue_declare("routing.dead", passive=True).message_count > 0

    wait_until(settled, what=f"a message in {queue} or among the dead letters")
    return found[0] if found else None
