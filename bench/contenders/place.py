"""Where a contender beside ours works: a virtual host with its queues, and a database for each service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg
from kombu.connection import Connection
from kombu.entity import Exchange, Queue

from bench.contenders.tables import TABLES
from tests.bed import Broker, Databases


@dataclass(frozen=True, slots=True)
class Subscription:
    """A queue, and what comes into it."""

    queue: str
    exchange: str
    routing_key: str


@dataclass(frozen=True)
class Place:
    """Queues are there before anybody consumes: the broker confirms a message that no queue took, and it is gone."""

    broker: Broker
    databases: Databases
    vhost: str
    queues: tuple[str, ...]
    names: Mapping[str, str]

    @property
    def amqp_uri(self) -> str:
        return self.broker.uri(vhost=self.vhost)

    def database_url(self, service: str) -> str:
        """As libpq reads it."""
        return self.databases.url(self.names[service]).replace("postgresql+psycopg", "postgresql")

    def consumed(self, processes: int) -> bool:
        """Whether so many consume every queue."""
        states = self.broker.queues(self.vhost)
        return all((states[queue]["consumers"] or 0) >= processes for queue in self.queues)

    def remove(self) -> None:
        self.broker.delete_vhost(self.vhost)
        for name in self.names.values():
            self.databases.drop_database(name)


def lay_out(broker: Broker, databases: Databases, subscriptions: Sequence[Subscription]) -> Place:
    """Make a fresh place."""
    prefix = databases.fresh_name("bench")
    names = {service: f"{prefix}_{service}" for service in TABLES}
    queues = tuple(each.queue for each in subscriptions)
    place = Place(broker, databases, broker.create_vhost(), queues, names)
    for service, name in names.items():
        databases.create_database(name)
        with psycopg.connect(place.database_url(service)) as connection:
            connection.execute(TABLES[service])
    with Connection(place.amqp_uri) as broker_connection:
        for each in subscriptions:
            exchange = Exchange(each.exchange, type="topic", durable=True)
            queue = Queue(each.queue, exchange, each.routing_key, queue_arguments={"x-queue-type": "quorum"})
            queue(broker_connection).declare()
    return place
