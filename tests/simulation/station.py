"""One service with its own relay, as the runner would start it, but that the scheduler calls each part in turn."""

from __future__ import annotations

import inspect
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from estafet.events import Event
from estafet.relay.consumer import Consumer
from estafet.relay.errors import BrokerAway
from estafet.relay.extensions import Subscribe
from estafet.relay.hold import Hold
from estafet.relay.publisher import Publisher
from estafet.relay.receiver import Receiver
from estafet.relay.retries import Retries
from estafet.relay.subscription import Subscription
from estafet.relay.work import Work, Works
from tests.simulation.broker import Broker, Parcel
from tests.simulation.databases import FragileDatabase
from tests.simulation.ground import Clock

#: (subscription, source, id)
Key = tuple[str, str, str]


class Station:
    """A service. Its memory goes with :meth:`start`, its database stays."""

    def __init__(self, kind: type, database: FragileDatabase, broker: Broker, clock: Clock, **given: Any) -> None:
        self.kind = kind
        self.name: str = kind.name  # type: ignore[attr-defined]
        self.database = database
        self.broker = broker
        self.clock = clock
        self._given = given
        #: How often a handler's effect on a message was committed.
        self.handled: Counter[Key] = Counter()
        self._running: list[Key] = []
        self.on_commit: Callable[[], None] = lambda: None
        database.on_end = self._ended
        self.start()

    def start(self) -> None:
        """A new process."""
        self.works = Works(self.name, self.database, self.clock)
        self.service = object.__new__(self.kind)
        self.service.relay = self.works
        for name, make in self._given.items():
            setattr(self.service, name, make(self.works))
        stop = threading.Event()
        hold = Hold(self.name, self.database, stop)
        subscriptions = list(self._subscriptions())
        receiver = Receiver(self.works, subscriptions, hold)
        self.publisher = Publisher(self.works, self.broker)
        self.consumer = Consumer(self.name, subscriptions, self.broker, receiver, stop)
        self.retries = Retries(self.works, receiver, hold, stop)
        self._connection = self.broker.consuming(self.name, ())

    def crash(self) -> None:
        """The process is gone: what it had not acknowledged comes again."""
        self._running.clear()
        self.broker.give_back(self.name)
        self.start()

    def publish(self) -> int:
        """One look of the publisher. It is spared where there is nothing: it would change nothing."""
        if not self.database.rows("select 1 from outbox where published_at is null limit 1"):
            return 0
        try:
            return self.publisher.publish()
        except BrokerAway:
            self.publisher._disconnect()
            return 0

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        try:
            self.consumer._handle(self._connection, self.broker.take(self.name, parcels))
        except BrokerAway:
            self._connection.close()

    def retry(self) -> bool:
        if not self.database.rows("select 1 from deferred where state = 'waiting' limit 1"):
            return False
        return self.retries.attempt()

    def _subscriptions(self) -> Iterator[Subscription]:
        """As the service class declares them."""
        for name, method in inspect.getmembers(self.kind, inspect.isfunction):
            for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()):
                if isinstance(entrypoint, Subscribe):
                    full = f"{self.name}.{name}"
                    handler = self._counted(full, getattr(self.service, name))
                    yield Subscription(full, handler, entrypoint._prepare, entrypoint._validate)

    def _counted(self, subscription: str, handler: Callable[[Event, Work], object]) -> Callable[[Event, Work], object]:
        def handle(event: Event, work: Work) -> None:
            handler(event, work)
            self._running.append((subscription, event.source, event.id))

        return handle

    def _ended(self, committed: bool) -> None:
        if committed:
            self.handled.update(self._running)
            self.on_commit()
        self._running.clear()
