"""A message on its way to its handler: as it arrived, as it was read, and, where that came to nothing, why."""

from __future__ import annotations

from dataclasses import dataclass

from estafet.events import Event
from estafet.relay import inbox
from estafet.relay.errors import Unreadable
from estafet.relay.failure import COLLISION, Failure, describe


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it arrived, from the broker or from among the deferred: bytes, and for whom.

    Attributes:
        subscription: whose queue it came by, ``service.method``.
        publisher: the AMQP user that published it, as the broker vouches (RabbitMQ, validated user-id); None on
            ``memory://``.
        name: the event its queue is for; None: any that the subscription listens to.
        cut_from: bytes it had, where ``body`` is only its beginning.
    """

    subscription: str
    body: bytes
    publisher: str | None = None
    name: str | None = None
    cut_from: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was read: its event, and a digest of what it says."""

    delivery: Delivery
    event: Event
    digest: str

    @property
    def key(self) -> inbox.Key:
        return self.delivery.subscription, self.event.source, self.event.id

    def repeats(self, earlier: inbox.Earlier | None) -> bool:
        """Whether what was handled under its key said the same."""
        return earlier is not None and earlier.digest in (None, self.digest)

    def contradicts(self, earlier: inbox.Earlier | None) -> bool:
        """Whether what was handled under its key said something else."""
        return earlier is not None and not self.repeats(earlier)

    def failed(self, failure: Failure) -> Failed:
        return Failed(self.delivery, failure, self)

    def collided(self, earlier: inbox.Earlier) -> Failed:
        when = earlier.handled_at.isoformat(timespec="seconds")
        detail = f"another message with this source and id was handled at {when}, and said something else"
        return self.failed(describe(Unreadable(COLLISION, detail)))


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that was not handled, and why; ``message`` is None of one that could not be read."""

    delivery: Delivery
    failure: Failure
    message: Message | None = None
