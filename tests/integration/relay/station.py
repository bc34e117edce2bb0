"""A relay without nameko: the same classes on plain threads, so that tests can start, stop and look."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, select

from estafet.events import Event, new_id
from estafet.relay import tables, triage
from estafet.relay.consumer import Consumer
from estafet.relay.database import Database, connect
from estafet.relay.hold import Hold
from estafet.relay.publisher import Publisher
from estafet.relay.receiver import Receiver
from estafet.relay.retries import Retries
from estafet.relay.subscription import Subscription
from estafet.relay.transport import Transport
from estafet.relay.work import Work, Works
from tests.support.messages import event

#: A private event of tickets that notify listens to, with no data of its own: the smallest message there is.
ERASED = "reporter.erased"
EXCHANGE = "tickets.private"
ERASED_QUEUE = "evt-tickets-reporter.erased--notify.remember"

_own = MetaData()
#: What handlers of these tests do: a row per handling, not unique, so that doing it twice shows.
effects = Table("effects", _own, Column("id", String(36), primary_key=True), Column("subject", String(64)))


@dataclass
class Station:
    """One service: publisher, consumer and retries, each on a thread."""

    service: str
    database: Database
    transport: Transport
    subscriptions: list[Subscription] = field(default_factory=list)
    limit: Callable[[], AbstractContextManager[Any]] = nullcontext
    failure: Exception | None = None

    def __post_init__(self) -> None:
        self.stop = threading.Event()
        self.works = Works(self.service, self.database)
        self.publisher = Publisher(self.works, self.transport, deadline=2)
        hold = Hold(self.service, self.database, self.stop)
        self.receiver = Receiver(self.works, self.subscriptions, hold, self.limit)
        self.consumer = Consumer(self.service, self.subscriptions, self.transport, self.receiver, self.stop)
        self.retries = Retries(self.works, self.receiver, hold, self.stop)

    @contextmanager
    def running(self) -> Iterator[Station]:
        """Start all three; at the end stop them in the order the extensions do."""
        threads = [self._start(self.consumer.run), self._start(self.retries.run)]
        publishing = self._start(self.publisher.run)
        try:
            yield self
        finally:
            self.stop.set()
            self.retries.wake()
            for thread in threads:
                thread.join(15)
            self.publisher.stop()
            publishing.join(15)
            alive = [thread.name for thread in (*threads, publishing) if thread.is_alive()]
            assert not alive, f"did not stop: {alive}"
            if self.failure:
                raise self.failure

    def emit(self, count: int = 1, name: str = ERASED, **data: Any) -> list[str]:
        """Commit so many events in one transaction; their subjects."""
        with self.works.begin() as work:
            return [str(work.emit(name, data, subject=new_id()).subject) for _ in range(count)]

    def deferred(self, state: str | None = None) -> list[Any]:
        with self.database.read() as connection:
            return list(triage.listing(connection, state))

    def unpublished(self) -> int:
        with self.database.read() as connection:
            outbox = tables.outbox
            return len(connection.execute(select(outbox.c.id).where(outbox.c.published_at.is_(None))).all())

    def _start(self, run: Callable[[], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                run()
            except Exception as error:
                self.failure = error

        thread = threading.Thread(target=guarded, name=f"{self.service} {run.__qualname__}", daemon=True)
        thread.start()
        return thread


class Handled:
    """A handler that writes down what it saw, in the transaction; ``then`` may fail or emit."""

    def __init__(self, then: Callable[[Event, Work], object] = lambda event, work: None) -> None:
        self.calls: list[str] = []
        self._then = then

    def __call__(self, event: Event, work: Work) -> None:
        self.calls.append(str(event.subject))
        self._then(event, work)
        work.connection.execute(effects.insert().values(id=new_id(), subject=event.subject))


def remember(handler: Callable[[Event, Work], object], **options: Any) -> Subscription:
    return Subscription("notify.remember", handler, **options)


def erased(count: int) -> list[Event]:
    return [event(ERASED, {}, source="/estafet/tickets", subject=f"T-{number}") for number in range(count)]


def act(station: Station, action: Callable[..., int], which: Any) -> int:
    """An operator's act on deferred messages."""
    with station.database.begin() as connection:
        return action(connection, which, "ops", "to see", station.works.clock.now())


def effects_of(database: Database) -> list[str]:
    """Subjects whose handling was committed, once per time."""
    with database.read() as connection:
        return [row.subject for row in connection.execute(select(effects.c.subject))]


def open_database(url: str) -> Database:
    """A database with the relay's tables and the test's own."""
    database = connect(url)
    tables.metadata.create_all(database.engine)
    _own.create_all(database.engine)
    return database
