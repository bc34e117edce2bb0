"""Holding: nothing is handed back and nothing given up while the database is away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import exc, text

from estafet.relay import metrics
from estafet.relay.backoff import AWAY
from estafet.relay.database import Database
from estafet.relay.errors import Stopping

_log = logging.getLogger(__name__)


class Hold:
    """Waits, with growing pauses, for something to work. Each return to the broker would cost a message a life."""

    def __init__(self, service: str, database: Database, stop: threading.Event) -> None:
        self._service = service
        self._database = database
        self._stop = stop

    def until(self, works: Callable[[], bool]) -> None:
        """Come back when ``works()`` says so.

        Raises:
            Stopping: the service ends meanwhile.
        """
        failures = 0
        gauge = metrics.paused.labels(self._service)
        try:
            while not works():
                if not failures:
                    _log.warning("%s holds: its database does not answer, or keeps nothing", self._service)
                failures += 1
                gauge.set(1)
                if self._stop.wait(AWAY.seconds(failures)):
                    raise Stopping
        finally:
            gauge.set(0)

    def until_database_answers(self) -> None:
        """Come back when the database does."""
        self.until(self._answers)

    def _answers(self) -> bool:
        try:
            with self._database.read() as connection:
                connection.execute(text("select 1"))
        except exc.SQLAlchemyError:
            return False
        return True
