"""The chain of a report, as tests read it straight from the database."""

from __future__ import annotations

from services.tickets import recording
from services.tickets.chain import Entry
from tests.integration.tickets.town import Town


def chained(town: Town, code: str) -> list[Entry]:
    with town.works.database.read() as connection:
        return list(recording.entries(connection, code))


def verified(town: Town, code: str) -> bool:
    with town.works.database.read() as connection:
        return recording.verify(connection, code).broken_at is None
