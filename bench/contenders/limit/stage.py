"""One stage of the limit: a queue, what its messages become, and the messages that follow; everything in batches."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import amqp
import psycopg

Messages = Sequence[Mapping[str, Any]]
#: Names and bodies.
Publications = Sequence[tuple[str, str]]
#: Writes what a batch says, and answers the messages that follow from it.
Handler = Callable[[psycopg.Connection, Messages], Publications]

#: Messages in one transaction.
BATCH = 200
#: Messages that the broker sends ahead: the next batch comes while the confirms of the one before are awaited.
_AHEAD = 4 * BATCH


class Stage:
    """Order: commit, publish, wait for the confirms, acknowledge. ``exchange`` is where what follows is published."""

    def __init__(self, connection: amqp.Connection, queue: str, handler: Handler, exchange: str) -> None:
        self._handler, self._exchange = handler, exchange
        self._arrived: deque[amqp.Message] = deque()
        self._published = 0
        self._unconfirmed: set[int] = set()
        #: Of each batch that is committed: its last publication, and its last delivery.
        self._committed: deque[tuple[int, int]] = deque()
        self._channel = connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirm)
        self._channel.basic_qos(0, _AHEAD, False)
        self._channel.basic_consume(queue, callback=self._arrived.append)

    @property
    def arrived(self) -> int:
        return len(self._arrived)

    @property
    def settled(self) -> bool:
        """Whether all that was taken up is acknowledged."""
        return not self._committed

    def work(self, database: psycopg.Connection) -> None:
        """Take up what has arrived, up to a batch."""
        if not self._arrived:
            return
        batch = [self._arrived.popleft() for _ in range(min(BATCH, len(self._arrived)))]
        # One round trip for all statements whose answer nobody waits for, begin and commit among them.
        with database.pipeline(), database.transaction():
            following = self._handler(database, [json.loads(each.body) for each in batch])
        for name, body in following:
            self._publish(name, body)
        self._committed.append((self._published, batch[-1].delivery_tag))

    def acknowledge(self) -> None:
        """Acknowledge the batches whose publications are all confirmed."""
        oldest = min(self._unconfirmed, default=self._published + 1)
        delivery = None
        while self._committed and self._committed[0][0] < oldest:
            delivery = self._committed.popleft()[1]
        if delivery is not None:
            self._channel.basic_ack(delivery, multiple=True)

    def _publish(self, name: str, body: str) -> None:
        message = amqp.Message(body.encode(), content_type="application/json", delivery_mode=2)
        self._channel.basic_publish(message, exchange=self._exchange, routing_key=name)
        self._published += 1
        self._unconfirmed.add(self._published)

    def _confirm(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._unconfirmed = {each for each in self._unconfirmed if each > tag}
        else:
            self._unconfirmed.discard(tag)
