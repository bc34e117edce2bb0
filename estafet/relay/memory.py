"""The broker of the embedded form: kombu's ``memory://``, shared by all services of one process.

It forgets everything when the process ends, so the relay learns from :meth:`MemoryPublishing.quiet` when nothing it
published is on its way any more, and publishes again at the next start what was.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from itertools import count
from typing import Any

from kombu.connection import Connection as KombuConnection

from estafet.events.topology import dead_queue, declare_all, queues_of, services
from estafet.relay.transport import Features, Incoming, Outcome, Outgoing, cut

#: Seconds between looks at empty queues.
POLLING = 0.01

#: The header of what a process that ended may have had in hand.
_AGAIN = "again"

#: Held while a message goes from a queue into a consumer's hands: whoever looks sees it in one place or the other.
_moving = threading.Lock()
#: Queue → tags of what consumers of this process hold. Shared like the queues themselves.
_held: dict[tuple[int, int], str] = {}
_tags = count(1)


class MemoryTransport:
    features = Features(persistent=False, delivery_limit=False)

    def publishing(self, service: str) -> MemoryPublishing:
        return MemoryPublishing(_connect())

    def consuming(self, service: str, queues: Sequence[str]) -> MemoryConsuming:
        return MemoryConsuming(_connect(), queues)


class MemoryPublishing:
    def __init__(self, connection: KombuConnection) -> None:
        self._connection = connection
        self._channel = connection.channel()

    def publish(self, window: Sequence[Outgoing], seconds: float) -> Outcome:
        for each in window:
            _put(self._channel, each.exchange, each.name, each.body, each.again)
        return Outcome(frozenset(each.id for each in window))

    def idle(self) -> None:
        """Nothing to keep alive."""

    def quiet(self) -> bool:
        """Every queue of the registry is empty and no consumer holds a message."""
        names = [queue for service in services() for queue in (*queues_of(service), dead_queue(service))]
        with _moving:
            return not _held and not any(
                self._channel.queue_declare(queue=name, passive=True).message_count for name in names
            )

    def close(self) -> None:
        self._connection.release()


class MemoryConsuming:
    def __init__(self, connection: KombuConnection, queues: Sequence[str]) -> None:
        self._connection = connection
        self._channel = connection.channel()
        self._queues: deque[str] = deque(queues)
        self._taken: dict[int, Incoming] = {}

    def get(self, queue: str) -> Incoming | None:
        with _moving:
            message = self._channel.basic_get(queue, no_ack=True)
            if message is None:
                return None
            body, size = cut(_bytes(message.body))
            again = bool((message.headers or {}).get(_AGAIN))
            taken = Incoming(next(_tags), queue, body, redelivered=again, cut_from=size)
            _held[id(self), taken.tag] = queue
        self._taken[taken.tag] = taken
        return taken

    def consume(self, queues: Sequence[str], prefetch: int) -> None:
        """Nothing is sent ahead here: :meth:`collect` looks."""

    def collect(self, limit: int, seconds: float) -> list[Incoming]:
        deadline = time.monotonic() + seconds
        while not (found := self._what_is_there(limit)) and time.monotonic() < deadline:
            time.sleep(POLLING)
        return found

    def ack(self, messages: Sequence[Incoming]) -> None:
        for message in messages:
            self._taken.pop(message.tag, None)
            _held.pop((id(self), message.tag), None)

    def give_back(self) -> None:
        for message in list(self._taken.values()):
            with _moving:
                _put(self._channel, "", message.queue, message.body, message.redelivered)
                self.ack([message])

    def close(self) -> None:
        self.give_back()
        self._connection.release()

    def _what_is_there(self, limit: int) -> list[Incoming]:
        found: list[Incoming] = []
        for _ in range(len(self._queues)):
            queue = self._queues[0]
            while len(found) < limit and (message := self.get(queue)):
                found.append(message)
            if len(found) == limit:
                break
            self._queues.rotate(-1)
        self._queues.rotate(-1)  # so that no queue waits behind another that never empties
        return found


def _connect() -> KombuConnection:
    """A connection of its own; what the registry knows is declared, since nobody else would."""
    connection = KombuConnection("memory://", transport_options={"polling_interval": POLLING})
    with connection.channel() as channel:
        declare_all(channel)
    return connection


def _put(channel: Any, exchange: str, routing_key: str, body: bytes, again: bool) -> None:
    headers = {_AGAIN: True} if again else {}
    message = channel.prepare_message(body, content_type="application/json", content_encoding="utf-8", headers=headers)
    channel.basic_publish(message, exchange=exchange, routing_key=routing_key)


def _bytes(body: bytes | str | None) -> bytes:
    """kombu hands an empty body on as None, and keeps a text published by others a text."""
    return body.encode() if isinstance(body, str) else body or b""
