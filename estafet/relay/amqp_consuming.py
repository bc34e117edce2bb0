"""Consuming from RabbitMQ: bytes in, acknowledgements out, and heartbeats whatever else happens."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import amqp
from amqp import spec

from estafet.relay.amqp_errors import ANSWER, on, translated
from estafet.relay.errors import BrokerAway, BrokerRefused
from estafet.relay.transport import Incoming, cut

#: Seconds the broker may take to say goodbye.
_FAREWELL = 2


class AmqpConsuming:
    """Delivery tags that are not settled are kept here, so that many are acknowledged by one frame, and all given back.

    A thread of its own sends heartbeats; whether the broker is still there is told by whoever listens.
    """

    def __init__(self, connection: amqp.Connection) -> None:
        self._connection = connection
        self._arrived: deque[Incoming] = deque()
        self._unsettled: set[int] = set()
        self._silent = 0.0
        self._heard = 0
        self._closed = threading.Event()
        with translated("open a channel"):
            self._channel = connection.channel()
        self._channel.auto_decode = False
        if connection.heartbeat:
            threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def get(self, queue: str) -> Incoming | None:
        with on(self._connection, f"read queue {queue}; the user's read permission on it is to be set", ANSWER):
            message = self._channel.basic_get(queue)
        return self._took(queue, message) if message else None

    def consume(self, queues: Sequence[str], prefetch: int) -> None:
        doing = f"consume from {', '.join(queues)}; the user's read permission on each is to be set"
        with on(self._connection, doing, ANSWER):
            self._channel.basic_qos(0, prefetch, False)
            for queue in queues:
                self._channel.basic_consume(queue, callback=partial(self._arrive, queue), on_cancel=self._on_cancel)

    def collect(self, limit: int, seconds: float) -> list[Incoming]:
        with on(self._connection, "deliver messages"):
            if not self._arrived:
                self._listen(seconds)
            while len(self._arrived) < limit and self._drained(0):
                pass
        return [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]

    def ack(self, messages: Sequence[Incoming]) -> None:
        """With one frame, when nothing older is unsettled; else one each."""
        tags = {message.tag for message in messages} & self._unsettled
        if not tags:
            return
        last = max(tags)
        with on(self._connection, "take acknowledgements"):
            if all(tag in tags or tag > last for tag in self._unsettled):
                self._channel.basic_ack(last, multiple=True)
            else:
                for tag in sorted(tags):
                    self._channel.basic_ack(tag)
        self._unsettled -= tags

    def put_away(self, message: Incoming) -> None:
        """Into the dead letters of its queue."""
        with on(self._connection, "take a message to the dead letters"):
            self._channel.basic_reject(message.tag, requeue=False)
        self._unsettled.discard(message.tag)

    def give_back(self) -> None:
        """By ``basic.nack``, which py-amqp lacks: a reject would count against the message from RabbitMQ 4.3 on."""
        if not self._unsettled:
            return
        with suppress(BrokerAway), on(self._connection, "take messages back"):
            self._channel.send_method(spec.Basic.Nack, "Lbb", (max(self._unsettled), True, True))
        self._unsettled.clear()
        self._arrived.clear()

    def close(self) -> None:
        """Politely where the broker listens, so that it has read the acknowledgements before."""
        self._closed.set()
        with suppress(BrokerAway, BrokerRefused), on(self._connection, "close", _FAREWELL):
            self._connection.close()
        with suppress(Exception):
            self._connection.collect()

    def _listen(self, seconds: float) -> None:
        """Wait for a message. What counts as silence is only the time in which we listened.

        But whatever came since the last time ends it, answers to our own questions too: a broker that has just spoken
        sends no heartbeat.
        """
        began = time.monotonic()
        while not self._arrived and (left := began + seconds - time.monotonic()) > 0:
            self._drained(left)
        if self._connection.bytes_recv != self._heard:
            self._heard, self._silent = self._connection.bytes_recv, 0.0
            return
        self._silent += time.monotonic() - began
        if self._connection.heartbeat and self._silent > 2 * self._connection.heartbeat:
            raise BrokerAway("no heartbeat from the broker")

    def _drained(self, seconds: float) -> bool:
        """Read one frame's worth, if it comes in time."""
        try:
            self._connection.drain_events(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def _arrive(self, queue: str, message: amqp.Message) -> None:
        self._arrived.append(self._took(queue, message))

    def _took(self, queue: str, message: Any) -> Incoming:
        tag = message.delivery_info["delivery_tag"]
        self._unsettled.add(tag)
        given = message.body
        body, size = cut(given.encode() if isinstance(given, str) else bytes(given))
        return Incoming(
            tag=tag,
            queue=queue,
            body=body,
            redelivered=bool(message.delivery_info["redelivered"]),
            publisher=message.properties.get("user_id"),
            died_in=_died_in(message),
            cut_from=size,
        )

    def _on_cancel(self, consumer_tag: str) -> None:
        raise BrokerAway("the broker cancelled a consumer: its queue was deleted, or its node ends")

    def _beat(self) -> None:
        """Only sends: while a handler works nobody reads, so nothing can be concluded from silence."""
        while not self._closed.wait((self._connection.heartbeat or 20) / 3):
            try:
                with on(self._connection, "take a heartbeat"):
                    self._connection.send_heartbeat()
            except (BrokerAway, BrokerRefused):
                return  # whoever reads next finds it out as well


def _died_in(message: Any) -> str | None:
    """The first queue of ``x-death`` (RabbitMQ, dead-letter exchanges). Headers are outside input: checked."""
    deaths = (message.properties.get("application_headers") or {}).get("x-death")
    first = deaths[0] if isinstance(deaths, list) and deaths else None
    queue = first.get("queue") if isinstance(first, dict) else None
    return queue if isinstance(queue, str) else None
