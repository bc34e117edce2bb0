"""Mail, judged where it arrived: the Message-ID is the delivery's, one event to one reader."""

from __future__ import annotations

from collections.abc import Iterator

from services.notify import states
from services.notify.channels.failover import FEW
from services.notify.sending.overtaking import ASIDE
from tests.chaos.audit.books import Books, Rows
from tests.chaos.audit.finding import Finding, finding
from tests.chaos.town import Town


def findings(town: Town, books: Books) -> list[Finding]:
    arrived: dict[str, int] = {}
    for (delivery, _), count in town.mailbox.letters.items():
        arrived[delivery] = arrived.get(delivery, 0) + count
    attempts = {row.id: row.attempts for row in books.deliveries}
    twice = [id for id, count in arrived.items() if count > 1]
    explained = {id for id in twice if id in town.flight.ids and arrived[id] <= attempts.get(id, 0)}
    sent = [row for row in books.deliveries if row.state == "sent"]
    surplus = sum(arrived[id] - 1 for id in explained)
    most = FEW * len(town.flight.claims)
    note = f"{surplus} came once more of those in flight when a fault struck, which may be {most}"
    return [
        finding("letters of one event that one reader got twice", (id for id in twice if id not in explained), note),
        finding("letters that came again beyond those in flight", range(most, surplus)),
        finding("letters that nobody had to write", (id for id in arrived if id not in attempts)),
        finding("letters recorded as sent that never came", (row.id for row in sent if row.id not in arrived)),
        finding(
            "deliveries that did not end",
            (f"{row.id} {row.state}" for row in books.deliveries if row.state not in states.ENDED),
        ),
        finding("messages dropped and nothing newer sent", dropped_for_nothing(books.deliveries), _dropped(books)),
    ]


def dropped_for_nothing(deliveries: Rows) -> Iterator[str]:
    """Superseded, with nothing newer of the report told to their reader, or with words that nothing later repeats."""
    told: dict[tuple[str, str], int] = {}
    for row in deliveries:
        if row.state in states.TOLD and row.template not in ASIDE and row.version is not None:
            key = row.recipient, row.ticket
            told[key] = max(told.get(key, 0), row.version)
    for row in deliveries:
        if row.state == states.SUPERSEDED:
            newest = told.get((row.recipient, row.ticket), 0)
            if row.template in ASIDE or row.version is None or row.version >= newest:
                yield f"{row.id} {row.template} of version {row.version}, told up to {newest}"


def _dropped(books: Books) -> str:
    return f"{sum(row.state == states.SUPERSEDED for row in books.deliveries)} were dropped as old news"
