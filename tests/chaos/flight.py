"""Letters in flight: deliveries that were being sent when a fault struck, so that nobody can know whether they went.

A mail server takes a letter and says so. When the process that sent it dies before it has written that down, or the
answer is lost with the connection, the letter may have gone or not, and is sent again under the same Message-ID (there
is no better way: RFC 5321, 4.5.4.1 and 6.1). Whoever kills such a process or touches such a link looks here first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import exc, select

from estafet.relay.database import Database
from services.notify.tables import deliveries
from tests.bed.process import wait_until

_LOOK = 0.5
#: Seconds within which a database that is away comes back; claims hold longer.
_AWAY = 30.0


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

    def __exit__(self, *_: object) -> None:
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

    def look(self) -> None:
        """Note what is being sent now, as soon as the database can tell: what nobody ends stays so for a minute."""
        wait_until(self._looked, seconds=_AWAY, what="notify's database answering")

    def _looked(self) -> bool:
        sending = select(deliveries.c.id, deliveries.c.claim).where(deliveries.c.state == "sending")
        try:
            with self._database.read() as connection:
                found = connection.execute(sending).all()
        except exc.DBAPIError:
            return False
        self.ids |= {row.id for row in found}
        self.claims |= {row.claim for row in found}
        return True

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK):
            if self._watched:
                self._looked()
