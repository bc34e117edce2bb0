"""Both forms of the relay: memory:// with SQLite, RabbitMQ with PostgreSQL. A test that takes ``form`` runs on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.transport.memory import Channel, Transport

from estafet.events import topology
from estafet.events.definitions import definitions
from estafet.relay import backoff, memory
from estafet.relay import transport as relay
from estafet.relay.amqp import AmqpTransport
from estafet.relay.backoff import Backoff
from estafet.relay.database import Database
from estafet.relay.memory import MemoryTransport
from estafet.relay.subscription import Subscription
from tests.bed import Broker
from tests.integration.relay.defined import Defined
from tests.integration.relay.station import Station, open_database


@dataclass
class Form:
    """A transport and a maker of databases that belong together."""

    transport: relay.Transport
    uri: str
    database: Callable[[str], Database]

    def station(
        self, service: str, *subscriptions: Subscription, database: Database | None = None, **options: Any
    ) -> Station:
        return Station(service, database or self.database(service), self.transport, list(subscriptions), **options)

    def publish(self, exchange: str, routing_key: str, *bodies: bytes, **properties: Any) -> None:
        """Publish bytes as any app may, by kombu alone. Confirmed: else a queue that is being made may lose them."""
        with Connection(self.uri, transport_options={"confirm_publish": True}) as connection:
            channel = connection.channel()
            for body in bodies:
                message = channel.prepare_message(body, content_type="application/json", properties=dict(properties))
                channel.basic_publish(message, exchange=exchange, routing_key=routing_key)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Form]:
    _forget()
    opened: list[Database] = []

    def database(name: str) -> Database:
        opened.append(open_database(f"sqlite:///{tmp_path / name}.sqlite"))
        return opened[-1]

    yield Form(MemoryTransport(), "memory://", database)
    for each in opened:
        each.engine.dispose()
    _forget()


@pytest.fixture
def deployed(amqp_uri: str, database_url: Callable[[str], str]) -> Iterator[Form]:
    with Connection(amqp_uri) as connection:
        topology.declare_all(connection.channel())
    opened: list[Database] = []

    def database(name: str) -> Database:
        opened.append(open_database(database_url(name)))
        return opened[-1]

    yield Form(AmqpTransport(amqp_uri), amqp_uri, database)
    for each in opened:
        each.engine.dispose()


@pytest.fixture(params=["embedded", "deployed"])
def form(request: pytest.FixtureRequest) -> Form:
    made: Form = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries within the test's time; the number of attempts stays."""
    monkeypatch.setattr("estafet.relay.failure.ORDINARY", Backoff(0.01, 1.1, 0.05, attempts=backoff.ORDINARY.attempts))
    monkeypatch.setattr("estafet.relay.failure.NOT_YET", Backoff(0.01, 1.1, 0.05, attempts=backoff.NOT_YET.attempts))


def _forget() -> None:
    """kombu's memory broker is one for the whole process: what another test left must not stay."""
    Channel.queues.clear()
    Transport.global_state.clear()
    memory._held.clear()


@pytest.fixture
def forget_messages() -> Callable[[], None]:
    """What a process's end does to its broker in memory."""
    return _forget


@pytest.fixture
def defined(rabbitmq: Broker, vhost: str, database_url: Callable[[str], str]) -> Defined:
    document = definitions(rabbitmq=3 if rabbitmq.version < (4,) else 4)
    for part in ("permissions", "topic_permissions", "exchanges", "queues", "bindings", "policies"):
        document[part] = [{**each, "vhost": vhost} for each in document[part]]
    rabbitmq.import_definitions({**document, "vhosts": []})
    return Defined(rabbitmq, vhost, database_url)
