"""Messages for handler tests: the same ones doubled and shuffled, since a broker promises neither once nor order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from estafet.events import Event, new_id
from estafet.relay import inbox
from estafet.relay.subscription import Handler
from estafet.relay.work import Works


def event(name: str, data: Mapping[str, Any], source: str = "/estafet/elsewhere", **attributes: Any) -> Event:
    """An event as it comes from outside, with what a test does not care about filled in."""
    identity = attributes.pop("id", None) or new_id()
    given = {"time": datetime.now(UTC), "correlationid": identity, **attributes}
    return Event(name=name, source=source, data=data, id=identity, **given)


def doubled(events: Iterable[Event]) -> list[Event]:
    """Each event twice, the second beside the first."""
    return [each for one in events for each in (one, one)]


def shuffled(events: Sequence[Event], seed: int) -> list[Event]:
    """In another order, the same for the same seed."""
    mixed = list(events)
    random.Random(seed).shuffle(mixed)
    return mixed


class Deliverer:
    """Calls handlers as the relay does, one event a transaction, behind the inbox, everything twice by default."""

    def __init__(self, works: Works, handlers: Mapping[str, Handler], times: int = 2) -> None:
        self._works = works
        self._handlers = handlers
        self._times = times

    def deliver(self, *events: Event, on_error: Callable[[Event, Exception], None] | None = None) -> None:
        """Hand events (``data`` as Python values) to the handlers of their names."""
        for each in events:
            for _ in range(self._times):
                try:
                    self._once(each)
                except Exception as error:
                    if on_error is None:
                        raise
                    on_error(each, error)

    def _once(self, event: Event) -> None:
        with self._works.begin() as work:
            if inbox.claim(work.connection, {(event.name, event.source, event.id): ""}, work.now):
                work.cause = event
                self._handlers[event.name](event, work)
