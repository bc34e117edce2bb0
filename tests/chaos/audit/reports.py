"""Reports: each that we accepted is there, once."""

from __future__ import annotations

from collections import defaultdict

from tests.chaos.audit.books import Books
from tests.chaos.audit.finding import Finding, finding
from tests.chaos.record import Record


def findings(books: Books, record: Record) -> list[Finding]:
    codes: dict[str, list[str]] = defaultdict(list)
    for ticket in books.tickets:
        codes[ticket.reference].append(ticket.code)
    missing = [
        f"{each.reference} {each.code or ''}"
        for each in record.accepted.values()
        if not (codes[each.reference] if each.code is None else each.code in codes[each.reference])
    ]
    twice = [f"{reference}: {', '.join(found)}" for reference, found in codes.items() if len(found) > 1]
    return [
        finding("reports accepted by us and missing", missing),
        finding("reports made twice", twice, f"{record.repeated} requests and messages were sent again"),
    ]
