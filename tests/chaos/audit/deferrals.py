"""Deferred messages: none waits, none is dead, when all is healed and quiet."""

from __future__ import annotations

from typing import Any

from tests.chaos.audit.books import Books
from tests.chaos.audit.finding import Finding, finding


def findings(books: Books) -> list[Finding]:
    left = [_told(row) for row in books.deferred if row.state in ("waiting", "dead")]
    return [finding("deferred messages left unexplained", left)]


def _told(row: Any) -> str:
    where = f"{row.subscription} {row.name} of {row.subject}"
    return f"{row.state} {where}: {row.error} at {row.place or '-'}: {row.detail}"
