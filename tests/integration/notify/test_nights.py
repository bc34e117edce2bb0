"""Quiet hours, and the channel that somebody wished for: the real sender, on both kinds of database."""

from __future__ import annotations

from datetime import time, timedelta

from estafet.relay.work import Works
from services.notify.channels.channel import SENT, Fate, Outcome
from services.notify.messages import REPORTER
from services.notify.preferences import preferring
from services.notify.sending.sender import Sender
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, event
from tests.integration.notify.mailing import Mailbox
from tests.integration.notify.sent import PHONE, Scripted, Text, errors, published, states
from tests.integration.notify.timely import (
    EVENING,
    MORNING,
    NIGHT,
    accepted,
    begin,
    prefer,
    text,
)
from tests.unit.notify.samples import NOW


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
