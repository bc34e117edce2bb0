"""Retries: deferred messages get their next attempt when it is due, whoever made it due."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import Row

from estafet.relay import deferral, metrics, triage
from estafet.relay.database import is_infrastructure
from estafet.relay.errors import Stopping
from estafet.relay.failure import DELIVERY_LIMIT, IN_HAND, Failure, describe, unreturned
from estafet.relay.hold import Hold
from estafet.relay.message import Delivery
from estafet.relay.receiver import Receiver
from estafet.relay.work import Works

#: Seconds between looks at the table: an operator may have changed it.
SWEEP = 1.0
#: Looks between counts for the gauges.
_MEASURED_EVERY = 5


class Retries:
    """One per service and process; several replicas share the work by leasing a message at a time."""

    def __init__(self, works: Works, receiver: Receiver, hold: Hold, stop: threading.Event) -> None:
        self._works = works
        self._receiver = receiver
        self._hold = hold
        self._stop = stop
        self._woken = threading.Event()
        self._reported: set[tuple[str, str]] = set()
        receiver.on_deferred = self._woken.set

    def run(self) -> None:
        """Look, attempt, wait; until stopped. Then call :meth:`wake`."""
        looks = 0
        while not self._stop.is_set():
            try:
                while not self._stop.is_set() and self.attempt():
                    pass
                if looks % _MEASURED_EVERY == 0:
                    self._measure()
                looks += 1
                pause = self._pause()
            except Stopping:
                return
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                pause = SWEEP
            self._woken.wait(pause)
            self._woken.clear()

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def attempt(self) -> bool:
        """Make one due attempt; answers whether there was one."""
        now = self._works.clock.now()
        with self._works.database.read() as connection:
            due = deferral.next_due(connection)
        if due is None or due > now:
            return False
        with self._works.database.begin() as connection:
            row = deferral.lease(connection, now)
        if row is None:
            return False
        failure = self._try(row)
        if failure is not None:
            with self._works.database.begin() as connection:
                again = deferral.failed(connection, row, failure, self._works.clock.now())
            if not again:
                metrics.handled.labels(row.subscription, row.name or "unknown", "dead").inc()
        return True

    def _try(self, row: Row[Any]) -> Failure | None:
        if deferral.exhausted(row):
            error = DELIVERY_LIMIT if row.error == IN_HAND else row.error
            return unreturned(error, row.detail, row.place)
        delivery = Delivery(row.subscription, bytes(row.body), row.publisher, row.name)
        try:
            self._receiver.attempt(delivery, lambda work: deferral.succeeded(work.connection, row))
        except Exception as error:
            return describe(error)
        return None

    def _pause(self) -> float:
        with self._works.database.read() as connection:
            due = deferral.next_due(connection)
        if due is None:
            return SWEEP
        return min(SWEEP, max((due - self._works.clock.now()).total_seconds(), 0.01))

    def _measure(self) -> None:
        with self._works.database.read() as connection:
            groups = triage.groups(connection)
        waiting = sum(group.count for group in groups if group.state == "waiting")
        metrics.deferred.labels(self._works.service).set(waiting)
        dead: dict[tuple[str, str], int] = {}
        for group in groups:
            if group.state == "dead":
                key = (group.subscription, group.error)
                dead[key] = dead.get(key, 0) + group.count
        for key in self._reported | set(dead):
            metrics.dead.labels(*key).set(dead.get(key, 0))
        self._reported |= set(dead)
