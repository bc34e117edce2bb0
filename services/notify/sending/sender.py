"""The sender: takes what is due, batch by batch, sends it outside any transaction, and records what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime

import structlog
from sqlalchemy import Connection

from estafet.relay.backoff import AWAY
from estafet.relay.database import is_infrastructure
from estafet.relay.work import Work, Works
from services.notify import addresses, deliveries, erasing, store
from services.notify.addresses import Mark
from services.notify.channels import simulated
from services.notify.channels.channel import EMAIL, FEED, SENT, Channel, Fate, Letter, Outcome, Post
from services.notify.deliveries import Delivery
from services.notify.sending import planning, results
from services.notify.sending.results import Result, Results
from services.notify.sending.retries import LEASE
from services.notify.sending.writing import Knowledge, know, write
from services.notify.wording.phrasebook import Phrasebook, packaged

_log = structlog.get_logger(__name__)

#: Deliveries of one claim: bounds memory.
BATCH = 100

#: Seconds a run may take before what it has not tried is given back: a service that ends waits for it.
PATIENCE = 5.0

#: Seconds that a message over a channel that is away is left, while there is another channel to go on with: a quarter
#: of its age, within these. So a backlog is not looked through again and again.
HOLD = (10.0, 300.0)

#: Seconds that a message may take before its channel counts as away for the rest of the batch, where there is another.
SLOW = 3.0


class Sender:
    """Sends letters over one channel and text messages over others. Several senders, in several processes, never take
    the same delivery.

    ``alone``: there is no other sender, so what is claimed at the first run was left by a process that died. ``key``:
    what the links in letters and the proofs in their Message-IDs are signed with; None: there are none.
    """

    def __init__(
        self,
        works: Works,
        mail: Channel,
        public_url: str,
        texts: Sequence[Channel] = (),
        batch: int = BATCH,
        patience: float = PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
        alone: bool = False,
        book: Phrasebook | None = None,
        key: bytes | None = None,
    ) -> None:
        self._works = works
        #: By the name that routes have for it.
        self._channels: Mapping[str, Channel] = {EMAIL: mail, **{each.name: each for each in texts}}
        self._few = min(each.few for each in self._channels.values())
        self.public_url = public_url
        self._batch = batch
        self._patience = patience
        self._monotonic = monotonic
        self._pause = pause
        self._inherits = alone
        self._book = book or packaged()
        self._key = key

    @property
    def texts(self) -> Sequence[str]:
        """The channels of text messages, in the order in which they are tried."""
        return [name for name in self._channels if name != EMAIL]

    def run(self) -> int:
        """Send until nothing is due, every channel is away or patience ends; answers how many deliveries were tried."""
        until = self._monotonic() + self._patience
        tried = 0
        while True:
            count, over = self._send_batch(until)
            tried += count
            if over:
                return tried

    def forget(self, connection: Connection, ticket: str) -> None:
        """Remove our own copies of what was written to the reporter or, of the reporter, to an agency."""
        letters = erasing.letters(connection, ticket)
        for channel in self._channels.values():
            channel.forget(ticket, letters)

    def _send_batch(self, until: float) -> tuple[int, bool]:
        """Claim, then send and record a few at a time, never sending within a transaction.

        Answers how many were tried, and whether there is no use in going on.
        """
        with self._works.begin() as work:
            if self._inherits:
                deliveries.release_all(work.connection)
            claim, taken = deliveries.claim(work.connection, work.now, self._batch)
            claimed = planning.plan(work.connection, claim, taken, work.now)
            now = work.now
        self._inherits = False
        if not claimed:
            return 0, not taken
        with self._works.database.read() as connection:
            knowledge = know(connection, claimed, self.texts, now)
        tried, lease = 0, until - self._patience + LEASE.total_seconds()
        with _opened(self._channels, now, self._monotonic) as posts:
            for start in range(0, len(claimed), self._few):
                found = self._send(claimed[start : start + self._few], knowledge, until, posts)
                over = posts.over or bool(found.untouched)
                if over:
                    found.untouched += claimed[start + self._few :]
                self._keep(claim, found, lease)
                tried += found.tried
                if over:
                    return tried, True
        return tried, False

    def _send(self, few: Sequence[Delivery], knowledge: Knowledge, until: float, posts: _Posts) -> Results:
        found = Results()
        for delivery in few:
            if posts.over or self._monotonic() > until:
                found.untouched.append(delivery)
                continue
            found.all.append(self._try(delivery, knowledge, posts))
            time.sleep(0)  # files never wait: let the process's other green threads have their turn
        return found

    def _try(self, delivery: Delivery, knowledge: Knowledge, posts: _Posts) -> Result:
        """One delivery. What nobody foresaw is its alone: its neighbours are not sent again for it."""
        passed, route = list(delivery.passed), EMAIL
        marks: list[Mark] = []
        try:
            letters = write(delivery, knowledge, self.public_url, self.texts, self._book, self._key)
            if isinstance(letters, Outcome):
                return self._result(delivery, letters, route, passed, marks)
            for letter in letters:
                route, outcome = letter.channel, posts.post(letter)
                if outcome.fate is not Fate.FAILED:
                    break
                passed.append(route)
                if outcome.bounced and delivery.audience == "reporter":
                    marks.append(Mark(addresses.hashed(route, letter.address), route, outcome.error or "bounced"))
        except Exception as error:
            _log.error("a message could not be sent", delivery=delivery.id, error=type(error).__name__)
            outcome = Outcome(Fate.LATER, "unforeseen")
        return self._result(delivery, outcome, route, passed, marks)

    def _result(
        self, delivery: Delivery, outcome: Outcome, route: str, passed: Sequence[str], marks: Sequence[Mark]
    ) -> Result:
        name = FEED if route == FEED else self._channels[route].name
        return Result(delivery, outcome, name, tuple(passed), tuple(marks))

    def _keep(self, claim: str, found: Results, lease: float) -> None:
        """Record the results, again while the database is away: to forget what was sent would be to send it again.

        When the claim has ended it is another's. Whether a commit that failed was one after all need not be known: what
        was recorded is no longer ours, and is not told twice.
        """
        failures = 0
        while True:
            try:
                with self._works.begin() as work:
                    return self._record(work, claim, found)
            except Exception as error:
                if not is_infrastructure(error) or self._monotonic() > lease:
                    raise
            failures += 1
            self._pause(AWAY.seconds(failures))

    def _record(self, work: Work, claim: str, found: Results) -> None:
        sent = results.record(work, claim, found)
        # Erased while their letters were on the way: those were not there yet when the others were removed.
        for ticket in store.erased_among(work.connection, {delivery.ticket for delivery in sent}):
            self.forget(work.connection, ticket)


class _Posts:
    """The channels, open for one batch, and which of them turned out to be away."""

    def __init__(self, posts: Mapping[str, Post], now: datetime, monotonic: Callable[[], float]) -> None:
        self._posts = posts
        self._now = now
        self._monotonic = monotonic
        self._away: set[str] = set()

    @property
    def over(self) -> bool:
        """Whether there is no use in trying more."""
        return len(self._away) == len(self._posts)

    def post(self, letter: Letter) -> Outcome:
        if letter.channel == FEED:  # there it stands already
            return SENT
        if outcome := simulated.fate(letter.address):
            return outcome
        if letter.due and letter.due > self._now:
            return Outcome(Fate.HELD, "quiet", letter.provider, wait=(letter.due - self._now).total_seconds())
        if letter.channel in self._away:
            age = (self._now - letter.written_at).total_seconds()
            return Outcome(Fate.HELD, "away", wait=min(max(HOLD[0], age / 4), HOLD[1]))
        began = self._monotonic() if len(self._posts) > 1 else 0.0
        outcome = self._posts[letter.channel](letter)
        if outcome.fate is Fate.AWAY or (began and self._monotonic() - began > SLOW):
            self._away.add(letter.channel)
        return outcome


@contextmanager
def _opened(channels: Mapping[str, Channel], now: datetime, monotonic: Callable[[], float]) -> Iterator[_Posts]:
    with ExitStack() as stack:
        yield _Posts({name: stack.enter_context(each.open()) for name, each in channels.items()}, now, monotonic)
