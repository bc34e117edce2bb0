"""The receiver: takes what came through its handlers, and keeps what they could not handle."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from estafet.events import Event
from estafet.relay import deferral, inbox, metrics
from estafet.relay.database import is_infrastructure
from estafet.relay.errors import HandlerTimeout, Unreadable
from estafet.relay.failure import DELIVERY_LIMIT, TOO_LARGE, Failure, describe
from estafet.relay.handling import handling
from estafet.relay.hold import Hold
from estafet.relay.message import Delivery, Failed, Message
from estafet.relay.subscription import Subscription
from estafet.relay.tracing import passed_on
from estafet.relay.work import Work, Works

_log = logging.getLogger(__name__)

#: How often a message is tried at once while errors are about the database, and the database answers.
_TRIES = 3


class Receiver:
    """Handles messages in one transaction where it can, and one by one where it must.

    ``limit`` gives a context that ends a handler that takes too long, with HandlerTimeout.
    """

    def __init__(
        self,
        works: Works,
        subscriptions: Iterable[Subscription],
        hold: Hold,
        limit: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self._works = works
        self._subscriptions = {each.name: each for each in subscriptions}
        self._hold = hold
        self._limit = limit
        #: Called when a message was deferred, so that its next attempt is planned.
        self.on_deferred: Callable[[], None] = lambda: None

    def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Every message is handled, or kept as deferred, when this returns: all can be acknowledged.

        Raises:
            Stopping: the service ends while its database is away.
        """
        self._handle([self._read(delivery) for delivery in deliveries])

    def handle_suspects(self, deliveries: Sequence[Delivery]) -> None:
        """As :meth:`handle`, for messages that a broker without memory was given again after its process had ended.

        One of them may have ended it, so they are noted as in hand before they are tried together. Those that were
        noted already are left to the retries, which take them alone and count each attempt before they make it.
        """
        read = [self._read(delivery) for delivery in deliveries]
        noted: list[Message] = []
        self._hold.until(lambda: self._noted([each for each in read if isinstance(each, Message)], noted))
        self._handle([*noted, *(each for each in read if isinstance(each, Failed))], suspect=True)

    def attempt(self, delivery: Delivery, settle: Callable[[Work], object]) -> None:
        """Handle one message; its failure is raised. ``settle`` is called in the transaction that handles it."""
        message = self._read(delivery)
        if isinstance(message, Failed):
            raise _unreadable(message)
        with self._works.begin() as work:
            fresh, collided = self._sorted(work, [message])
            for each in collided:
                raise _unreadable(each)
            self._call_all(fresh, work)
            settle(work)
        self._count([message], fresh, [])

    def bury(self, delivery: Delivery, detail: str) -> None:
        """Keep a message that passed its delivery limit, without looking into it: whatever looked into it died."""
        reason = TOO_LARGE if delivery.cut_from else DELIVERY_LIMIT
        self._keep(Failed(delivery, describe(Unreadable(reason, detail))))

    def _handle(self, read: list[Message | Failed], suspect: bool = False) -> None:
        while len(read) > 1:
            try:
                return self._together(read, suspect)
            except HandlerTimeout as error:
                if not isinstance(error.message, Message):
                    break
                # It had its time; its neighbours do not wait for it to have it again.
                hung = error.message
                self._keep(hung.failed(describe(error)))
                read = [each for each in read if each is not hung]
            except Exception as error:
                _log.info("a batch of %d is handled one by one: %s", len(read), type(error).__name__)
                break
        for each in read:
            self._alone(each, suspect)

    def _read(self, delivery: Delivery) -> Message | Failed:
        subscription = self._subscriptions.get(delivery.subscription)
        try:
            if subscription is None:
                raise Unreadable("nobody", f"{delivery.subscription} is not a handler of this service")
            event = subscription.unwrap(delivery)
            return Message(delivery, subscription.validated(event), inbox.digest(event))
        except Unreadable as error:
            return Failed(delivery, describe(error))

    def _noted(self, messages: Sequence[Message], noted: list[Message]) -> bool:
        """Put into ``noted`` what was never handled and is no suspect yet; False when the database is away."""
        try:
            with self._works.begin() as work:
                known = inbox.earlier(work.connection, {each.key for each in messages})
                unhandled = {deferral.id_of(each): each for each in messages if not each.repeats(known.get(each.key))}
                new = deferral.suspect(work.connection, list(unhandled.values()), work.now)
        except Exception as error:
            if is_infrastructure(error):
                return False
            raise
        noted[:] = [message for id, message in unhandled.items() if id in new]
        return True

    def _together(self, read: Sequence[Message | Failed], suspect: bool = False) -> None:
        messages = [each for each in read if isinstance(each, Message)]
        with self._works.begin() as work:
            fresh, collided = self._sorted(work, messages)
            failed = [each for each in read if isinstance(each, Failed)] + collided
            for each in failed:
                deferral.put(work.connection, each, work.now)
            self._call_all(fresh, work)
            if suspect:
                deferral.acquit(work.connection, messages)
        self._count(messages, fresh, failed)

    def _sorted(self, work: Work, messages: Sequence[Message]) -> tuple[list[Message], list[Failed]]:
        """Those never handled, each once, in the order they came; and those that another message's key is on.

        What is in neither was handled before.
        """
        first = {each.key: each for each in reversed(messages)}
        new = inbox.claim(work.connection, {key: each.digest for key, each in first.items()}, work.now)
        fresh = [each for each in messages if each.key in new and first[each.key] is each]
        again = [each for each in messages if each.key not in new or first[each.key] is not each]
        known = inbox.earlier(work.connection, {each.key for each in again})
        return fresh, [each.collided(known[each.key]) for each in again if each.contradicts(known.get(each.key))]

    def _call_all(self, messages: Sequence[Message], work: Work) -> None:
        self._prepare(messages, work)
        for message in messages:
            self._call(message, work)

    def _prepare(self, messages: Sequence[Message], work: Work) -> None:
        """Let each subscription load what its events need, once."""
        grouped: dict[str, list[Event]] = {}
        for each in messages:
            grouped.setdefault(each.delivery.subscription, []).append(each.event)
        for name, events in grouped.items():
            prepare = self._subscriptions[name].prepare
            if prepare is not None:
                prepare(events, work)

    def _call(self, message: Message, work: Work) -> None:
        name = message.delivery.subscription
        work.cause, work.delivery = message.event, message.delivery
        began = time.perf_counter()
        try:
            with self._traced(message, work), self._limit():
                self._subscriptions[name].handler(message.event, work)
        except HandlerTimeout as error:
            error.message = message
            work.connection.invalidate()  # it was stopped amid a statement: no rollback can be sent on it
            raise
        metrics.handler_seconds.labels(name).observe(time.perf_counter() - began)

    @contextmanager
    def _traced(self, message: Message, work: Work) -> Iterator[None]:
        """What is emitted goes on with the event's trace, and what is logged says which event it was."""
        event = message.event
        with handling(event):
            if self._works.tracing is None:
                work.traceparent = passed_on(event)
                yield
            else:
                with self._works.tracing.handling(event, message.delivery.subscription) as work.traceparent:
                    yield

    def _alone(self, read: Message | Failed, suspect: bool = False) -> None:
        failure = self._tried(read, suspect)
        if failure is not None:
            self._keep(read.failed(failure) if isinstance(read, Message) else replace(read, failure=failure))

    def _tried(self, read: Message | Failed, suspect: bool) -> Failure | None:
        """Handle it, again while the database is at fault; the failure if it could not be."""
        tries = 0
        while True:
            try:
                self._together([read], suspect)
                return None
            except Exception as error:
                tries += 1
                if not is_infrastructure(error):
                    return describe(error)
                self._hold.until_database_answers()
                if tries == _TRIES:
                    return describe(error)

    def _keep(self, failed: Failed) -> None:
        """Move a message into ``deferred``, with pauses: a database that is full, or not prepared, answers and keeps
        nothing.
        """
        self._hold.until(lambda: self._kept(failed))

    def _kept(self, failed: Failed) -> bool:
        """False when the database does not let us."""
        try:
            with self._works.begin() as work:
                again = deferral.put(work.connection, failed, work.now)
        except Exception as error:
            if is_infrastructure(error):
                return False
            raise
        outcome, name, failure = "deferred" if again else "dead", failed.delivery.subscription, failed.failure
        metrics.handled.labels(*_kind(failed), outcome).inc()
        with handling(failed.message.event if failed.message else None):
            _log.warning("%s is %s: %s at %s", name, outcome, failure.error, failure.place or "-")
        self.on_deferred()
        return True

    def _count(self, messages: Sequence[Message], fresh: Sequence[Message], failed: Sequence[Failed]) -> None:
        now = self._works.clock.now()
        for message in fresh:
            age = (now - message.event.time).total_seconds()
            metrics.critical_seconds.labels(message.delivery.subscription).observe(max(age, 0.0))
        done, came = Counter(map(_kind, fresh)), Counter(map(_kind, messages))
        came.subtract(_kind(each) for each in failed if each.message)
        for kind, count in came.items():
            metrics.handled.labels(*kind, "handled").inc(done[kind])
            metrics.handled.labels(*kind, "duplicate").inc(count - done[kind])
        for each in failed:
            metrics.handled.labels(*_kind(each), "dead").inc()
            _log.warning("%s: a message is kept as dead: %s", each.delivery.subscription, each.failure.error)
        metrics.batch_size.labels(self._works.service).observe(len(messages) + len(failed))


def _unreadable(failed: Failed) -> Unreadable:
    return Unreadable(failed.failure.error, failed.failure.detail)


def _kind(read: Message | Failed) -> tuple[str, str]:
    """Handler and event. What cannot be read is of the kind its queue is for."""
    message = read.message if isinstance(read, Failed) else read
    name = message.event.name if message else read.delivery.name
    return read.delivery.subscription, name or "unknown"
