"""What the measurements ask of whoever is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tests.bed import Broker, Databases


class Named(Protocol):
    """Whoever figures are about."""

    name: str


class Contender(Named, Protocol):
    """A system that takes reports and ends with a notification recorded for the office that is offered each."""

    def lay_out(self, broker: Broker, databases: Databases) -> None:
        """Prepare a virtual host and a database for each service."""

    def start(self, processes: int = 1) -> None:
        """Start so many processes for each service, and return when all serve."""

    def stop(self) -> None:
        """End the processes."""

    def close(self) -> None:
        """End the processes and leave nothing behind."""

    @property
    def intake_uri(self) -> str:
        """Where an app publishes reports (exchange ``intake.events``)."""

    @property
    def reports_url(self) -> str | None:
        """Where a report is POSTed; None without HTTP."""

    def notifications(self) -> int:
        """How many are recorded so far."""

    @property
    def processes(self) -> Mapping[str, int]:
        """Name to process id."""

    @property
    def databases(self) -> Sequence[str]:
        """Where psycopg finds them."""

    @property
    def notified(self) -> tuple[str, str, str]:
        """Where notifications are recorded: database URL, table, and the column that names the report."""

    def references(self) -> Mapping[str, str]:
        """What that column says, by report: its value to the reference the app gave. Empty: it is the reference."""
