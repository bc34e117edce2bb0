"""Custody: a report always has exactly one holder (rule 1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from tests.chaos.audit.books import Books
from tests.chaos.audit.finding import Finding, finding


def findings(books: Books) -> list[Finding]:
    stretches: dict[str, list[Any]] = defaultdict(list)
    for holding in sorted(books.holdings, key=lambda each: (each.code, each.number)):
        stretches[holding.code].append(holding)
    wrong = [f"{ticket.code}: {fault}" for ticket in books.tickets for fault in _faults(ticket, stretches[ticket.code])]
    pending = defaultdict(list)
    for handoff in books.handoffs:
        if handoff.state in ("requested", "offered"):
            pending[handoff.code].append(handoff.id)
    offers = [f"{code}: {', '.join(ids)}" for code, ids in pending.items() if len(ids) > 1]
    return [
        finding("reports with no holder, or with two", wrong),
        finding("reports with two handoffs under way", offers),
    ]


def _faults(ticket: Any, stretches: Sequence[Any]) -> Iterator[str]:
    if not stretches:
        yield "nobody ever held it"
        return
    if [each.number for each in stretches] != list(range(1, len(stretches) + 1)):
        yield "a stretch of custody is missing"
    for one, next_one in pairwise(stretches):
        if one.until != next_one.since:
            yield f"{one.office} until {one.until}, {next_one.office} since {next_one.since}"
    if stretches[-1].until is not None:
        yield "nobody holds it"
    if stretches[-1].office != ticket.holder:
        yield f"held by {ticket.holder}, and by {stretches[-1].office}"
