"""The sender: takes what is due, batch by batch, sends it outside any transaction, and records what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter
from sqlalchemy import Connection

from estafet.relay.backoff import AWAY
from estafet.relay.hold import is_infrastructure
from estafet.relay.work import Work, Works
from services.notify import deliveries, digests, erasing, planning, store
from services.notify.channel import Channel, Fate, Outcome, Post
from services.notify.deliveries import Delivery
from services.notify.retries import LEASE, next_attempt
from services.notify.writing import Knowledge, know, referrals, write

_log = structlog.get_logger(__name__)

#: Deliveries of one claim: bounds memory.
BATCH = 100

#: Seconds a run may take before what it has not tried is given back: a service that ends waits for it.
PATIENCE = 5.0

#: Errors that only say that somebody left no way to be told: nothing that anybody has to mend.
_UNREACHABLE = ("no-contact", "no-channel")

_ENDED = Counter("estafet_notify_deliveries_total", "Messages by what became of them.", ["channel", "outcome"])


@dataclass(slots=True)
class Results:
    """What became of a batch."""

    sent: list[Delivery] = field(default_factory=list)
    failed: list[tuple[Delivery, str]] = field(default_factory=list)
    later: list[tuple[Delivery, str]] = field(default_factory=list)
    untouched: list[Delivery] = field(default_factory=list)
    #: The channel cannot be used for now.
    away: bool = False

    @property
    def tried(self) -> int:
        return len(self.sent) + len(self.failed) + len(self.later)

    @property
    def over(self) -> bool:
        """Whether there is no use in trying more."""
        return self.away or bool(self.untouched)

    def add(self, delivery: Delivery, outcome: Outcome) -> None:
        error = outcome.error or outcome.fate.value
        if outcome.fate is Fate.SENT:
            self.sent.append(delivery)
        elif outcome.fate is Fate.FAILED:
            self.failed.append((delivery, error))
        else:
            self.later.append((delivery, error))
            self.away = self.away or outcome.fate is Fate.AWAY


class Sender:
    """Sends over one channel. Several senders, in several processes, never take the same delivery.

    ``alone``: there is no other sender, so what is claimed at the first run was left by a process that died.
    """

    def __init__(
        self,
        works: Works,
        channel: Channel,
        public_url: str,
        batch: int = BATCH,
        patience: float = PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
        alone: bool = False,
    ) -> None:
        self._works = works
        self._channel = channel
        self._public_url = public_url
        self._batch = batch
        self._patience = patience
        self._monotonic = monotonic
        self._pause = pause
        self._inherits = alone

    def run(self) -> int:
        """Send until nothing is due, the channel is away or patience ends; answers how many deliveries were tried."""
        until = self._monotonic() + self._patience
        tried = 0
        while True:
            count, over = self._send_batch(until)
            tried += count
            if over:
                return tried

    def forget(self, connection: Connection, ticket: str) -> None:
        """Remove our own copies of what was written to the reporter or, of the reporter, to an agency."""
        self._channel.forget(ticket, erasing.letters(connection, ticket))

    def _send_batch(self, until: float) -> tuple[int, bool]:
        """Claim, then send and record a few at a time, never sending within a transaction.

        Answers how many were tried, and whether there is no use in going on.
        """
        with self._works.begin() as work:
            if self._inherits:
                deliveries.release_all(work.connection)
            claim, taken = deliveries.claim(work.connection, work.now, self._batch)
            claimed = planning.plan(work.connection, claim, taken, work.now)
        self._inherits = False
        if not claimed:
            return 0, not taken
        with self._works.database.read() as connection:
            knowledge = know(connection, claimed)
        tried, lease = 0, until - self._patience + LEASE.total_seconds()
        with self._channel.open() as post:
            few = self._channel.few
            for start in range(0, len(claimed), few):
                results = self._send(claimed[start : start + few], knowledge, until, post)
                if results.over:
                    results.untouched += claimed[start + few :]
                self._keep(claim, results, lease)
                tried += results.tried
                if results.over:
                    return tried, True
        return tried, False

    def _send(self, few: Sequence[Delivery], knowledge: Knowledge, until: float, post: Post) -> Results:
        results = Results()
        for delivery in few:
            if results.away or self._monotonic() > until:
                results.untouched.append(delivery)
                continue
            results.add(delivery, self._try(delivery, knowledge, post))
            time.sleep(0)  # files never wait: let the process's other green threads have their turn
        return results

    def _try(self, delivery: Delivery, knowledge: Knowledge, post: Post) -> Outcome:
        """One delivery. What nobody foresaw is its alone: its neighbours are not sent again for it."""
        try:
            letter = write(delivery, knowledge, self._public_url)
            return letter if isinstance(letter, Outcome) else post(letter)
        except Exception as error:
            _log.error("a message could not be sent", delivery=delivery.id, error=type(error).__name__)
            return Outcome(Fate.LATER, "unforeseen")

    def _keep(self, claim: str, results: Results, lease: float) -> None:
        """Record the results, again while the database is away: to forget what was sent would be to send it again.

        When the claim has ended it is another's. Whether a commit that failed was one after all need not be known: what
        was recorded is no longer ours, and is not told twice.
        """
        failures = 0
        while True:
            try:
                with self._works.begin() as work:
                    return self._record(work, claim, results)
            except Exception as error:
                if not is_infrastructure(error) or self._monotonic() > lease:
                    raise
            failures += 1
            self._pause(AWAY.seconds(failures))

    def _record(self, work: Work, claim: str, results: Results) -> None:
        connection, channel, now = work.connection, self._channel.name, work.now
        failed = list(results.failed)
        for delivery, error in results.later:
            due = next_attempt(delivery.id, delivery.attempts, delivery.created_at, now)
            if due is None:
                failed.append((delivery, error))
            else:
                deliveries.postpone(connection, claim, delivery.id, channel, due, error)
                _ENDED.labels(channel, "postponed").inc()
        deliveries.release(connection, claim, [each.id for each in results.untouched])
        ours = deliveries.end(connection, claim, [each.id for each in results.sent], channel, now)
        told = [each for each in results.sent if each.id in ours]
        for delivery in digests.told(connection, told, "sent", channel, now):
            _publish(work, "notification.sent", delivery, channel)
        for error, some in _by_error(failed):
            ours = deliveries.end(connection, claim, [each.id for each in some], channel, now, error)
            untold = [each for each in some if each.id in ours]
            for delivery in digests.told(connection, untold, "failed", channel, now, error):
                _publish(work, "notification.failed", delivery, channel, error=error)
        # Erased while their letters were on the way: those were not there yet when the others were removed.
        for ticket in store.erased_among(connection, {delivery.ticket for delivery in results.sent}):
            self.forget(connection, ticket)
        store.drop_packages(connection, referrals([*results.sent, *(each for each, _ in failed)]))
        for delivery, error in results.later + results.failed:
            log = _log.debug if error in _UNREACHABLE else _log.warning
            log("message not sent", delivery=delivery.id, attempt=delivery.attempts, error=error)


def _by_error(failed: Sequence[tuple[Delivery, str]]) -> Iterator[tuple[str, list[Delivery]]]:
    for error in sorted({error for _, error in failed}):
        yield error, [delivery for delivery, each in failed if each == error]


def _publish(work: Work, name: str, delivery: Delivery, channel: str, **more: str) -> None:
    _ENDED.labels(channel, name.partition(".")[2]).inc()
    work.emit(
        name,
        {
            "delivery": delivery.id,
            "template": delivery.template,
            "audience": delivery.audience,
            "recipient": delivery.recipient,
            "channel": channel,
            **more,
        },
        subject=delivery.ticket,
        correlationid=delivery.correlation_id,
        causationid=delivery.event_id,
        confidential=delivery.confidential,
    )
