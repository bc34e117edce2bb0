"""The receiver: takes what came through its handlers, and keeps what they could not handle."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from estafet.events import Event
from estafet.relay import deferral, inbox, metrics
from estafet.relay.errors import HandlerTimeout, Unreadable
from estafet.relay.failure import DELIVERY_LIMIT, Failure, describe
from estafet.relay.hold import Hold, is_infrastructure
from estafet.relay.subscription import Subscription
from estafet.relay.work import Delivery, Work, Works

_log = logging.getLogger(__name__)

#: How often a message is tried at once while errors are about the database, and the database answers.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was read: its event, and whom it is for."""

    subscription: Subscription
    delivery: Delivery
    event: Event

    @property
    def key(self) -> inbox.Key:
        return self.subscription.name, self.event.source, self.event.id


@dataclass(frozen=True, slots=True)
class Broken:
    """A message that could not be read."""

    delivery: Delivery
    failure: Failure


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
        read = [self._read(delivery) for delivery in deliveries]
        if len(read) > 1:
            try:
                return self._together(read)
            except Exception as error:
                _log.info("a batch of %d is handled one by one: %s", len(read), type(error).__name__)
        for each in read:
            self._alone(each)

    def attempt(self, delivery: Delivery) -> None:
        """Handle one message; its failure is raised."""
        read = self._read(delivery)
        if isinstance(read, Broken):
            raise Unreadable(read.failure.error, read.failure.detail)
        self._together([read])

    def bury(self, delivery: Delivery, detail: str) -> None:
        """Keep a message that passed its delivery limit, without looking into it: whatever looked into it died."""
        broken = Broken(delivery, describe(Unreadable(DELIVERY_LIMIT, detail)))
        self._hold.until(lambda: self._kept(broken))

    def _read(self, delivery: Delivery) -> Letter | Broken:
        subscription = self._subscriptions.get(delivery.subscription)
        try:
            if subscription is None:
                raise Unreadable("nobody", f"{delivery.subscription} is not a handler of this service")
            return Letter(subscription, delivery, subscription.read(delivery))
        except Unreadable as error:
            return Broken(delivery, describe(error))

    def _together(self, read: Sequence[Letter | Broken]) -> None:
        letters = [each for each in read if isinstance(each, Letter)]
        broken = [each for each in read if isinstance(each, Broken)]
        with self._works.begin() as work:
            for each in broken:
                deferral.put(work.connection, each.delivery, None, each.failure, work.now)
            fresh = self._fresh(work, letters)
            _prepare(fresh, work)
            for letter in fresh:
                self._call(letter, work)
        self._count(letters, fresh, broken)

    def _fresh(self, work: Work, letters: Sequence[Letter]) -> list[Letter]:
        """Those never handled, each once, in the order they came."""
        new = inbox.claim(work.connection, [letter.key for letter in letters], work.now)
        first = {letter.key: letter for letter in reversed(letters)}
        return [letter for letter in letters if letter.key in new and first[letter.key] is letter]

    def _call(self, letter: Letter, work: Work) -> None:
        work.cause, work.delivery = letter.event, letter.delivery
        began = time.perf_counter()
        try:
            with self._limit():
                letter.subscription.handler(letter.event, work)
        except HandlerTimeout:
            work.connection.invalidate()  # it was stopped amid a statement: no rollback can be sent on it
            raise
        metrics.handler_seconds.labels(letter.subscription.name).observe(time.perf_counter() - began)

    def _alone(self, read: Letter | Broken) -> None:
        failure = self._tried(read)
        if failure is not None:
            # With pauses: a database that is full, or not prepared, answers and keeps nothing.
            self._hold.until(lambda: self._kept(read, failure))

    def _tried(self, read: Letter | Broken) -> Failure | None:
        """Handle it, again while the database is at fault; the failure if it could not be."""
        tries = 0
        while True:
            try:
                self._together([read])
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
        event = read.event if isinstance(read, Letter) else None
        failure = failure or (read.failure if isinstance(read, Broken) else None)
        assert failure is not None
        try:
            with self._works.begin() as work:
                again = deferral.put(work.connection, read.delivery, event, failure, work.now)
        except Exception as error:
            if is_infrastructure(error):
                return False
            raise
        outcome = "deferred" if again else "dead"
        metrics.handled.labels(read.delivery.subscription, outcome).inc()
        _log.warning("%s is %s: %s at %s", read.delivery.subscription, outcome, failure.error, failure.place or "-")
        self.on_deferred()
        return True

    def _count(self, letters: Sequence[Letter], fresh: Sequence[Letter], broken: Sequence[Broken]) -> None:
        now = self._works.clock.now()
        for letter in fresh:
            age = (now - letter.event.time).total_seconds()
            metrics.critical_seconds.labels(letter.subscription.name).observe(max(age, 0.0))
        done = Counter(letter.subscription.name for letter in fresh)
        came = Counter(letter.subscription.name for letter in letters)
        for name, count in came.items():
            metrics.handled.labels(name, "handled").inc(done[name])
            metrics.handled.labels(name, "duplicate").inc(count - done[name])
        for each in broken:
            metrics.handled.labels(each.delivery.subscription, "dead").inc()
            _log.warning("%s: %s message is kept as dead", each.delivery.subscription, each.failure.error)
        metrics.batch_size.labels(self._works.service).observe(len(letters) + len(broken))


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
