"""The audit: what the databases, the broker and the mail server hold, against what the load knows."""

from __future__ import annotations

from tests.chaos.audit import chains, custody, deferrals, events, mail, reports
from tests.chaos.audit.books import read
from tests.chaos.audit.finding import Finding
from tests.chaos.record import Record
from tests.chaos.town import Town

__all__ = ["Finding", "audit"]


def audit(town: Town, record: Record) -> list[Finding]:
    """Everything that must be nothing, and how much of it there is."""
    books = read(town.databases)
    return [
        *reports.findings(books, record),
        *events.findings(books, record),
        *custody.findings(books),
        *chains.findings(town, books, record),
        *mail.findings(town, books),
        *deferrals.findings(books),
    ]
