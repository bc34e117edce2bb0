"""A courier between exchanges and queues that hands over every message twice, each copy a random while later.

It binds a queue of its own to every exchange in place of the services' queues, so that nothing reaches them but through
it: in another order than it was published, and twice. Bytes and properties stay as they are; whose message it is, too,
since the courier may speak for others (RabbitMQ, validated user-id: the tag ``impersonator``).
"""

from __future__ import annotations

import heapq
import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

import amqp
from kombu.connection import Connection

from estafet.events import CONTRACTS
from tests.e2e.servers import Servers

QUEUE = "courier"
#: Seconds a copy is kept at most.
LONGEST = 1.5
#: How many copies go on at once.
_PROMPT = 0.4
_COPIES = 2
#: Messages in hand at once.
_PREFETCH = 1000
_GONE = (OSError, amqp.AMQPError, AttributeError, TypeError)


@dataclass(order=True, slots=True)
class _Copy:
    due: float
    number: int
    queue: str = field(compare=False)
    message: Any = field(compare=False)
    taken: int = field(compare=False)


class Courier:
    """A context manager: from `with` on it carries; after it, the queues are as they were left."""

    def __init__(self, servers: Servers, seed: int) -> None:
        self._servers = servers
        self._chance = random.Random(seed)
        self._queues = {(each.exchange, each.name): each.queues for each in CONTRACTS}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        #: Copies handed over, and messages they were made of.
        self.copies = self.messages = 0

    def __enter__(self) -> Self:
        self._take_over()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _take_over(self) -> None:
        broker, vhost = self._servers.broker, self._servers.vhost
        broker.api("PUT", f"/users/{QUEUE}", {"password": QUEUE, "tags": "administrator,impersonator"})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        broker.api("PUT", f"/permissions/{quote(vhost, safe='')}/{QUEUE}", everything)
        with Connection(self._servers.amqp(QUEUE)) as connection:
            channel = connection.channel()
            channel.queue_declare(QUEUE, durable=True, auto_delete=False)
            for exchange in {exchange for exchange, _ in self._queues}:
                channel.queue_bind(QUEUE, exchange, "#")
            for (exchange, name), queues in self._queues.items():
                for queue in queues:
                    channel.queue_unbind(queue, exchange, name)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                _Session(self._servers.amqp(QUEUE), self).carry(self._stop)
            except _GONE:
                self._stop.wait(0.5)

    def copies_of(self, message: Any) -> list[_Copy]:
        """What is to be handed over of a message that came."""
        exchange, name = message.delivery_info["exchange"], message.delivery_info["routing_key"]
        now, copies = time.monotonic(), []
        for queue in self._queues.get((exchange, name), ()):
            for _ in range(_COPIES):
                wait = 0.0 if self._chance.random() < _PROMPT else self._chance.uniform(0, LONGEST)
                self.copies += 1
                copies.append(_Copy(now + wait, self.copies, queue, message, message.delivery_info["delivery_tag"]))
        self.messages += 1
        return copies


class _Session:
    """One connection. A message is acknowledged when the broker has confirmed all its copies, and not before."""

    def __init__(self, uri: str, courier: Courier) -> None:
        self._courier = courier
        self._connection = Connection(uri, heartbeat=20, connect_timeout=5)
        self._due: list[_Copy] = []
        #: Tag of a copy → tag of its message; tag of a message → copies not yet confirmed.
        self._sent: dict[int, int] = {}
        self._open: dict[int, int] = {}
        self._tag = 0

    def carry(self, stop: threading.Event) -> None:
        with self._connection as connection:
            connection.connect()
            channel = connection.channel()
            channel.auto_decode = False
            channel.confirm_select()
            channel.events["basic_ack"].add(self._confirmed)
            channel.events["basic_nack"].add(_refused)
            channel.events["basic_return"].add(_refused)
            channel.basic_qos(0, _PREFETCH, False)
            channel.basic_consume(QUEUE, callback=self._took)
            self._channel = channel
            beat = time.monotonic()
            while not stop.is_set():
                with suppress(TimeoutError):
                    connection.drain_events(timeout=self._pause())
                while self._due and self._due[0].due <= time.monotonic():
                    self._hand_over(heapq.heappop(self._due))
                if time.monotonic() - beat > 5:
                    connection.heartbeat_check()
                    beat = time.monotonic()

    def _pause(self) -> float:
        return min(0.2, max(self._due[0].due - time.monotonic(), 0.001)) if self._due else 0.2

    def _took(self, message: Any) -> None:
        copies = self._courier.copies_of(message)
        if not copies:
            self._channel.basic_ack(message.delivery_info["delivery_tag"])
            return
        self._open[copies[0].taken] = len(copies)
        for copy in copies:
            heapq.heappush(self._due, copy)

    def _hand_over(self, copy: _Copy) -> None:
        self._tag += 1
        self._sent[self._tag] = copy.taken
        again = amqp.Message(copy.message.body, **copy.message.properties)
        self._channel.basic_publish(again, exchange="", routing_key=copy.queue, mandatory=True)

    def _confirmed(self, tag: int, multiple: bool) -> None:
        for each in [sent for sent in self._sent if sent <= tag] if multiple else [tag]:
            taken = self._sent.pop(each, None)
            if taken is None:
                continue
            self._open[taken] -= 1
            if not self._open[taken]:
                del self._open[taken]
                self._channel.basic_ack(taken)


def _refused(*about: object) -> None:
    """Begin again: the broker gives us back what is not acknowledged."""
    raise ConnectionError("the broker did not take a copy")
