"""RabbitMQ, spoken to by py-amqp through kombu's connections.

kombu's and nameko's own consumers acknowledge what they cannot decode and what a handler raised on, and py-amqp's wait
for a confirm takes any confirm for the one it waits for; so channels are used as they are, and bookkeeping is ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

import amqp
from kombu.connection import Connection as KombuConnection

from estafet.relay.amqp_consuming import AmqpConsuming
from estafet.relay.amqp_errors import ANSWER, translated
from estafet.relay.amqp_publishing import AmqpPublishing
from estafet.relay.topology import dead_queue, exchanges_of
from estafet.relay.transport import Features

#: Seconds; RabbitMQ's guide calls 5 to 20 right (heartbeats).
HEARTBEAT = 20
_CONNECT_TIMEOUT = 5


class AmqpTransport:
    """One broker, by its URI."""

    features = Features(persistent=True, returns=True, delivery_limit=True, vouches=True)

    def __init__(self, uri: str, heartbeat: int = HEARTBEAT) -> None:
        self._uri = uri
        self._heartbeat = heartbeat
        self.user = unquote(urlsplit(uri).username or "guest")

    def publishing(self, service: str) -> AmqpPublishing:
        with self._connected(f"estafet-{service}-publisher") as connection:
            _check_exchanges(connection, service)
            return AmqpPublishing(connection, service, self.user)

    def consuming(self, service: str, queues: Sequence[str]) -> AmqpConsuming:
        with self._connected(f"estafet-{service}-consumer") as connection:
            _check_queues(connection, service, queues)
            return AmqpConsuming(connection)

    @contextmanager
    def _connected(self, name: str) -> Iterator[amqp.Connection]:
        """A connection that stays open only if nothing goes wrong."""
        client = KombuConnection(
            self._uri,
            heartbeat=self._heartbeat,
            connect_timeout=_CONNECT_TIMEOUT,
            transport_options={"client_properties": {"connection_name": name}},
        )
        with translated(f"connect as {self.user}, whose password and permission on the virtual host are to be set"):
            connection = client.transport.establish_connection()
        try:
            # A network that stalls now must not stall us for ever, nor one that breaks at any step end us.
            with translated("let us prepare a connection"), connection.transport.having_timeout(ANSWER):
                yield connection
        except BaseException:
            with suppress(Exception):
                connection.collect()
            raise


def _check_exchanges(connection: amqp.Connection, service: str) -> None:
    """Those we publish to are there; the definitions file declares them, with the bindings."""
    for exchange in exchanges_of(service):
        with translated(f"find exchange {exchange}, which the broker's definitions file declares"):
            connection.channel().exchange_declare(exchange, "topic", passive=True)


def _check_queues(connection: amqp.Connection, service: str, queues: Sequence[str]) -> None:
    """They are there, and as stock nameko would declare them: with other arguments the broker answers 406.

    A passive declaration does not compare arguments; an active one alone would make a queue that nothing is bound to.
    """
    channel = connection.channel()
    for queue in (dead_queue(service), *queues):
        with translated(f"find queue {queue}, which the broker's definitions file declares"):
            channel.queue_declare(queue, passive=True)
    for queue in queues:
        with translated(
            f"declare queue {queue} durable and without arguments; delete a queue of that name that was declared "
            f"otherwise, or give the user configure permission on it"
        ):
            channel.queue_declare(queue, durable=True, auto_delete=False)
    channel.close()
