"""The consumer: one loop per service over all its queues."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

from estafet.events import Contract
from estafet.events.topology import dead_queue
from estafet.relay.backoff import AWAY
from estafet.relay.errors import BrokerAway, Stopping
from estafet.relay.message import Delivery
from estafet.relay.receiver import Receiver
from estafet.relay.subscription import Subscription
from estafet.relay.transport import Consuming, Incoming, Transport

_log = logging.getLogger(__name__)

#: Messages in one transaction, at most.
BATCH = 200
#: Bytes in one transaction, about: 200 of ours have half of it.
BYTES = 1024 * 1024
#: Messages the broker may send ahead, over all queues together.
AHEAD = 1000
#: Seconds to wait for a first message before looking up.
PATIENCE = 0.5
#: Seconds between looks into ``<service>.dead``.
DEAD_EVERY = 2.0


class Consumer:
    """Takes what is waiting through the receiver, and acknowledges it then."""

    def __init__(
        self,
        service: str,
        subscriptions: Iterable[Subscription],
        transport: Transport,
        receiver: Receiver,
        stop: threading.Event,
    ) -> None:
        self._service = service
        self._transport = transport
        self._receiver = receiver
        self._stop = stop
        self._queues: dict[str, tuple[Subscription, Contract]] = {
            queue: (subscription, contract)
            for subscription in subscriptions
            for queue, contract in subscription.queues.items()
        }
        self._looked = 0.0
        self._failures = 0
        #: Whether the broker sends us messages just now.
        self.connected = False

    def run(self) -> None:
        """Consume until stopped. The broker may come and go.

        Raises:
            BrokerRefused: the broker says no; a person has to change something.
        """
        while self._queues and not self._stop.is_set():
            try:
                self._session()
            except Stopping:
                return
            except BrokerAway as error:
                self._failures += 1
                _log.warning("%s consumes later: %s", self._service, error)
                self._stop.wait(AWAY.seconds(self._failures))

    def _session(self) -> None:
        queues = list(self._queues)
        connection = self._transport.consuming(self._service, queues)
        try:
            self._bury(connection)
            if self._transport.features.persistent:
                self._start_slowly(connection)
            connection.consume(queues, max(10, min(BATCH, AHEAD // len(queues))))
            self._failures = 0
            self.connected = True
            while not self._stop.is_set():
                self._handle(connection, connection.collect(BATCH, PATIENCE))
                self._bury(connection)
        except Stopping:
            connection.give_back()
            raise
        else:
            connection.give_back()
        finally:
            self.connected = False
            connection.close()

    def _start_slowly(self, connection: Consuming) -> None:
        """One message in the whole process at a time, while the front of a queue has been delivered before.

        A message that kills its process costs every message delivered beside it a life too. Taken alone, it alone
        passes its limit. Quorum queues return messages to the front, so the first fresh one ends it for its queue.
        """
        for queue in self._queues:
            while not self._stop.is_set():
                message = connection.get(queue)
                if message is None:
                    break
                self._handle_alone(connection, message)
                if not message.redelivered:
                    break

    def _handle(self, connection: Consuming, messages: Sequence[Incoming]) -> None:
        for fresh in _batches([message for message in messages if not message.redelivered]):
            self._receiver.handle([self._delivery(message) for message in fresh])
            connection.ack(fresh)
        again = [message for message in messages if message.redelivered]
        if not self._transport.features.persistent:
            for batch in _batches(again):
                self._receiver.handle_suspects([self._delivery(message) for message in batch])
                connection.ack(batch)
            return
        for message in again:
            if not self._stop.is_set():
                self._handle_alone(connection, message)

    def _handle_alone(self, connection: Consuming, message: Incoming) -> None:
        self._receiver.handle([self._delivery(message)])
        connection.ack([message])

    def _bury(self, connection: Consuming) -> None:
        """Bring what passed its delivery limit into ``deferred``, one at a time and unread."""
        if not self._transport.features.delivery_limit or time.monotonic() < self._looked + DEAD_EVERY:
            return
        while message := connection.get(dead_queue(self._service)):
            # Only here: elsewhere whoever publishes may write what the broker writes when it gives a message up.
            queue = message.died_in or message.queue
            self._receiver.bury(self._delivery(message, queue), f"delivered too often from {queue}")
            connection.ack([message])
        self._looked = time.monotonic()

    def _delivery(self, message: Incoming, came_by: str | None = None) -> Delivery:
        queue = came_by or message.queue
        subscription, contract = self._queues.get(queue, (None, None))
        return Delivery(
            subscription=subscription.name if subscription else queue[:128],
            body=message.body,
            publisher=message.publisher,
            name=contract.name if contract else None,
            cut_from=message.cut_from,
        )


def _batches(messages: Sequence[Incoming]) -> Iterator[list[Incoming]]:
    """In order, each of :data:`BYTES` or little more: what is read takes many times the room of its bytes."""
    batch: list[Incoming] = []
    size = 0
    for message in messages:
        batch.append(message)
        size += len(message.body)
        if size >= BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
