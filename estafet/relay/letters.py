"""Messages that were read, and those that will not be handled."""

from __future__ import annotations

from dataclasses import dataclass

from estafet.events import Event
from estafet.relay import deferral, inbox
from estafet.relay.errors import Unreadable
from estafet.relay.failure import COLLISION, Failure, describe
from estafet.relay.subscription import Subscription
from estafet.relay.work import Delivery


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was read: its event, whom it is for, and a digest of what it says."""

    subscription: Subscription
    delivery: Delivery
    event: Event
    digest: str

    @property
    def key(self) -> inbox.Key:
        return self.subscription.name, self.event.source, self.event.id

    @property
    def known(self) -> deferral.Known:
        return deferral.Known(self.event, self.digest)

    @property
    def deferred_id(self) -> str:
        return deferral.identity(self.delivery, self.known)

    def repeats(self, earlier: inbox.Earlier | None) -> bool:
        """Whether what was handled under its key said the same."""
        return earlier is not None and earlier.digest in (None, self.digest)

    def contradicts(self, earlier: inbox.Earlier | None) -> bool:
        """Whether what was handled under its key said something else."""
        return earlier is not None and not self.repeats(earlier)

    def collided(self, earlier: inbox.Earlier) -> Broken:
        when = earlier.handled_at.isoformat(timespec="seconds")
        detail = f"another message with this source and id was handled at {when}, and said something else"
        return Broken(self.delivery, describe(Unreadable(COLLISION, detail)), self.known)


@dataclass(frozen=True, slots=True)
class Broken:
    """A message that will not be handled: it could not be read, or another one has its source and id."""

    delivery: Delivery
    failure: Failure
    known: deferral.Known | None = None
