"""The publisher: takes committed events to the broker, and finds in the outbox what nobody took."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from estafet.relay import metrics, outbox
from estafet.relay.backoff import AWAY
from estafet.relay.database import is_infrastructure
from estafet.relay.errors import BrokerAway
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
#: How old an event is before a sweep takes it from the process that committed it.
GRACE = timedelta(seconds=1)
#: Seconds until what was confirmed is written down, so that many are at once. Whoever dies before publishes it again.
SOON = 0.3
#: Events just committed that are kept at hand: more are read back from the outbox.
AT_HAND = 1000


class Publisher:
    """One per service and process. Each publishes what its process commits; one of them also sweeps the outbox."""

    def __init__(self, works: Works, transport: Transport, *, deadline: float = DEADLINE) -> None:
        self._works = works
        self._database = works.database
        self._transport = transport
        self._leadership = Leadership(works.database, works.service)
        self._deadline = deadline
        self._connection: Publishing | None = None
        #: Committed by this process, and not published yet.
        self._at_hand: list[Outgoing] = []
        #: Whether there may be more of ours in the outbox than is at hand.
        self._behind = True
        #: Confirmed, and not written down yet; and since when there are any.
        self._confirmed: list[str] = []
        self._since = 0.0
        self._woken = threading.Event()
        self._stop = threading.Event()
        self._unsettled = True
        self._started = False
        #: When we began, with a broker that forgets: what is older may have been published before.
        self._began: datetime | None = None
        works.on_emitted = self.take

    def take(self, events: Sequence[Outgoing]) -> None:
        """These were committed just now."""
        if len(self._at_hand) + len(events) > AT_HAND:
            self._behind = True
        else:
            self._at_hand.extend(events)
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
        failures, swept = 0, -SWEEP
        try:
            while True:
                stopping = self._stop.is_set()
                sweep = stopping or time.monotonic() >= swept + SWEEP
                try:
                    self.publish(sweep)
                    failures, swept = 0, time.monotonic() if sweep else swept
                except Exception as error:
                    if not (isinstance(error, BrokerAway) or is_infrastructure(error)):
                        raise
                    failures += 1
                    self._recover(error, failures)
                if stopping:
                    return
                self._woken.wait(SOON if self._confirmed else SWEEP)
                self._woken.clear()
        finally:
            self._disconnect()
            self._leadership.resign()

    def _recover(self, error: Exception, failures: int) -> None:
        self._disconnect()
        reason = str(error) if isinstance(error, BrokerAway) else "its database does not answer"
        _log.warning("%s publishes later: %s", self._works.service, reason)
        self._measure_all_the_same()
        self._stop.wait(AWAY.seconds(failures))
        self._woken.set()

    def publish(self, sweep: bool = True) -> int:
        """Publish what is at hand; answers how many.

        In a ``sweep``, or when we are behind, also what the outbox has; in a sweep, of that also what was returned.
        """
        connection = self._connected()
        taken, self._at_hand = self._at_hand, []
        published = 0
        for first in range(0, len(taken), WINDOW):
            published += self._send(taken[first : first + WINDOW], connection)
        if sweep or self._behind:
            self._write_down()
            published += self._read_outbox(sweep, connection)
        connection.idle()
        full = len(self._confirmed) >= WINDOW or time.monotonic() >= self._since + SOON
        if sweep or full or not self._transport.features.persistent:
            self._write_down()
        self._settle(connection)
        return published

    def _read_outbox(self, sweep: bool, connection: Publishing) -> int:
        """If we lead: what a process that ended left behind, or a command wrote, in the order of their ids.

        What is young is left to the process that committed it, unless that may have been us.
        """
        behind, self._behind = self._behind, False
        if not self._leadership.held():
            metrics.forget_outbox(self._works.service)
            return 0
        before = self._works.clock.now() - (timedelta() if behind else GRACE)
        published, after, more = 0, "", True
        while more and (rows := self._pending(after, sweep, before)):
            found = {row.id for row in rows}
            self._at_hand = [each for each in self._at_hand if each.id not in found]
            published += self._send(rows, connection)
            self._write_down()
            after, more = rows[-1].id, len(rows) == WINDOW
        if sweep:
            self._measure()
        return published

    def _send(self, window: Sequence[Outgoing], connection: Publishing) -> int:
        return self._note(window, connection.publish(window, self._deadline))

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
            outbox.unpublish_unsettled(connection)

    def _pending(self, after: str, unrouted: bool, before: datetime) -> list[Outgoing]:
        with self._database.read() as connection:
            return outbox.pending(connection, WINDOW, before, after, unrouted, self._began)

    def _note(self, rows: Sequence[Outgoing], outcome: Outcome) -> int:
        returned = [row for row in rows if row.id in outcome.returned]
        published = outcome.confirmed - outcome.returned
        if returned:
            with self._database.begin() as connection:
                outbox.mark_unrouted(connection, outcome.returned, self._works.clock.now())
        if not self._confirmed:
            self._since = time.monotonic()
        self._confirmed += published
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

    def _write_down(self) -> None:
        """That the broker has what it confirmed. When the database is away they stay, for the next time."""
        if self._confirmed:
            settled = self._transport.features.persistent
            with self._database.begin() as connection:
                outbox.mark_published(connection, self._confirmed, self._works.clock.now(), settled)
            self._confirmed = []
            self._unsettled = self._unsettled or not settled

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

    def _measure_all_the_same(self) -> None:
        """While nothing is published: that is when somebody has to see how long."""
        try:
            if self._leadership.held():
                self._measure()
        except Exception as error:
            if not is_infrastructure(error):
                raise

    def _disconnect(self) -> None:
        """And forget what is at hand: of some of it we do not know whether it arrived."""
        self._at_hand.clear()
        self._behind = True
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
