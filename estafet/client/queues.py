"""The queues of an app that listens: one for each function, and beside it one for what could not be handled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import amqp

from estafet.events import Contract
from estafet.relay.amqp import AmqpTransport
from estafet.relay.amqp_consuming import AmqpConsuming
from estafet.relay.amqp_errors import translated

#: Deliveries of one message whose process ends each time, before it is put away.
_DELIVERIES = 5


def consuming(transport: AmqpTransport, queues: Mapping[str, Iterable[Contract]]) -> AmqpConsuming:
    """Connect, see that the queues are there and bound to their events, and be ready to consume.

    Raises:
        BrokerAway: not now.
        BrokerRefused: the account may not, or a queue of that name is of another kind; the message names it.
    """
    with transport.connected(f"estafet-app-{transport.user}") as connection:
        channel = connection.channel()
        for queue, contracts in queues.items():
            doing = (
                f"declare queue {queue}, {queue}.dead and its exchange, which must be {transport.user}'s own (their "
                f"names begin with app-{transport.user}.), and as they were declared the first time"
            )
            with translated(doing):
                _declare(channel, queue)
            for each in contracts:
                with translated(f"bind queue {queue} to {each.name} on {each.exchange}"):
                    channel.queue_bind(queue, each.exchange, each.name)
        channel.close()
        return AmqpConsuming(connection)


def _declare(channel: amqp.Channel, queue: str) -> None:
    """All durable and replicated. Dead letters go by an exchange of the app's own: nobody may use the default one."""
    dead = f"{queue}.dead"
    channel.exchange_declare(dead, "fanout", durable=True, auto_delete=False)
    channel.queue_declare(dead, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(dead, dead)
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": _DELIVERIES,
        "x-dead-letter-exchange": dead,
        # Only then it leaves the queue when it has arrived in the other.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    channel.queue_declare(queue, durable=True, auto_delete=False, arguments=arguments)
