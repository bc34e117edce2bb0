"""One process of a service with its own relay, as the runner would start it, but that the scheduler calls each part."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from estafet.events import Event
from estafet.relay.consumer import Consumer
from estafet.relay.database import is_infrastructure
from estafet.relay.errors import BrokerAway
from estafet.relay.extensions import Subscribe
from estafet.relay.hold import Hold
from estafet.relay.publisher import SWEEP, Publisher
from estafet.relay.receiver import Receiver
from estafet.relay.retries import Retries
from estafet.relay.subscription import Subscription
from estafet.relay.work import Work, Works
from tests.simulation.broker import Broker, Parcel
from tests.simulation.databases import FragileDatabase, stored
from tests.simulation.ground import Clock, Stop

Handler = Callable[[Event, Work], object]


class Replica:
    """A process. What it knows goes with :meth:`crash`.

    Whatever a part does when its broker or its database is away, beyond trying later, is in the code under test; the
    loops that try later are the scheduler's steps.
    """

    def __init__(
        self,
        kind: type,
        label: str,
        database: FragileDatabase,
        broker: Broker,
        clock: Clock,
        counted: Callable[[str, Handler], Handler],
        given: Mapping[str, Callable[[Works], Any]],
    ) -> None:
        self.label = label
        self.name: str = kind.name  # type: ignore[attr-defined]
        self.database = database
        self._kind, self._broker, self._clock, self._counted, self._given = kind, broker, clock, counted, given
        self._start()

    def _start(self) -> None:
        self.works = Works(self.name, self.database, self._clock)
        service: Any = object.__new__(self._kind)
        service.relay = self.works
        for name, make in self._given.items():
            setattr(service, name, make(self.works))
        self.service = service
        stop: Any = Stop(self._clock)
        hold = Hold(self.name, self.database, stop)
        subscriptions = [
            Subscription(full, self._counted(full, getattr(self.service, name)), declared._prepare, declared._validate)
            for full, name, declared in _declared(self._kind)
        ]
        receiver = Receiver(self.works, subscriptions, hold)
        self.publisher = Publisher(self.works, self._broker)
        self.consumer = Consumer(self.name, subscriptions, self._broker, receiver, stop)
        self.retries = Retries(self.works, receiver, hold, stop)
        self._connection = self._broker.consuming(self.name, ())

    def crash(self) -> None:
        """The process is gone, and another in its place: what it had not acknowledged comes again."""
        self._connection.close()
        self._start()

    def lose_connection(self) -> None:
        """The broker thinks that the process is gone; it is not."""
        self._connection.close()

    def publish(self) -> int:
        """One look of the publisher, in its time. It is spared where there is nothing: it would change nothing."""
        if not self.database.rows("select 1 from outbox where published_at is null limit 1"):
            return 0
        self._clock.pass_by(timedelta(seconds=SWEEP))
        try:
            return self.publisher.publish()
        except Exception as error:
            if not (isinstance(error, BrokerAway) or is_infrastructure(error)):
                raise
            self.publisher._disconnect()
            return 0

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        self._session(lambda: self.consumer._handle(self._connection, self._connection.take(parcels)))

    def bury(self) -> None:
        """Look into the queue of what was delivered too often."""
        self._session(lambda: self.consumer._bury(self._connection))

    def retry(self) -> bool:
        """One attempt of what is due. Spared likewise."""
        due = "select 1 from deferred where state = 'waiting' and due_at <= ? limit 1"
        if not self.database.rows(due, stored(self._clock.time)):
            return False
        return bool(self.look(self.retries.attempt))

    def look(self, act: Callable[[], object]) -> object:
        """What is done again and again anyway: a database that is away ends it for now."""
        try:
            return act()
        except Exception as error:
            if not is_infrastructure(error):
                raise
            return None

    def _session(self, act: Callable[[], None]) -> None:
        try:
            act()
        except BrokerAway:
            self._connection.close()
            self._connection = self._broker.consuming(self.name, ())


@cache
def _declared(kind: type) -> list[tuple[str, str, Subscribe]]:
    """The subscriptions of a service class: full name, method, declaration."""
    return [
        (f"{kind.name}.{name}", name, entrypoint)  # type: ignore[attr-defined]
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ())
        if isinstance(entrypoint, Subscribe)
    ]
