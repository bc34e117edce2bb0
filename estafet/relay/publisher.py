"""The publisher: takes committed events from the outbox to the broker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime

from estafet.relay import metrics, outbox
from estafet.relay.backoff import AWAY
from estafet.relay.errors import BrokerAway
from estafet.relay.hold import is_infrastructure
from estafet.relay.leadership import Leadership
from estafet.relay.transport import Outcome, Outgoing, Publishing, Transport
from estafet.relay.work import Works

_log = logging.getLogger(__name__)

#: Messages sent before their confirms are waited for.
WINDOW = 200
#: Seconds a window's confirms may take.
DEADLINE = 5.0
#: Seconds between looks at the outbox that nobody asked for: another process wrote to it, or a message was returned.
SWEEP = 2.0


class Publisher:
    """One per service and process; of several processes, one publishes."""

    def __init__(self, works: Works, transport: Transport, *, window: int = WINDOW, deadline: float = DEADLINE) -> None:
        self._works = works
        self._database = works.database
        self._transport = transport
        self._leadership = Leadership(works.database, works.service)
        self._window = window
        self._deadline = deadline
        self._connection: Publishing | None = None
        self._woken = threading.Event()
        self._stop = threading.Event()
        self._unsettled = True
        self._started = False
        #: When we began, with a broker that forgets: what is older may have been published before.
        self._began: datetime | None = None
        works.on_emitted = self.wake

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    def stop(self) -> None:
        """Ask :meth:`run` to publish what is there, and end."""
        self._stop.set()
        self._woken.set()

    def run(self) -> None:
        """Publish until stopped. Broker and database may come and go.

        Raises:
            BrokerRefused: the broker says no; a person has to change something.
        """
        failures = 0
        again = True
        try:
            while True:
                stopping = self._stop.is_set()
                try:
                    self.publish(again)
                    failures = 0
                except Exception as error:
                    if not (isinstance(error, BrokerAway) or is_infrastructure(error)):
                        raise
                    failures += 1
                    self._recover(error, failures)
                if stopping:
                    return
                again = not self._woken.wait(SWEEP)
                self._woken.clear()
        finally:
            self._disconnect()
            self._leadership.resign()

    def _recover(self, error: Exception, failures: int) -> None:
        self._disconnect()
        reason = str(error) if isinstance(error, BrokerAway) else "its database does not answer"
        _log.warning("%s publishes later: %s", self._works.service, reason)
        self._stop.wait(AWAY.seconds(failures))
        self._woken.set()

    def publish(self, again: bool = True) -> int:
        """Publish what is pending, if we lead; answers how many. ``again``: also what was returned before."""
        if not self._leadership.held():
            self._disconnect()
            return 0
        connection = self._connected()
        published, after, more = 0, "", True
        while more and (rows := self._pending(after, again)):
            published += self._mark(rows, connection.publish(rows, self._deadline))
            after, more = rows[-1].id, len(rows) == self._window
        connection.idle()
        self._settle(connection)
        if again:
            self._measure()
        return published

    def _connected(self) -> Publishing:
        if self._connection is None:
            self._connection = self._transport.publishing(self._works.service)
        if not self._started:
            if not self._transport.features.persistent:
                self._publish_forgotten_again()
            self._started = True
        return self._connection

    def _publish_forgotten_again(self) -> None:
        self._began = self._works.clock.now()
        with self._database.begin() as connection:
            outbox.unsettled_again(connection)

    def _pending(self, after: str, unrouted: bool) -> list[Outgoing]:
        with self._database.read() as connection:
            return outbox.pending(connection, self._window, after, unrouted, self._began)

    def _mark(self, rows: Sequence[Outgoing], outcome: Outcome) -> int:
        returned = [row for row in rows if row.id in outcome.returned]
        published = outcome.confirmed - outcome.returned
        settled = self._transport.features.persistent
        with self._database.begin() as connection:
            outbox.mark_unrouted(connection, outcome.returned, self._works.clock.now())
            outbox.mark_published(connection, published, self._works.clock.now(), settled)
        self._unsettled = self._unsettled or not settled
        for row in returned:
            metrics.outbox_unrouted.labels(row.type).inc()
        for row in rows:
            if row.id in published:
                metrics.outbox_published.labels(row.type).inc()
        if returned:
            _log.error("nobody is bound to %s, though somebody must be", sorted({row.name for row in returned}))
        if len(outcome.confirmed) < len(rows):
            metrics.confirm_timeouts.labels(self._works.service).inc()
            raise BrokerAway(f"{len(rows) - len(outcome.confirmed)} of {len(rows)} messages were not confirmed")
        return len(published)

    def _settle(self, connection: Publishing) -> None:
        """Only this thread publishes for this service, so all rows marked by now were published before the look."""
        if self._transport.features.persistent or not self._unsettled or not connection.quiet():
            return
        with self._database.begin() as transaction:
            outbox.settle(transaction, self._works.clock.now())
        self._unsettled = False

    def _measure(self) -> None:
        with self._database.read() as connection:
            backlog = outbox.backlog(connection)
        now = self._works.clock.now()
        age = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        metrics.outbox_unpublished.labels(self._works.service).set(backlog.count)
        metrics.outbox_oldest_seconds.labels(self._works.service).set(age)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
