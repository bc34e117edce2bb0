"""Mail, judged where it arrived: the Message-ID is the delivery's, one event to one reader."""

from __future__ import annotations

from services.notify import states
from services.notify.smtp import FEW
from tests.chaos.audit.books import Books
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
    ]
