"""RabbitMQ, spoken to by py-amqp through kombu's connections.

kombu's and nameko's own consumers acknowledge what they cannot decode and what a handler raised on, and py-amqp's wait
for a confirm takes any confirm for the one it waits for; so channels are used as they are, and bookkeeping is ours.
"""

from __future__ import annotations

import random
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from kombu.connection import Connection as KombuConnection

from estafet.events.topology import dead_queue, exchanges_of
from estafet.relay.amqp_consuming import AmqpConsuming
from estafet.relay.amqp_errors import ANSWER, translated
from estafet.relay.amqp_publishing import AmqpPublishing
from estafet.relay.errors import BrokerAway
from estafet.relay.transport import Features

#: Seconds; RabbitMQ's guide calls 5 to 20 right (heartbeats).
HEARTBEAT = 20
_CONNECT_TIMEOUT = 5


class AmqpTransport:
    """One broker, by its URI; or the nodes of a cluster, by theirs, separated by ``;``.

    Each transport begins with a node of its own choice, so that many share the nodes, and stays with the one that
    answered. With ``amqps://`` the broker must have a certificate for the name in its URI, from an authority in the
    file ``tls_ca`` or, without one, from those that this machine trusts.
    """

    features = Features(persistent=True, delivery_limit=True)

    def __init__(self, uri: str, heartbeat: int = HEARTBEAT, tls_ca: Path | None = None) -> None:
        self._nodes = uri.split(";")
        random.shuffle(self._nodes)
        self._heartbeat = heartbeat
        self._tls_ca = tls_ca
        self.user = unquote(urlsplit(self._nodes[0]).username or "guest")

    def publishing(self, service: str) -> AmqpPublishing:
        with self.connected(f"estafet-{service}-publisher") as connection:
            _check_exchanges(connection, service)
            return AmqpPublishing(connection, service, self.user)

    def consuming(self, service: str, queues: Sequence[str]) -> AmqpConsuming:
        with self.connected(f"estafet-{service}-consumer") as connection:
            _check_queues(connection, service, queues)
            return AmqpConsuming(connection)

    @contextmanager
    def connected(self, name: str) -> Iterator[amqp.Connection]:
        """A connection of a name, which stays open only if nothing goes wrong inside."""
        connection = self._connect(name)
        try:
            # A network that stalls now must not stall us for ever, nor one that breaks at any step end us.
            with translated("let us prepare a connection"), connection.transport.having_timeout(ANSWER):
                yield connection
        except BaseException:
            with suppress(Exception):
                connection.collect()
            raise

    def _connect(self, name: str) -> amqp.Connection:
        """The first node that takes us; those that do not come last from now on.

        Raises:
            BrokerAway: none does, for the reason the last one gave.
            BrokerRefused: one says no, or shows a certificate that we must not trust.
        """
        away = BrokerAway("there is no node to try")
        for node in self._nodes:
            try:
                return self._connect_to(node, name)
            except BrokerAway as error:
                away = error
                self._nodes = [*(each for each in self._nodes if each != node), node]
        raise away

    def _connect_to(self, uri: str, name: str) -> amqp.Connection:
        client = KombuConnection(
            uri,
            heartbeat=self._heartbeat,
            connect_timeout=_CONNECT_TIMEOUT,
            ssl=_tls(uri, self._tls_ca),
            transport_options={"client_properties": {"connection_name": name}},
        )
        with translated(f"connect as {self.user}, whose password and permission on the virtual host are to be set"):
            connection: amqp.Connection = client.transport.establish_connection()
        return connection


def _tls(uri: str, ca: Path | None) -> dict[str, Any] | bool:
    """What py-amqp is told, which by itself does not compare names; ``ca_certs`` None: those the machine trusts."""
    parts = urlsplit(uri)
    if parts.scheme != "amqps":
        return False
    return {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": ca and str(ca), "server_hostname": parts.hostname}


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
