"""The sender of webhooks: one thread keeps the record, others wait for the endpoints, each for one answer at a time.

An endpoint that answers slowly holds up nobody else: it has so many requests in flight, and no more while it fails.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import Connection

from estafet.relay.work import Work, Works
from services.notify.webhooks import deliveries, endpoints, schedule
from services.notify.webhooks.deliveries import Delivery
from services.notify.webhooks.endpoints import Endpoint
from services.notify.webhooks.posting import Answer, Poster
from services.notify.webhooks.signing import headers

_log = structlog.get_logger(__name__)

#: Requests in flight: in all, for one endpoint, and for one whose last attempt failed.
MOST = 40
EACH = 4
FAILING = 1

#: Seconds a run may take while requests are in flight: a service that ends waits for it.
PATIENCE = 3.0

#: Seconds to wait for answers before looking for what has become due.
BREATH = 0.25

#: Who switches off what does not answer.
US = "estafet"

_ATTEMPTS = Counter(
    "estafet_webhook_attempts_total",
    "Attempts at webhooks by endpoint and what became of them: delivered, postponed or failed.",
    ["endpoint", "outcome"],
)
_SECONDS = Histogram("estafet_webhook_seconds", "From sending a webhook to its answer, in seconds.")
_SWITCHED_OFF = Counter("estafet_webhook_switched_off_total", "Endpoints switched off because they did not answer.")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of sending one delivery, and when that was."""

    delivery: Delivery
    answer: Answer
    at: datetime


class Sender:
    """Several of them, in several processes, never take the same delivery.

    ``waits`` are those between attempts. ``alone``: there is no other sender, so what is claimed at the first run was
    left by a process that died.
    """

    def __init__(
        self, works: Works, poster: Poster, waits: Sequence[timedelta] = schedule.WAITS, alone: bool = False
    ) -> None:
        self._works = works
        self._poster = poster
        self._waits = waits
        self._inherits = alone
        self._in_flight: Tally[str] = Tally()
        self._results: queue.Queue[Result] = queue.Queue()
        self._unrecorded: list[Result] = []

    def run(self, patience: float = PATIENCE) -> None:
        """Send what is due and record what was answered, until nothing is in flight or patience ends."""
        until = time.monotonic() + patience
        while True:
            self._step()
            left = until - time.monotonic()
            if not self._in_flight.total() or left <= 0:
                return
            self._collect(min(left, BREATH))

    def finish(self, seconds: float) -> None:
        """Wait for what is in flight, and record it; what takes longer is sent again by whoever claims it next."""
        until = time.monotonic() + seconds
        while self._in_flight.total() and (left := until - time.monotonic()) > 0:
            self._collect(left)
        if self._unrecorded:
            with self._works.begin() as work:
                self._record(work)
            self._unrecorded.clear()

    def _collect(self, seconds: float) -> None:
        """Wait for a first answer, and take the others that are there."""
        while True:
            try:
                result = self._results.get(timeout=seconds)
            except queue.Empty:
                return
            seconds = 0
            self._in_flight[result.delivery.endpoint] -= 1
            self._unrecorded.append(result)

    def _step(self) -> None:
        """Record, and claim what there is room for, in one transaction; then send it.

        While the database is away, what was answered is kept for the next time.
        """
        self._collect(0)
        with self._works.database.read() as connection:
            listening = endpoints.all_on(connection)
        if not listening and not self._unrecorded:
            return
        claimed: list[tuple[Endpoint, Delivery]] = []
        with self._works.begin() as work:
            deliveries.free_left_behind(work.connection, work.now, alone=self._inherits)
            self._record(work)
            # Who has least in flight comes first: so many slow ones cannot have all the room for ever.
            for each in sorted(listening, key=lambda each: self._in_flight[each.id]):
                room = self._room(each, len(claimed))
                if room > 0:
                    claimed += ((each, found) for found in deliveries.claim(work.connection, each.id, work.now, room))
        self._inherits = False
        self._unrecorded.clear()
        for endpoint, delivery in claimed:
            self._send(endpoint, delivery)

    def _room(self, endpoint: Endpoint, claimed: int) -> int:
        each = FAILING if endpoint.failures else EACH
        return min(each - self._in_flight[endpoint.id], MOST - self._in_flight.total() - claimed)

    def _send(self, endpoint: Endpoint, delivery: Delivery) -> None:
        self._in_flight[endpoint.id] += 1
        threading.Thread(target=self._try, args=(endpoint, delivery), daemon=True).start()

    def _try(self, endpoint: Endpoint, delivery: Delivery) -> None:
        at = self._works.clock.now()
        try:
            signed = headers(delivery.event_id, delivery.body, endpoint.keys(at), at)
            fields = {"content-type": "application/cloudevents+json", "user-agent": "Estafet-Webhook", **signed}
            answer = self._poster.post(endpoint.url, fields, delivery.body)
        except Exception as error:  # whatever it is, its place is free again
            answer = Answer(None, f"unforeseen-{type(error).__name__.lower()}"[:64], 0.0)
        self._results.put(Result(delivery, answer, at))

    def _record(self, work: Work) -> None:
        connection, now = work.connection, work.now
        failed: Tally[str] = Tally()
        delivered: set[str] = set()
        gone: set[str] = set()
        for result in self._unrecorded:
            endpoint = result.delivery.endpoint
            deliveries.keep_attempt(connection, result.delivery, result.at, result.answer)
            outcome = self._end(connection, result, now)
            work.after_commit(partial(_count, result, outcome))
            if outcome == "delivered":
                delivered.add(endpoint)
            else:
                failed[endpoint] += 1
            if result.answer.gone:
                gone.add(endpoint)
        # In the order of their ids, so that two senders cannot wait for each other in a circle.
        for endpoint in sorted(delivered | failed.keys()):
            if endpoint in delivered and endpoint not in gone:
                endpoints.note_success(connection, endpoint)
                continue
            failures, since = endpoints.note_failures(connection, endpoint, failed[endpoint], now)
            if endpoint in gone:
                _give_up(work, endpoint, "it answered 410 Gone")
            elif schedule.is_hopeless(failures, since, now):
                _give_up(work, endpoint, f"{failures} attempts failed and none succeeded for a day")

    def _end(self, connection: Connection, result: Result, now: datetime) -> str:
        """Record one result; answers whether it was delivered, postponed or failed."""
        delivery, answer = result.delivery, result.answer
        if answer.error is None:
            deliveries.end(connection, delivery, now, None)
            return "delivered"
        due = schedule.next_attempt(delivery.id, delivery.attempts, now, self._waits)
        if due is None:
            deliveries.end(connection, delivery, now, answer.error)
            return "failed"
        deliveries.postpone(connection, delivery, due, answer.error)
        return "postponed"


def _count(result: Result, outcome: str) -> None:
    delivery, answer = result.delivery, result.answer
    _ATTEMPTS.labels(delivery.endpoint, outcome).inc()
    _SECONDS.observe(answer.seconds)
    if answer.error:
        log = _log.warning if outcome == "failed" else _log.debug
        log("webhook not delivered", endpoint=delivery.endpoint, delivery=delivery.id, error=answer.error)


def _give_up(work: Work, endpoint: str, why: str) -> None:
    if endpoints.switch_off(work.connection, endpoint, US, why, work.now, notice_due=work.now):
        work.after_commit(_SWITCHED_OFF.inc)
        _log.warning("webhook switched off", endpoint=endpoint, why=why)
