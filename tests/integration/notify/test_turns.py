"""Turns, digests and preferences: the real sender and a real mail server, on both kinds of database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from estafet.relay.work import Works
from services.notify import preferring
from services.notify.audience import REPORTER
from services.notify.channel import Fate, Outcome
from services.notify.preferences import Preference, Quiet
from services.notify.sending import Sender
from services.notify.smtp import Smtp, server_of
from services.notify.tables import deliveries as table
from tests.integration.notify.conftest import CODE, Hands, arrive, event
from tests.integration.notify.test_sending import URL, Scripted, errors, published, states
from tests.integration.notify.test_smtp import SENDER, Mailbox, _free_port
from tests.unit.notify.samples import ticket

#: Where the invented city is, seven hours ahead of UTC.
EVENING = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
DIGEST = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def by_mail(works: Works, mailbox: Mailbox) -> Iterator[Sender]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield Sender(works, Smtp(server_of(f"smtp://127.0.0.1:{controller.port}"), SENDER), URL)
    controller.stop()


def to(mailbox: Mailbox, name: str) -> list[EmailMessage]:
    return [each for each in mailbox.received if name in str(each["To"])]


def prefer(works: Works, reader: str, **wish: object) -> None:
    with works.begin() as work:
        preferring.keep(work.connection, reader, Preference(**wish), work.now)  # type: ignore[arg-type]


def begin(works: Works, *codes: str) -> None:
    arrive(works, event("directory.published", "e-0"))
    for code in codes or (CODE,):
        arrive(works, event("reporter.given", f"g-{code}", code=code))


def offered(id: str, version: int, code: str = CODE, **standing: object) -> object:
    now = ticket(**({"reachable": False, "status": "offered", "holder": "desk"} | standing))
    return event(
        "handoff.offered", id, version, code=code, ticket=now, sender="desk", accept_by=DIGEST + timedelta(days=2)
    )


def test_a_citizen_is_told_at_night_only_what_is_urgent(
    works: Works, by_mail: Sender, mailbox: Mailbox, clock: Hands
) -> None:
    begin(works, "A", "B")
    clock.time = EVENING
    arrive(
        works, event("ticket.opened", "e-1", 1, code="A"), event("handoff.accepted", "e-2", 2, code="A", sender="desk")
    )
    fire = ticket(category="fire", holder="lake")
    arrive(works, event("handoff.accepted", "e-3", 2, code="B", ticket=fire, sender="desk"))
    assert by_mail.run() == 2
    assert {code for each in mailbox.received for code in "AB" if f"/t/{code}#" in each.get_content()} == {"A", "B"}
    clock.time = MORNING - timedelta(minutes=1)
    assert by_mail.run() == 0
    clock.time = MORNING
    assert by_mail.run() == 1
    assert len(mailbox.received) == 3
    assert states(works) == {"sent": 3}


def test_who_is_erased_at_night_is_not_kept_until_the_morning(works: Works, by_mail: Sender, clock: Hands) -> None:
    begin(works)
    clock.time = EVENING
    arrive(works, event("handoff.accepted", "e-2", 2, sender="desk"))
    assert by_mail.run() == 0
    prefer(works, CODE, digest=time(7))
    assert by_mail.run() == 0
    arrive(works, event("reporter.erased", "e-9"))
    by_mail.run()
    assert errors(works) == ["erased"]
    with works.database.read() as connection:
        assert preferring.known(connection, [CODE]) == {}


def test_a_day_of_an_office_is_one_letter(works: Works, by_mail: Sender, mailbox: Mailbox, clock: Hands) -> None:
    begin(works)
    prefer(works, "lake", digest=time(7), language="en")
    arrive(works, offered("e-1", 2, "A"), offered("e-2", 2, "B", category="bribe", confidential=True))
    lapsed = ticket(reachable=False, holder="desk")
    arrive(works, event("handoff.lapsed", "e-3", 3, code="A", ticket=lapsed, sender="desk"))
    note = ticket(reachable=False, holder="lake")
    arrive(works, event("note.added", "e-4", 4, code="A", ticket=note, office="mill", public=False))
    assert by_mail.run() == 0
    assert published(works) == []
    clock.time = DIGEST
    assert by_mail.run() == 1
    [mail] = to(mailbox, "lake@")
    assert mail["Subject"] == "Daily summary: 2 reports"
    text = mail.get_content().replace("\r\n", "\n")
    assert text.count(f"{URL}/t/A") == text.count(f"{URL}/t/B") == 1
    assert "offered to your office" not in text, "what happened since took its place"
    assert "A (Broken road)\n- Report A: the time to answer has passed\n- A" in text
    assert f"B (Bribery)\n{URL}" in text, "of a confidential report its code and category alone"
    told = published(works)
    assert len(told) == 4
    assert {each.name for each in told} == {"notification.sent"}
    assert len({each.data["delivery"] for each in told}) == 4
    assert sorted(each.causationid or "" for each in told) == ["e-1", "e-2", "e-3", "e-4"]
    assert states(works) == {"sent": 5}
    clock.forward(timedelta(days=2))
    assert by_mail.run() == 0


def test_a_digest_of_one_is_that_message(works: Works, by_mail: Sender, mailbox: Mailbox, clock: Hands) -> None:
    begin(works)
    prefer(works, "lake", digest=time(7))
    arrive(works, offered("e-1", 2))
    by_mail.run()
    clock.time = DIGEST
    assert by_mail.run() == 1
    [mail] = to(mailbox, "lake@")
    assert mail["Subject"] == f"Laporan {CODE} ditawarkan kepada kantor Anda"
    [sent] = published(works)
    assert (sent.data["template"], sent.subject) == ("handoff-offered-receiver", CODE)


def test_a_reporters_digest_is_about_their_report(
    works: Works, by_mail: Sender, mailbox: Mailbox, clock: Hands
) -> None:
    begin(works)
    prefer(works, CODE, digest=time(7), language="en")
    arrive(works, event("handoff.accepted", "e-1", 2, sender="desk"), event("note.added", "e-2", 3))
    by_mail.run()
    clock.time = DIGEST
    by_mail.run()
    [mail] = to(mailbox, "sri@")
    assert mail["Subject"] == f"Daily summary of report {CODE}"
    assert f"{URL}/t/{CODE}#kunci-rahasia" in mail.get_content()


def test_what_becomes_of_the_digest_becomes_of_all_in_it(works: Works, clock: Hands) -> None:
    begin(works)
    prefer(works, "lake", digest=time(7))
    arrive(works, offered("e-1", 2, "A"), offered("e-2", 2, "B"))
    channel = Scripted(Outcome(Fate.LATER, "smtp-451"), Outcome(Fate.FAILED, "smtp-550"))
    sender = Sender(works, channel, URL)
    sender.run()
    clock.time = DIGEST
    assert sender.run() == 1
    assert published(works) == []
    clock.forward(timedelta(minutes=1))
    arrive(works, offered("e-3", 2, "C"))
    sender.run()
    assert len({each.id for each in channel.letters}) == 1
    assert [(each.subject, each.data["error"]) for each in published(works)] == [("A", "smtp-550"), ("B", "smtp-550")]
    with works.database.read() as connection:
        [waiting] = connection.execute(select(table).where(table.c.ticket == "C"))
    assert waiting.state == "created", "what came after the digest goes with the next"


def test_a_wish_holds_at_once_for_what_waits(works: Works, by_mail: Sender, mailbox: Mailbox, clock: Hands) -> None:
    begin(works)
    prefer(works, "lake", digest=time(7))
    arrive(works, offered("e-1", 2, "A"), offered("e-2", 2, "B"))
    assert by_mail.run() == 0
    prefer(works, "lake")
    assert by_mail.run() == 2
    clock.time = EVENING
    arrive(works, event("handoff.accepted", "e-3", 3, sender="desk"))
    assert by_mail.run() == 0
    prefer(works, REPORTER, quiet=Quiet(time(1), time(2)))
    assert by_mail.run() == 1
    clock.time = DIGEST + timedelta(days=1)
    assert by_mail.run() == 0
    assert len(mailbox.received) == 3


def test_an_offer_that_would_lapse_before_the_digest_goes_at_once(
    works: Works, by_mail: Sender, mailbox: Mailbox
) -> None:
    begin(works)
    prefer(works, "lake", digest=time(7))
    now = ticket(reachable=False, status="offered", holder="desk")
    arrive(works, event("handoff.offered", "e-1", 2, ticket=now, sender="desk", accept_by=DIGEST - timedelta(hours=1)))
    assert by_mail.run() == 1
    assert len(to(mailbox, "lake@")) == 1


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
