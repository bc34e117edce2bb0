"""No old news after newer, and one message at a time: the real sender, on both kinds of database."""

from __future__ import annotations

import threading
from datetime import time, timedelta

from sqlalchemy import select

from estafet.relay.work import Works
from services.notify.channels.channel import Fate, Outcome
from services.notify.messages import REPORTER
from services.notify.sending.sender import Sender
from services.notify.tables import deliveries as table
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, event
from tests.integration.notify.sent import Scripted, published, states
from tests.integration.notify.timely import (
    DIGEST,
    accepted,
    begin,
    offered,
    prefer,
)
from tests.unit.notify.samples import ticket


def test_old_news_is_dropped_without_alarm(works: Works, clock: Hands) -> None:
    begin(works)
    arrive(works, offered("e-1", 2))
    channel = Scripted(Outcome(Fate.LATER, "smtp-451"))
    sender = Sender(works, channel, URL)
    assert sender.run() == 1
    withdrawn = ticket(reachable=False, holder="desk")
    arrive(works, event("handoff.withdrawn", "e-2", 3, ticket=withdrawn, sender="desk"))
    assert sender.run() == 1
    clock.forward(timedelta(hours=1))
    assert sender.run() == 0
    assert [each.data["template"] for each in published(works)] == ["handoff-withdrawn-receiver"]
    assert states(works) == {"sent": 1, "superseded": 1}


def test_an_older_note_is_told_all_the_same(works: Works, clock: Hands) -> None:
    begin(works)
    channel = Scripted(Outcome(Fate.LATER, "smtp-451"))
    sender = Sender(works, channel, URL)
    arrive(works, event("note.added", "e-1", 2, ticket=ticket(reachable=False), office="lake"))
    sender.run()
    arrive(works, event("ticket.closed", "e-2", 3, ticket=ticket(reachable=False)))
    sender.run()
    clock.forward(timedelta(hours=1))
    sender.run()
    assert [each.data["template"] for each in published(works)] == ["ticket-closed-holder", "note-added-office"]


def test_two_digests_due_at_once_go_one_after_the_other(works: Works, clock: Hands) -> None:
    """The first failed yesterday. By the time it went, what is in the second is old news."""
    begin(works)
    prefer(works, CODE, digest=time(7))
    mail = Scripted(Outcome(Fate.LATER, "smtp-451"))
    sender = Sender(works, mail, URL)
    clock.time = DIGEST - timedelta(hours=1)
    arrive(works, accepted("e-3", 3))
    assert sender.run() == 0
    clock.time = DIGEST
    assert sender.run() == 1
    arrive(works, offered("e-2", 2, reachable=True))
    sender.run()
    clock.time = DIGEST + timedelta(days=1)
    assert sender.run() == 1
    assert len([each for each in mail.letters if each.recipient == REPORTER]) == 2
    with works.database.read() as connection:
        found = connection.execute(select(table.c.event_id, table.c.state).where(table.c.recipient == REPORTER)).all()
    assert {("e-3", "sent"), ("e-2", "superseded")} <= {tuple(row) for row in found}


def test_a_deadline_is_news_of_the_report_as_it_stands(works: Works) -> None:
    """Its clock was set long ago, at the first version."""
    begin(works)
    sender = Sender(works, Scripted(), URL)
    arrive(works, event("ticket.reopened", "e-1", 7, ticket=ticket(reachable=False), office="mill"))
    sender.run()
    arrive(works, event("deadline.passed", "e-2", 1, clock="resolve", office="mill", coordinator=None))
    sender.run()
    assert [each.data["template"] for each in published(works)] == ["ticket-reopened-office", "deadline-passed-office"]


def test_a_digest_and_an_older_urgent_message_are_not_sent_side_by_side(works: Works, clock: Hands) -> None:
    """The urgent one failed until the digest with newer news was due: it is old news after it, and is dropped."""
    begin(works)
    prefer(works, "mill", digest=time(7))
    channel = Scripted(Outcome(Fate.LATER, "smtp-451"))
    sender = Sender(works, channel, URL)
    arrive(works, event("ticket.opened", "e-1", 1, ticket=ticket(reachable=False)))
    arrive(works, event("deadline.passed", "e-2", 1, clock="resolve", office="mill", coordinator=None))
    assert sender.run() == 1
    for number, code in enumerate((CODE, "B")):
        reopened = event(
            "ticket.reopened", f"e-{number + 3}", 5, code=code, ticket=ticket(reachable=False), office="mill"
        )
        arrive(works, reopened)
    with works.begin() as work:  # not claimed, and so not dropped, before the digest is due
        work.connection.execute(table.update().where(table.c.attempts == 1).values(next_attempt=DIGEST))
    sender.run()
    clock.time = DIGEST
    sender.run()
    assert [each.data["template"] for each in published(works)] == ["ticket-reopened-office"] * 2
    assert states(works) == {"sent": 3, "superseded": 1}


def test_replicas_never_send_the_newer_before_the_older(works: Works) -> None:
    """Four at once, and each letter takes its time: of each report each reader is told in the order of its versions."""
    codes = [f"R{number}" for number in range(12)]
    begin(works, *codes)
    for code in codes:
        arrive(works, event("ticket.opened", f"{code}-1", 1, code=code))
        for version in range(2, 6):
            arrive(works, event("handoff.accepted", f"{code}-{version}", version, code=code, sender="mill"))
    seen: list[tuple[str, str]] = []
    channels = [Scripted() for _ in range(4)]
    senders = [Sender(works, each, URL, batch=3) for each in channels]
    for each in channels:
        each.letters = seen  # type: ignore[assignment]
    left = 200
    while states(works)["created"] and left:
        left -= 1
        threads = [threading.Thread(target=each.run) for each in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with works.database.read() as connection:
        versions = {row.id: (row.recipient, row.ticket, row.version) for row in connection.execute(select(table))}
    told: dict[tuple[str, str], list[int]] = {}
    for letter in seen:
        recipient, code, version = versions[letter.id]  # type: ignore[attr-defined]
        told.setdefault((recipient, code), []).append(version)
    assert len(told) == 24
    assert all(each == sorted(set(each)) for each in told.values())
    assert len(seen) == 12 * 9
