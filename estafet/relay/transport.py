"""What the relay needs from a broker. Two transports give it: :mod:`.amqp` and :mod:`.memory`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from estafet.events.envelope import MAX_BODY

#: Bytes kept of a message that is too large to be read.
KEPT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Features:
    """What a transport can do beyond carrying messages; tests and the relay ask here, never by the transport's type."""

    #: Messages outlive the broker's process.
    persistent: bool
    #: What killed its consumers too often ends in ``<service>.dead``.
    delivery_limit: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way out: a row of the outbox."""

    id: str
    exchange: str
    name: str
    type: str
    correlation_id: str
    body: bytes
    #: A process that ended had it, or may have had it, before.
    again: bool = False
    #: Somebody must be bound to it: the broker is to say when nobody is.
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a window: ids the broker took, ids of what is needed and nobody is bound to.

    Of the others nothing is known.
    """

    confirmed: frozenset[str]
    returned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as the broker handed it over, not looked into."""

    tag: int
    queue: str
    body: bytes
    redelivered: bool = False
    #: The AMQP user that published it, as the broker vouches.
    publisher: str | None = None
    #: The queue whose delivery limit it passed, when it comes from ``<service>.dead``.
    died_in: str | None = None
    #: Bytes it had, where ``body`` is only its beginning.
    cut_from: int | None = None


def cut(body: bytes) -> tuple[bytes, int | None]:
    """The body and None; of one that is too large to be read, its beginning and how large it was.

    Cut as it arrives: the broker sends many ahead, and of large ones they would fill the memory.
    """
    return (body, None) if len(body) <= MAX_BODY else (body[:KEPT], len(body))


class Publishing(Protocol):
    """A connection to publish on, for one thread."""

    def publish(self, window: Sequence[Outgoing], seconds: float) -> Outcome:
        """Send all, then wait at most ``seconds`` in all for what becomes of them.

        Raises:
            BrokerAway: on any doubt; this connection is of no more use.
            BrokerRefused: the broker says no.
        """

    def idle(self) -> None:
        """Keep the connection alive while there is nothing to publish; to be called every few seconds."""

    def quiet(self) -> bool:
        """Whether nothing published before this call can be forgotten by the broker any more."""

    def close(self) -> None: ...


class Consuming(Protocol):
    """A connection to consume on, for one thread."""

    def get(self, queue: str) -> Incoming | None:
        """Take one message, or None when the queue is empty."""

    def consume(self, queues: Sequence[str], prefetch: int) -> None:
        """Let the broker send up to ``prefetch`` messages ahead from each queue."""

    def collect(self, limit: int, seconds: float) -> list[Incoming]:
        """Wait at most ``seconds`` for a first message; with it, what is already there, never waiting for more."""

    def ack(self, messages: Sequence[Incoming]) -> None:
        """These are handled, or kept in the database."""

    def give_back(self) -> None:
        """Return everything that was taken and not acknowledged."""

    def close(self) -> None: ...


class Transport(Protocol):
    features: Features

    def publishing(self, service: str) -> Publishing: ...

    def consuming(self, service: str, queues: Sequence[str]) -> Consuming:
        """Connect, and check that the queues are there as agreed.

        Raises:
            BrokerAway: not now.
            BrokerRefused: a queue, an argument or a permission is missing; the message names it.
        """
