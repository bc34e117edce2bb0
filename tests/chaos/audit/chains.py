"""Chains: whole, and holding all that was answered with success."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.chaos.audit.books import Books
from tests.chaos.audit.finding import Finding, finding
from tests.chaos.record import Record
from tests.chaos.town import Town

_TOLD = re.compile(r"(\d+) chains, (\d+) entries, (\d+) broken")


def findings(town: Town, books: Books, record: Record) -> list[Finding]:
    chained = {(entry.code, entry.id) for entry in books.chain}
    missing = [
        f"{act.act} on {act.code}, event {act.event}" for act in record.acts if (act.code, act.event) not in chained
    ]
    broken, note = _broken(town, len(books.tickets))
    return [
        finding("chains that do not verify", broken, note),
        finding("chains whose end is not where the report says", _cut_off(books)),
        finding("acts answered with success and missing in the chain", missing, f"{len(record.acts)} were answered so"),
    ]


def _broken(town: Town, tickets: int) -> tuple[list[str], str]:
    """As an operator verifies them: every hash, in the service's own way."""
    done = town.system.estafet("chain", "--verify", check=False, timeout=600)
    told = _TOLD.search(done.stdout)
    if told is None:
        return [f"estafet chain --verify: {done.stdout[-500:]} {done.stderr[-500:]}"], ""
    lines = [line for line in done.stdout.splitlines() if "BROKEN" in line]
    if int(told[1]) != tickets:
        lines.append(f"{tickets} reports, {told[1]} chains")
    return lines, f"estafet chain --verify: {told[1]} chains of {told[2]} entries"


def _cut_off(books: Books) -> Iterator[str]:
    ends: dict[str, Any] = {}
    for entry in books.chain:
        if entry.code not in ends or ends[entry.code].position < entry.position:
            ends[entry.code] = entry
    for ticket in books.tickets:
        end = ends.get(ticket.code)
        if end is None or (end.position, end.hash) != (ticket.chain_length, ticket.chain_head):
            yield ticket.code
