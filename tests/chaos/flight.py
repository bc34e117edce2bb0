"""Letters in flight: deliveries that were being sent when a fault struck, so that nobody can know whether they went.

A mail server takes a letter and says so; when the answer is lost, or the process dies before it has written it down,
the letter may have gone or not, and is sent again under the same Message-ID (RFC 5321, 6.1, leaves it no better way).
Such a delivery shows: it is left in ``sending`` by a claim that nobody ends, longer than a sender works on one claim.
Or its link was held when it was cut; then whoever cuts looks first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy import exc, select

from estafet.relay.database import Database
from services.notify.sending import PATIENCE
from services.notify.tables import deliveries

#: Longer than a sender works on one claim, and the letter under way.
LEFT_BEHIND = timedelta(seconds=PATIENCE + 3)
_LOOK = 2.0


class Flight:
    """A context manager that looks on by itself.

    ``ids``: deliveries that were in flight at some fault; ``claims``: the claims they belonged to, of each of which a
    few at most can have gone without being recorded.
    """

    def __init__(self, database: Database) -> None:
        self.ids: set[str] = set()
        self.claims: set[str] = set()
        self._database = database
        self._watched = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="flight", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """What is sent during this counts as in flight."""
        self._watched += 1
        try:
            yield
        finally:
            self.look()
            self._watched -= 1

    def look(self, older: timedelta = timedelta(0)) -> None:
        """Note what is being sent now, and has been for so long."""
        wanted = select(deliveries.c.id, deliveries.c.claim).where(
            deliveries.c.state == "sending", deliveries.c.claimed_at <= datetime.now(UTC) - older
        )
        try:
            with self._database.read() as connection:
                found = connection.execute(wanted).all()
        except exc.DBAPIError:
            return  # the database is away: so is what would end a claim, and the next look sees it
        self.ids |= {row.id for row in found}
        self.claims |= {row.claim for row in found}

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK):
            self.look(timedelta(0) if self._watched else LEFT_BEHIND)
