"""Publishing to RabbitMQ: a window of messages, and confirms that are matched to them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import amqp
from amqp import spec

from estafet.relay.amqp_errors import on, translated
from estafet.relay.transport import Outcome, Outgoing

_PERSISTENT = 2
_NOT_IMMEDIATE = False


class AmqpPublishing:
    """Delivery tags are counted here, returns are matched by message id, and a window has one deadline.

    When not everything of a window is known in time, this connection must be closed: a confirm that comes late would
    be taken for another message's.
    """

    def __init__(self, connection: amqp.Connection, service: str, user: str) -> None:
        self._connection = connection
        self._service = service
        self._user = user
        self._tag = 0
        self._waiting: dict[int, str] = {}
        self._confirmed: set[str] = set()
        self._returned: set[str] = set()
        with translated("confirm what is published"):
            self._channel = connection.channel()
            self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)

    def publish(self, window: Sequence[Outgoing], seconds: float) -> Outcome:
        deadline = time.monotonic() + seconds
        self._confirmed.clear()
        self._returned.clear()
        doing = f"publish as {self._user}; its write permission on {_places(window)} is to be set"
        with on(self._connection, doing, seconds):
            for each in window:
                self._send(each)
            while self._waiting and (left := deadline - time.monotonic()) > 0:
                with suppress(TimeoutError):
                    self._connection.drain_events(timeout=left)
        if self._waiting:
            self.close()
        return Outcome(frozenset(self._confirmed), frozenset(self._returned))

    def idle(self) -> None:
        """Read what the broker sent meanwhile, and send a heartbeat when it is time."""
        with on(self._connection, "keep the connection"):
            with suppress(TimeoutError):
                while True:
                    self._connection.drain_events(timeout=0)
            self._connection.heartbeat_tick()

    def quiet(self) -> bool:
        return True

    def close(self) -> None:
        with suppress(Exception):
            self._connection.collect()

    def _send(self, each: Outgoing) -> None:
        """The bare frames: py-amqp's ``basic_publish`` looks for answers before each message, four system calls."""
        message = amqp.Message(
            each.body,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=_PERSISTENT,
            message_id=each.id,
            correlation_id=each.correlation_id,
            type=each.type,
            app_id=self._service,
            user_id=self._user,
            timestamp=int(time.time()),
        )
        self._tag += 1
        self._waiting[self._tag] = each.id
        arguments = (0, each.exchange, each.name, each.needed, _NOT_IMMEDIATE)
        self._channel.send_method(spec.Basic.Publish, "Bssbb", arguments, message)

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._confirmed.update(self._take(tag, multiple))

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._take(tag, multiple)

    def _on_return(self, error: Exception, exchange: str, routing_key: str, message: amqp.Message) -> None:
        """Comes before its message's confirm."""
        self._returned.add(str(message.properties.get("message_id")))

    def _take(self, tag: int, multiple: bool) -> list[str]:
        tags = [each for each in self._waiting if each <= tag] if multiple else [tag]
        return [self._waiting.pop(each) for each in tags if each in self._waiting]


def _places(window: Sequence[Outgoing]) -> str:
    return ", ".join(sorted({each.exchange for each in window}))
