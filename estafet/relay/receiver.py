"""The receiver: takes what came through its handlers, and keeps what they could not handle."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

from estafet.relay import deferral, inbox, metrics
from estafet.relay.errors import HandlerTimeout, Unreadable
from estafet.relay.failure import DELIVERY_LIMIT, TOO_LARGE, Failure, describe
from estafet.relay.handling import handling
from estafet.relay.hold import Hold, is_infrastructure
from estafet.relay.letters import Broken, Letter
from estafet.relay.subscription import Subscription
from estafet.relay.tracing import passed_on
from estafet.relay.work import Delivery, Work, Works

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
        noted: list[Letter] = []
        self._hold.until(lambda: self._noted([each for each in read if isinstance(each, Letter)], noted))
        self._handle([*noted, *(each for each in read if isinstance(each, Broken))], suspect=True)

    def attempt(self, delivery: Delivery, settle: Callable[[Work], object] = lambda work: None) -> None:
        """Handle one message; its failure is raised. ``settle`` is called in the transaction that handles it."""
        read = self._read(delivery)
        broken = [read] if isinstance(read, Broken) else []
        if isinstance(read, Letter):
            with self._works.begin() as work:
                fresh, broken = self._sorted(work, [read])
                if not broken:
                    self._call_all(fresh, work)
                    settle(work)
        for each in broken:
            raise Unreadable(each.failure.error, each.failure.detail)
        if isinstance(read, Letter):
            self._count([read], fresh, [])

    def bury(self, delivery: Delivery, detail: str) -> None:
        """Keep a message that passed its delivery limit, without looking into it: whatever looked into it died."""
        reason = TOO_LARGE if delivery.cut_from else DELIVERY_LIMIT
        broken = Broken(delivery, describe(Unreadable(reason, detail)))
        self._hold.until(lambda: self._kept(broken))

    def _handle(self, read: list[Letter | Broken], suspect: bool = False) -> None:
        while len(read) > 1:
            try:
                return self._together(read, suspect)
            except HandlerTimeout as error:
                if not isinstance(error.letter, Letter):
                    break
                # It had its time; its neighbours do not wait for it to have it again.
                hung, failure = error.letter, describe(error)
                self._hold.until(partial(self._kept, hung, failure))
                read = [each for each in read if each is not hung]
            except Exception as error:
                _log.info("a batch of %d is handled one by one: %s", len(read), type(error).__name__)
                break
        for each in read:
            self._alone(each, suspect)

    def _read(self, delivery: Delivery) -> Letter | Broken:
        subscription = self._subscriptions.get(delivery.subscription)
        try:
            if subscription is None:
                raise Unreadable("nobody", f"{delivery.subscription} is not a handler of this service")
            event = subscription.unwrap(delivery)
            return Letter(subscription, delivery, subscription.validated(event), inbox.digest(event))
        except Unreadable as error:
            return Broken(delivery, describe(error))

    def _noted(self, letters: Sequence[Letter], noted: list[Letter]) -> bool:
        """Put into ``noted`` what was never handled and is no suspect yet; False when the database is away."""
        try:
            with self._works.begin() as work:
                known = inbox.earlier(work.connection, {letter.key for letter in letters})
                unhandled = {
                    letter.deferred_id: letter for letter in letters if not letter.repeats(known.get(letter.key))
                }
                messages = [(letter.delivery, letter.known) for letter in unhandled.values()]
                new = deferral.suspect(work.connection, messages, work.now)
        except Exception as error:
            if is_infrastructure(error):
                return False
            raise
        noted[:] = [letter for id, letter in unhandled.items() if id in new]
        return True

    def _together(self, read: Sequence[Letter | Broken], suspect: bool = False) -> None:
        letters = [each for each in read if isinstance(each, Letter)]
        with self._works.begin() as work:
            fresh, collided = self._sorted(work, letters)
            broken = [each for each in read if isinstance(each, Broken)] + collided
            for each in broken:
                deferral.put(work.connection, each.delivery, each.known, each.failure, work.now)
            self._call_all(fresh, work)
            if suspect:
                deferral.acquit(work.connection, [letter.deferred_id for letter in letters])
        self._count(letters, fresh, broken)

    def _sorted(self, work: Work, letters: Sequence[Letter]) -> tuple[list[Letter], list[Broken]]:
        """Those never handled, each once, in the order they came; and those that another message's key is on.

        What is in neither was handled before.
        """
        first = {letter.key: letter for letter in reversed(letters)}
        new = inbox.claim(work.connection, {key: letter.digest for key, letter in first.items()}, work.now)
        fresh = [letter for letter in letters if letter.key in new and first[letter.key] is letter]
        again = [letter for letter in letters if letter.key not in new or first[letter.key] is not letter]
        known = inbox.earlier(work.connection, {letter.key for letter in again})
        return fresh, [
            letter.collided(known[letter.key]) for letter in again if letter.contradicts(known.get(letter.key))
        ]

    def _call_all(self, letters: Sequence[Letter], work: Work) -> None:
        _prepare(letters, work)
        for letter in letters:
            self._call(letter, work)

    def _call(self, letter: Letter, work: Work) -> None:
        work.cause, work.delivery = letter.event, letter.delivery
        began = time.perf_counter()
        try:
            with self._traced(letter, work), self._limit():
                letter.subscription.handler(letter.event, work)
        except HandlerTimeout as error:
            error.letter = letter
            work.connection.invalidate()  # it was stopped amid a statement: no rollback can be sent on it
            raise
        metrics.handler_seconds.labels(letter.subscription.name).observe(time.perf_counter() - began)

    @contextmanager
    def _traced(self, letter: Letter, work: Work) -> Iterator[None]:
        """What is emitted goes on with the event's trace, and what is logged says which event it was."""
        with handling(letter.event):
            if self._works.tracing is None:
                work.traceparent = passed_on(letter.event)
                yield
            else:
                with self._works.tracing.handling(letter.event, letter.subscription.name) as work.traceparent:
                    yield

    def _alone(self, read: Letter | Broken, suspect: bool = False) -> None:
        failure = self._tried(read, suspect)
        if failure is not None:
            # With pauses: a database that is full, or not prepared, answers and keeps nothing.
            self._hold.until(lambda: self._kept(read, failure))

    def _tried(self, read: Letter | Broken, suspect: bool) -> Failure | None:
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

    def _kept(self, read: Letter | Broken, failure: Failure | None = None) -> bool:
        """Move a message into ``deferred``; False when the database does not let us."""
        failure = failure or (read.failure if isinstance(read, Broken) else None)
        assert failure is not None
        try:
            with self._works.begin() as work:
                again = deferral.put(work.connection, read.delivery, read.known, failure, work.now)
        except Exception as error:
            if is_infrastructure(error):
                return False
            raise
        outcome = "deferred" if again else "dead"
        metrics.handled.labels(*_kind(read), outcome).inc()
        with handling(read.known.event if read.known else None):
            _log.warning("%s is %s: %s at %s", read.delivery.subscription, outcome, failure.error, failure.place or "-")
        self.on_deferred()
        return True

    def _count(self, letters: Sequence[Letter], fresh: Sequence[Letter], broken: Sequence[Broken]) -> None:
        now = self._works.clock.now()
        for letter in fresh:
            age = (now - letter.event.time).total_seconds()
            metrics.critical_seconds.labels(letter.subscription.name).observe(max(age, 0.0))
        done, came = Counter(map(_kind, fresh)), Counter(map(_kind, letters))
        came.subtract(_kind(each) for each in broken if each.known)
        for kind, count in came.items():
            metrics.handled.labels(*kind, "handled").inc(done[kind])
            metrics.handled.labels(*kind, "duplicate").inc(count - done[kind])
        for each in broken:
            metrics.handled.labels(*_kind(each), "dead").inc()
            _log.warning("%s: a message is kept as dead: %s", each.delivery.subscription, each.failure.error)
        metrics.batch_size.labels(self._works.service).observe(len(letters) + len(broken))


def _kind(read: Letter | Broken) -> tuple[str, str]:
    """Handler and event. What cannot be read is of the kind its queue is for."""
    if isinstance(read, Letter):
        return read.subscription.name, read.event.name
    return read.delivery.subscription, read.delivery.name or "unknown"


def _prepare(letters: Sequence[Letter], work: Work) -> None:
    """Let each subscription load what its events need, once."""
    grouped: dict[str, list[Letter]] = {}
    for letter in letters:
        if letter.subscription.prepare is not None:
            grouped.setdefault(letter.subscription.name, []).append(letter)
    for group in grouped.values():
        prepare = group[0].subscription.prepare
        assert prepare is not None
        prepare([letter.event for letter in group], work)
