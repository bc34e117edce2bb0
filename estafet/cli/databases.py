"""The services' databases, for commands of the operator: one that must be there, or several, of which what can be
reached is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from estafet.cli.failure import Failure, needs_serve, of_database
from estafet.settings import SERVICES, Settings

#: Seconds that a server may take to answer.
PATIENCE = 5

Answer = TypeVar("Answer")


def database_of(settings: Settings, service: str) -> Any:
    """One service's own database."""
    return needs_serve("estafet.relay.database").connect(settings.database(service))


def works_of(settings: Settings, service: str) -> Any:
    """One service's own database, to write to it as the service does: with events, and whoever waits for them woken."""
    return needs_serve("estafet.relay.work").Works(service, database_of(settings, service))


class Databases:
    """Those that can be reached; ``unreachable`` says of each other one why it cannot."""

    def __init__(self, settings: Settings, service: str | None = None) -> None:
        """``service`` says whose database ESTAFET_DATABASE_URL is, where it is one service's own."""
        connect = needs_serve("estafet.relay.database").connect
        self._named = (service,) if service else () if settings.one_database else SERVICES
        self._service = service
        self._databases = {name: connect(settings.database(name), 1, PATIENCE) for name in self._named}
        self.unreachable: dict[str, str] = {}
        self.begin()

    def begin(self) -> None:
        """A new look: what could not be reached is tried again."""
        why = (
            f"Its database was not looked at: --service names {self._service} alone."
            if self._service
            else "ESTAFET_DATABASE_URL names one service's database: say whose, with --service, or write {service} "
            "where its name stands."
        )
        self.unreachable = {name: why for name in SERVICES if name not in self._named}

    def ask(self, service: str, question: Callable[[Any], Answer]) -> Answer | None:
        """What ``question`` finds by a connection; None when the database cannot be reached."""
        if service in self.unreachable:
            return None
        try:
            with self._databases[service].read() as connection:
                return question(connection)
        except Exception as error:
            sentence = of_database(error)
            if sentence is None:
                raise
            self.unreachable[service] = sentence
            return None

    def open(self, service: str) -> Any:
        """A service's database, to decide on what is in it.

        Raises:
            Failure: nobody knows which it is.
        """
        if service not in self._databases:
            raise Failure(self.unreachable[service])
        return self._databases[service]

    def close(self) -> None:
        for database in self._databases.values():
            database.engine.dispose()
