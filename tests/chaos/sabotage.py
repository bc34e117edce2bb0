"""The services with one of the relay's promises broken: what the audit must find. A program, like ``estafet.runner``.

``python -m tests.chaos.sabotage outbox tickets`` serves tickets so that it commits and then publishes, as services do
that have no outbox. ``... inbox ...`` serves it so that it does not remember what it has handled.
"""

from __future__ import annotations

import sys

from estafet import runner  # patches the standard library, so before everything else

# isort: split

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from time import sleep

from sqlalchemy import Connection, update

from estafet.relay import inbox
from estafet.relay.errors import BrokerAway
from estafet.relay.extensions import transport_of
from estafet.relay.tables import outbox
from estafet.relay.transport import Outgoing, Publishing
from estafet.relay.work import Work, Works
from estafet.settings import from_environment

#: Seconds between commit and publish: what is else a matter of milliseconds, wide enough for any kill to hit.
WINDOW = 0.5
#: Seconds for the broker's confirms.
_DEADLINE = 5.0


def without_outbox() -> None:
    """Commit, then publish: the rows say at once that they were published, and a publisher that sweeps finds none."""
    Work.flush = _flush_as_published(Work.flush)  # type: ignore[method-assign, assignment]
    Works.begin = _publishing_after(Works.begin)  # type: ignore[method-assign, assignment]


def without_inbox() -> None:
    """Every message is new, however often it came. What came is still written down, for the audit to read."""
    claim = inbox.claim

    def forgetful(connection: Connection, said: Mapping[inbox.Key, str], now: datetime) -> set[inbox.Key]:
        claim(connection, said, now)
        return set(said)

    inbox.claim = forgetful


SABOTAGES: Mapping[str, Callable[[], None]] = {"outbox": without_outbox, "inbox": without_inbox}


def _flush_as_published(flush: Callable[[Work], list[Outgoing]]) -> Callable[[Work], list[Outgoing]]:
    def flush_as_published(work: Work) -> list[Outgoing]:
        rows = flush(work)
        left: list[Outgoing] = work.once("to publish", list)
        left += rows
        said = outbox.c.id.in_([row.id for row in rows])
        if rows:
            work.connection.execute(update(outbox).where(said).values(published_at=work.now, settled_at=work.now))
        return []

    return flush_as_published


def _publishing_after(begin: Callable[[Works], object]) -> Callable[[Works], object]:
    direct = _Direct()

    @contextmanager
    def begin_and_publish(works: Works) -> Iterator[Work]:
        with begin(works) as work:  # type: ignore[attr-defined]
            yield work
        rows = work.once("to publish", list)
        if rows:
            sleep(WINDOW)
            direct.publish(works.service, rows)

    return begin_and_publish


class _Direct:
    """What peers have in the place of an outbox: a connection, and a log line when it fails."""

    def __init__(self) -> None:
        self._transport = transport_of(from_environment())
        self._connection: Publishing | None = None
        self._one = threading.Lock()

    def publish(self, service: str, rows: Sequence[Outgoing]) -> None:
        with self._one:
            try:
                if self._connection is None:
                    self._connection = self._transport.publishing(service)
                self._connection.publish(rows, _DEADLINE)
            except BrokerAway:
                connection, self._connection = self._connection, None
                if connection is not None:
                    with suppress(BrokerAway):
                        connection.close()


if __name__ == "__main__":
    SABOTAGES[sys.argv[1]]()
    sys.exit(runner.main(sys.argv[2:]))
