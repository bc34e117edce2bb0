"""Turns, digests and preferences: the real sender and a real mail server, on both kinds of database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from estafet.events import Event
from estafet.relay.work import Works
from services.notify import preferring, stopped
from services.notify.audience import REPORTER
from services.notify.channel import SENT, Fate, Outcome
from services.notify.preferences import Preference, Quiet
from services.notify.sending import Sender
from services.notify.smtp import Smtp, server_of
from services.notify.tables import deliveries as table
from tests.integration.notify.conftest import CODE, Hands, arrive, event
from tests.integration.notify.test_callbacks import hear
from tests.integration.notify.test_channels import PHONE, Text
from tests.integration.notify.test_sending import URL, Scripted, errors, published, states
from tests.integration.notify.test_smtp import SENDER, Mailbox, _free_port
from tests.unit.notify.samples import NOW, ticket

#: Where the invented city is, seven hours ahead of UTC.
EVENING = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
DIGEST = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
NIGHT = Quiet(time(21), time(6))


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


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def prefer(works: Works, reader: str, **wish: object) -> None:
    with works.begin() as work:
        preferring.keep(work.connection, reader, Preference(**wish), work.now)  # type: ignore[arg-type]


def begin(works: Works, *codes: str) -> None:
    arrive(works, event("directory.published", "e-0"))
    for code in codes or (CODE,):
        arrive(works, event("reporter.given", f"g-{code}", code=code))


def offered(id: str, version: int, code: str = CODE, **standing: object) -> Event:
    now = ticket(**({"reachable": False, "status": "offered", "holder": "desk"} | standing))
    return event(
        "handoff.offered", id, version, code=code, ticket=now, sender="desk", accept_by=DIGEST + timedelta(days=2)
    )


def accepted(id: str, version: int, code: str = CODE, **standing: object) -> Event:
    now = ticket(**({"holder": "lake"} | standing))
    return event("handoff.accepted", id, version, code=code, ticket=now, sender="desk")


def noted(id: str, version: int) -> Event:
    """A note of the holder: only the reporter hears of it."""
    return event("note.added", id, version, ticket=ticket(holder="lake"), office="lake", public=True)


def test_at_night_letters_come_and_telephones_are_silent_but_for_what_is_urgent(works: Works, clock: Hands) -> None:
    begin(works, "A")
    for code in "BC":
        arrive(works, event("reporter.given", f"g-{code}", code=code, email=None, phone=PHONE))
    mail, sms = Scripted(), Text("sms")
    sender = Sender(works, mail, URL, [sms])
    clock.time = EVENING
    arrive(works, accepted("e-1", 2, "A"), accepted("e-2", 2, "B"), accepted("e-3", 2, "C", category="fire"))
    assert sender.run() == 2
    assert [each.ticket for each in mail.letters + sms.letters] == ["A", "C"]
    clock.time = MORNING - timedelta(minutes=1)
    assert sender.run() == 0
    clock.time = MORNING
    assert sender.run() == 1
    assert [each.ticket for each in sms.letters] == ["C", "B"]
    assert states(works) == {"sent": 3}


def test_an_address_that_is_none_wakes_nobody(works: Works, clock: Hands) -> None:
    """The letter is refused at night; the text message instead of it waits, and the address is not tried again."""
    begin(works)
    arrive(works, event("reporter.given", "g-2", phone=PHONE, time=NOW + timedelta(minutes=1)))
    mail, sms = Scripted(Outcome(Fate.FAILED, "smtp-550")), Text("sms")
    sender = Sender(works, mail, URL, [sms])
    clock.time = EVENING
    arrive(works, accepted("e-1", 2))
    sender.run()
    assert (len(mail.letters), sms.letters) == (1, [])
    clock.time = MORNING
    sender.run()
    assert (len(mail.letters), len(sms.letters)) == (1, 1)
    assert states(works) == {"sent": 1}


def test_who_asks_for_it_gets_no_letters_at_night(
    works: Works, by_mail: Sender, mailbox: Mailbox, clock: Hands
) -> None:
    begin(works, "A", "B")
    prefer(works, "A", quiet=NIGHT)
    clock.time = EVENING
    arrive(works, event("ticket.opened", "e-1", 1, code="A"), accepted("e-2", 2, "A"), accepted("e-3", 2, "B"))
    assert by_mail.run() == 2
    assert {code for each in mailbox.received for code in "AB" if f"/t/{code}#" in text(each)} == {"A", "B"}
    prefer(works, REPORTER, quiet=NIGHT)
    arrive(works, accepted("e-4", 3, "B"))
    assert by_mail.run() == 0
    clock.time = MORNING
    assert by_mail.run() == 2
    assert states(works) == {"sent": 4}


def test_the_channel_wished_for_comes_first_and_the_others_if_it_fails(works: Works, clock: Hands) -> None:
    begin(works)
    arrive(works, event("reporter.given", "g-2", phone=PHONE, time=NOW + timedelta(minutes=1)))
    prefer(works, CODE, channel="sms")
    mail, whatsapp, sms = Scripted(), Text("whatsapp"), Text("sms", SENT, Outcome(Fate.FAILED, "http-400"))
    sender = Sender(works, mail, URL, [whatsapp, sms])
    for version in (2, 3):
        arrive(works, accepted(f"e-{version}", version))
        sender.run()
    assert [len(each.letters) for each in (sms, mail, whatsapp)] == [2, 1, 0]
    assert [each.data["channel"] for each in published(works)] == ["sms", "email"]


def test_who_is_erased_at_night_is_not_kept_until_the_morning(works: Works, by_mail: Sender, clock: Hands) -> None:
    begin(works)
    prefer(works, CODE, quiet=NIGHT)
    clock.time = EVENING
    arrive(works, accepted("e-2", 2))
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
    assert mail["References"] == "<digest.lake@tirtajaya.example>"
    said = text(mail)
    assert said.count(f"{URL}/t/A") == said.count(f"{URL}/t/B") == 1
    assert "Offered to your office" not in said, "what happened since took its place"
    assert "A (Broken road)\n- The time to answer has passed\n- A" in said
    assert f"B (Bribery)\n{URL}" in said, "of a confidential report its code and category alone"
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
    assert mail["Subject"] == f"[{CODE}] Ditawarkan kepada kantor Anda"
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
    assert mail["Subject"] == f"[{CODE}] Broken road"
    assert text(mail).startswith("Daily summary\n")
    assert text(mail).count(f"{URL}/t/{CODE}#kunci-rahasia") == 1


def digest_by_text(works: Works, clock: Hands, *channels: Text) -> str:
    """The id of a digest of two messages that was sent to a telephone."""
    arrive(works, event("directory.published", "e-0"))
    arrive(works, event("reporter.given", "g-1", email=None, phone=PHONE))
    prefer(works, CODE, digest=time(7))
    sender = Sender(works, Scripted(), URL, channels)
    arrive(works, accepted("e-1", 2), noted("e-2", 3))
    sender.run()
    clock.time = DIGEST
    assert sender.run() == 1
    return channels[0].letters[0].id


@pytest.mark.parametrize("said", ["delivered", "temporary-failure"])
def test_what_a_provider_says_of_a_digest_it_says_of_all_in_it(works: Works, clock: Hands, said: str) -> None:
    id = digest_by_text(works, clock, Text("sms", Outcome(Fate.SENT, provider="sms-1")))
    for _ in range(2):
        hear(works, "sms-1", id, said)
    assert states(works) == {said: 3}
    assert sorted((each.data["template"], each.data["state"]) for each in published(works)) == sorted(
        (template, state)
        for template in ("handoff-accepted-reporter", "note-added-reporter")
        for state in ("sent", said)
    )


def test_a_digest_that_bounced_goes_another_way_with_all_in_it(works: Works, clock: Hands) -> None:
    sms = Text("sms")
    whatsapp = Text("whatsapp", Outcome(Fate.SENT, provider="whatsapp-1"))
    id = digest_by_text(works, clock, whatsapp, sms)
    hear(works, "whatsapp-1", id, "permanent-failure", "whatsapp", "sms")
    assert states(works) == {"created": 3}
    assert Sender(works, Scripted(), URL, [whatsapp, sms]).run() == 1
    assert (len(whatsapp.letters), len(sms.letters)) == (1, 1)
    assert [each.data["channel"] for each in published(works)] == ["whatsapp", "whatsapp", "sms", "sms"]
    assert states(works) == {"sent": 3}


def test_of_who_stopped_everyday_letters_a_digest_tells_what_is_needed(
    works: Works, by_mail: Sender, mailbox: Mailbox, clock: Hands
) -> None:
    begin(works)
    prefer(works, CODE, digest=time(7), language="en")
    arrive(works, accepted("e-1", 2))
    by_mail.run()
    with works.begin() as work:
        stopped.stop(work.connection, CODE, work.now)
    by_mail.run()
    assert errors(works) == ["stopped"], "at once"
    arrive(works, accepted("e-2", 3), noted("e-3", 4), event("ticket.paused", "e-4", 5))
    by_mail.run()
    assert [each for each in errors(works) if each] == ["stopped", "stopped"]
    clock.time = DIGEST
    assert by_mail.run() == 1
    [mail] = mailbox.received
    assert text(mail).count("\n- ") == 2


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
    prefer(works, REPORTER, quiet=NIGHT)
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
