"""The daily digest: the real sender and a real mail server, on both kinds of database."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from estafet.relay.work import Works
from services.notify.channels.channel import Fate, Outcome
from services.notify.messages import REPORTER
from services.notify.preferences import stopped
from services.notify.preferences.preference import Quiet
from services.notify.sending.sender import Sender
from services.notify.tables import deliveries as table
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, event
from tests.integration.notify.mailing import Mailbox
from tests.integration.notify.sent import PHONE, Scripted, Text, errors, published, states
from tests.integration.notify.test_callbacks import hear
from tests.integration.notify.timely import (
    DIGEST,
    EVENING,
    NIGHT,
    accepted,
    begin,
    noted,
    offered,
    prefer,
    text,
    to,
)
from tests.unit.notify.samples import ticket


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


def test_who_stops_everyday_letters_while_a_digest_is_tried_again_was_not_told_them(works: Works, clock: Hands) -> None:
    begin(works)
    prefer(works, CODE, digest=time(7))
    sender = Sender(works, Scripted(Outcome(Fate.LATER, "smtp-451")), URL)
    arrive(works, accepted("e-1", 2), noted("e-2", 3))
    sender.run()
    clock.time = DIGEST
    assert sender.run() == 1
    with works.begin() as work:
        stopped.stop(work.connection, CODE, work.now)
    clock.forward(timedelta(minutes=1))
    sender.run()
    with works.database.read() as connection:
        rows = connection.execute(select(table).where(table.c.recipient == REPORTER)).all()
    found = {row.event_id: (row.state, row.error) for row in rows if row.event_id in ("e-1", "e-2")}
    assert found == {"e-1": ("permanent-failure", "stopped"), "e-2": ("sent", None)}


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
