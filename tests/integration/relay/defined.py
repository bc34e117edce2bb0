"""A virtual host of a real broker, as the generated definitions make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from estafet.relay.amqp import AmqpTransport
from tests.bed import Broker
from tests.integration.relay.station import Station, open_database


@dataclass
class Defined:
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
