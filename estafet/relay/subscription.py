"""A subscription: which handler a service has for which events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from marshmallow import ValidationError

from estafet.events import Contract, Event, Malformed, parse
from estafet.events.envelope import MAX_BODY
from estafet.events.topology import queues_of, services
from estafet.relay.errors import Unreadable
from estafet.relay.failure import TOO_LARGE
from estafet.relay.message import Delivery
from estafet.relay.work import Work

Handler = Callable[[Event, Work], object]
#: Runs once before the handlers of a batch, to lock and load with one statement what they all need.
Prepare = Callable[[Sequence[Event], Work], object]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler for one event at a time.

    Attributes:
        name: ``service.method``, as the contracts list it.
        validate: hold ``data`` against the event's schema before the handler sees it; otherwise it does so itself.
    """

    name: str
    handler: Handler
    prepare: Prepare | None = None
    validate: bool = True

    @property
    def service(self) -> str:
        return self.name.partition(".")[0]

    @property
    def queues(self) -> dict[str, Contract]:
        """Queue → the event it is for."""
        agreed = queues_of(self.service)
        return {queue: contract for queue, (contract, listener) in agreed.items() if listener == self.name}

    def unwrap(self, delivery: Delivery) -> Event:
        """The event in a message, its ``data`` as it came.

        Raises:
            Unreadable: too large, not an event of ours, not one this subscription listens to, or not from the service
                that its source names.
        """
        size = delivery.cut_from or len(delivery.body)
        if size > MAX_BODY:
            raise Unreadable(TOO_LARGE, f"{size} bytes; at most {MAX_BODY} are read, and its beginning is kept")
        try:
            event = parse(delivery.body)
        except Malformed as error:
            raise Unreadable("malformed", str(error)) from error
        if delivery.publisher in services() and event.source != f"/estafet/{delivery.publisher}":
            raise Unreadable("forged", f"{delivery.publisher} published it, as the broker vouches, not {event.source}")
        contract = _contracts(self.name).get((event.name, event.version))
        if contract is None or delivery.name not in (None, event.name):
            raise Unreadable("foreign", f"{event.type[:128]} is not what {delivery.name or self.name} is for")
        return event

    def validated(self, event: Event) -> Event:
        """An unwrapped event with its ``data`` as Python values, unless the handler sees to that itself.

        Raises:
            Unreadable: its data is not as agreed.
        """
        if not self.validate:
            return event
        try:
            return replace(event, data=_contracts(self.name)[event.name, event.version].load(event.data))
        except ValidationError as error:
            raise Unreadable("invalid", str(error.normalized_messages())[:2000]) from error


@cache
def _contracts(name: str) -> dict[tuple[str, int], Contract]:
    agreed = queues_of(name.partition(".")[0]).values()
    return {(contract.name, contract.version): contract for contract, listener in agreed if listener == name}
