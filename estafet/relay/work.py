"""A unit of work: one transaction, and the events that become true with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from estafet.events import Event, contract, encode, new_id
from estafet.relay import outbox
from estafet.relay.clock import Clock, SystemClock
from estafet.relay.database import Database
from estafet.relay.message import Delivery
from estafet.relay.sharing import Sharing
from estafet.relay.tracing import Tracing
from estafet.relay.transport import Outgoing
from estafet.relay.waiting import Statement, Waiting
from estafet.relay.writing import Row

Made = TypeVar("Made")


class Work:
    """What a handler is given beside its event: the transaction's connection, the time, and a way to say what happened.

    Attributes:
        connection: the open transaction. Commit and rollback are the relay's.
        now: when this unit of work began, in UTC.
        cause: the event being handled; what is emitted names it as its cause. None when a person acts.
        delivery: that event as it arrived.
        traceparent: what this event's trace goes on with, in what is emitted.
    """

    def __init__(self, service: str, connection: Connection, now: datetime, tracing: Tracing | None = None) -> None:
        self.connection = connection
        self.now = now
        self.cause: Event | None = None
        self.delivery: Delivery | None = None
        self.traceparent: str | None = None
        self._tracing = tracing
        self._service = service
        self._emitted: list[Event] = []
        self._waiting = Waiting()
        self._last_acts: list[Callable[[], object]] = []
        self._after_commit: list[Callable[[], object]] = []
        self._memory: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What ``make`` answers, made once in this unit of work: what was read for one event serves those after it."""
        if key not in self._memory:
            self._memory[key] = make()
        return cast(Made, self._memory[key])

    def forget(self, key: Hashable) -> None:
        """Let it be made again: it has changed."""
        self._memory.pop(key, None)

    def later(self, statement: Statement, key: Hashable, row: Row) -> None:
        """Execute a statement with this row at the end, together with its other rows.

        Statements are told apart by identity, so build each once. A second row under the same key takes the place of
        the first, so rows must be whole. What waits cannot be read from the database: read it from memory, or
        :meth:`write` first.
        """
        self._waiting.add(statement, key, row)

    def waiting(self, statement: Statement, key: Hashable) -> Row | None:
        """The row that waits under this key."""
        return self._waiting.get(statement, key)

    def at_end(self, act: Callable[[], object]) -> None:
        """Call ``act`` once after the last handler, before what waits is written; it may add to that."""
        self._last_acts.append(act)

    def after_commit(self, act: Callable[[], object]) -> None:
        """Call ``act`` when all of this is committed; never, if it is not. For what is counted: it must not raise."""
        self._after_commit.append(act)

    def committed(self) -> None:
        """Do what was asked for after the commit. For the relay."""
        for act in self._after_commit:
            act()

    def write(self) -> None:
        """Write what waits now."""
        self._end()
        self._waiting.write(self.connection)

    def _end(self) -> None:
        acts, self._last_acts = self._last_acts, []
        for act in acts:
            act()

    def emit(
        self,
        name: str,
        data: Mapping[str, Any],
        *,
        subject: str | None = None,
        subjectversion: int | None = None,
        correlationid: str | None = None,
        causationid: str | None = None,
        confidential: bool = False,
        id: str | None = None,
    ) -> Event:
        """Put an event into the outbox of this transaction and return it.

        ``data`` holds Python values; the event's schema turns them into JSON and leaves out what it does not know.
        The correlation id is the given one, else the cause's, else the event's own: it then begins a chain. The
        causation id is the given one (the message a person answered), else the cause's id.

        Raises:
            ValueError: the data does not satisfy the event's schema, or the event is another service's to publish.
        """
        agreed = contract(name)
        if agreed.publisher != self._service:
            raise ValueError(f"{self._service} may not publish {name}: it is {agreed.publisher}'s")
        identity = id or new_id()
        correlation = correlationid or (self.cause.correlationid if self.cause else identity)
        traceparent = self.traceparent
        if self.cause is None and self._tracing is not None:
            traceparent = self._tracing.act(name, correlation, subject)
        event = Event(
            name=name,
            source=f"/estafet/{self._service}",
            data=agreed.dump(data),
            id=identity,
            time=self.now,
            correlationid=correlation,
            causationid=causationid or (self.cause.id if self.cause else None),
            subject=subject,
            subjectversion=subjectversion,
            traceparent=traceparent,
            dataclassification="confidential" if confidential else None,
        )
        self._emitted.append(event)
        return event

    def flush(self) -> list[Outgoing]:
        """Write what waits and what was emitted; answers the events. For the relay."""
        self._end()
        emitted = [_outgoing(event) for event in self._emitted]
        for each in emitted:
            self.later(outbox.PUT, each.id, outbox.row(each, self.now))
        self._emitted.clear()
        self._waiting.write(self.connection)
        return emitted


def _outgoing(event: Event) -> Outgoing:
    return Outgoing(
        id=event.id,
        exchange=contract(event.name).exchange,
        name=event.name,
        type=event.type,
        correlation_id=event.correlationid,
        body=encode(event),
        needed=outbox.is_needed(event.name),
    )


class Works:
    """Opens units of work for one service, and says when there is something to publish."""

    def __init__(
        self, service: str, database: Database, clock: Clock | None = None, tracing: Tracing | None = None
    ) -> None:
        self.service = service
        self.database = database
        self.clock = clock or SystemClock()
        self.tracing = tracing
        #: Called after a commit with the events it left in the outbox. The publisher sets it.
        self.on_emitted: Callable[[Sequence[Outgoing]], None] = lambda events: None
        #: Whether the broker sends us messages just now. The consumer sets it; the readiness probe asks.
        self.is_connected: Callable[[], bool] = lambda: False
        self._sharing = Sharing(self)

    @contextmanager
    def begin(self) -> Iterator[Work]:
        """One transaction: committed with its outbox rows at the end, rolled back on any exception."""
        with self.database.begin() as connection:
            work = Work(self.service, connection, self.clock.now(), self.tracing)
            yield work
            emitted = work.flush()
        work.committed()
        if emitted:
            self.on_emitted(emitted)

    def share(self, act: Callable[[Work], Made]) -> Made:
        """What ``act`` answers, committed; in one transaction with what others ask for at the same time.

        It may be called more than once, in another transaction each time: when one fails, each is done alone.
        """
        return self._sharing.do(act)
