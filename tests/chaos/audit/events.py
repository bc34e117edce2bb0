"""Events: every fact has its event, every event left and was heard by all who must hear it, and had its effect once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from estafet.events import contract
from estafet.settings import SERVICES
from services.notify import states
from tests.chaos.audit.books import Books, Committed
from tests.chaos.audit.finding import Finding, finding
from tests.chaos.record import Record

_DECISIONS = ("handoff.routed", "handoff.blocked")
#: Our own words to our own ear are no news: they are in the chain as soon as they are said.
_NOT_IN_CHAINS = ("report.rejected", "directory.published")


def findings(books: Books, record: Record) -> list[Finding]:
    return [
        finding("ghosts: facts whose event was never committed", _without_event(books)),
        finding("ghosts: events committed and never published", (e for e in books.events.values() if not e.published)),
        finding("ghosts: events published that a subscriber never saw", _unheard(books, record)),
        finding("ghosts: events published that no chain holds", _unchained(books)),
        finding("events handled twice with effect", [*_chained_twice(books), *_effects_twice(books)]),
    ]


def _without_event(books: Books) -> Iterator[str]:
    ids = {id for _, id in books.events}
    for entry in books.chain:
        if entry.publisher in SERVICES and (entry.publisher, entry.id) not in books.events:
            yield f"chain of {entry.code}: {entry.name} {entry.id}"
    for holding in books.holdings:
        if holding.message not in ids:
            yield f"{holding.code} is held by {holding.office}, says {holding.message}"
    for handoff in books.handoffs:
        if handoff.offered and handoff.offered not in ids:
            yield f"{handoff.code} is offered to {handoff.receiver}, says {handoff.offered}"
    for note in books.notes:
        if note.id not in ids:
            yield f"{note.code} has a note, says {note.id}"
    given = {each.subject for each in books.events.values() if each.name == "reporter.given"}
    for ticket in books.tickets:
        if ticket.reachable and ticket.code not in given:
            yield f"{ticket.code} has a reporter whom notify was never given"
    yield from _untold(books)
    yield from _undecided(books)


def _untold(books: Books) -> Iterator[str]:
    """Deliveries that ended, and no event says so; or that were dropped, and one does."""
    ended = {each.data["delivery"] for each in books.events.values() if each.name.startswith("notification.")}
    for delivery in books.deliveries:
        silent = delivery.state == states.SUPERSEDED  # whether newer news was sent instead, the audit of mail asks
        if delivery.state in states.ENDED and (delivery.id in ended) == silent:
            yield f"delivery {delivery.id} ended as {delivery.state}"


def _undecided(books: Books) -> Iterator[str]:
    """Reports that routing has heard of, and never decided on."""
    decided = {each.cause for each in books.events.values() if each.name in _DECISIONS}
    for event in books.events.values():
        heard = ("routing.route", "/estafet/tickets", event.id) in books.heard
        if event.name == "ticket.opened" and heard and event.id not in decided:
            yield f"routing decided nothing on {event}"


def _unheard(books: Books, record: Record) -> Iterator[str]:
    kept = {(row.subscription, row.source, row.event_id) for row in books.deferred}
    for event in books.events.values():
        for listener in contract(event.name).listeners if event.published else ():
            key = (listener, f"/estafet/{event.service}", event.id)
            if key not in books.heard and key not in kept:
                yield f"{listener} never saw {event}"
    for report in record.accepted.values():
        key = ("tickets.submit", "/chaos", report.reference)
        if report.door == "event" and key not in books.heard and key not in kept:
            yield f"tickets.submit never saw {report.reference}"


def _unchained(books: Books) -> Iterator[Committed]:
    chained = {(entry.publisher, entry.id) for entry in books.chain}
    for event in books.events.values():
        if contract(event.name).private or event.name in _NOT_IN_CHAINS or event.subject is None:
            continue
        if event.published and (event.service, event.id) not in chained:
            yield event


def _chained_twice(books: Books) -> Iterator[str]:
    entries = Counter((entry.code, entry.publisher, entry.id, entry.name) for entry in books.chain)
    for (code, _, id, name), count in entries.items():
        if count > 1:
            yield f"{name} {id} is {count} times in the chain of {code}"


def _effects_twice(books: Books) -> Iterator[str]:
    """What one event may bring about once: a decision, an offer, a letter to each reader, word of each delivery."""
    effects: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in books.events.values():
        if event.name in _DECISIONS:
            effects["decisions on", event.cause or ""].append(event.id)
        if event.name in ("handoff.offered", "handoff.lapsed"):
            effects[f"{event.name} after", event.cause or ""].append(event.id)
        if event.name.startswith("notification."):
            effects["ends of delivery", event.data["delivery"]].append(event.id)
    for delivery in books.deliveries:
        reader = f"{delivery.template} to {delivery.recipient} of"
        effects[reader, f"{delivery.event_source} {delivery.event_id}"].append(delivery.id)
    for (what, of), found in effects.items():
        if len(found) > 1:
            yield f"{len(found)} {what} {of}"
