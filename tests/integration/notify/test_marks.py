"""An address that bounced is left alone for a time, and of who is erased no mark stays."""

from __future__ import annotations

from datetime import timedelta

from estafet.relay.work import Works
from services.notify.channels.channel import Fate, Outcome
from services.notify.marks import MARKED
from services.notify.sending.sender import Sender
from tests.integration.notify.conftest import URL, Hands, arrive, event
from tests.integration.notify.sent import PHONE, Scripted, Text, errors, marks, opened, published


def test_who_blocked_the_bot_is_left_alone_and_told_by_telephone(works: Works) -> None:
    left = Outcome(Fate.FAILED, "http-403", bounced=True)
    telegram, sms = Text("telegram", left), Text("sms")
    opened(works, email=None, phone=PHONE, telegram="123456789")
    Sender(works, Scripted(), URL, [telegram, sms]).run()
    assert [each.data["channel"] for each in published(works)] == ["sms"]
    assert [each.channel for each in marks(works)] == ["telegram"]
    arrive(works, event("reporter.erased", "x"))
    assert marks(works) == []


def test_an_address_that_bounced_is_left_alone(works: Works, clock: Hands) -> None:
    bounced = Outcome(Fate.FAILED, "smtp-550", bounced=True)
    mail, sms = Scripted(then=bounced), Text("sms")
    sending = Sender(works, mail, URL, [sms])
    opened(works, phone=PHONE)
    clock.forward(timedelta(minutes=1))
    sending.run()
    arrive(works, event("ticket.resolved", "r", 3))
    sending.run()
    assert [len(mail.letters), len(sms.letters)] == [1, 2]
    [mark] = marks(works)
    assert (mark.channel, mark.error) == ("email", "smtp-550")
    assert "sri" not in str(mark)


def test_until_it_is_given_anew(works: Works, clock: Hands) -> None:
    mail = Scripted(Outcome(Fate.FAILED, "smtp-550", bounced=True))
    sending = Sender(works, mail, URL)
    opened(works)
    clock.forward(timedelta(minutes=1))
    sending.run()
    arrive(works, event("ticket.resolved", "r", 3))
    sending.run()
    assert errors(works) == ["smtp-550", "marked"]
    arrive(works, event("reporter.given", "again", time=clock.now() + timedelta(minutes=1)))
    arrive(works, event("ticket.closed", "c", 4, holder="lake"))
    sending.run()
    assert len(mail.letters) > 1


def test_or_for_thirty_days(works: Works, clock: Hands) -> None:
    mail = Scripted(Outcome(Fate.FAILED, "smtp-550", bounced=True))
    opened(works)
    clock.forward(timedelta(minutes=1))
    Sender(works, mail, URL).run()
    clock.forward(MARKED)
    arrive(works, event("ticket.resolved", "r", 3))
    Sender(works, mail, URL).run()
    assert len(mail.letters) == 2


def test_offices_are_never_marked(works: Works) -> None:
    opened(works)
    arrive(works, event("handoff.offered", "h", 2))
    Sender(works, Scripted(then=Outcome(Fate.FAILED, "smtp-550", bounced=True)), URL).run()
    assert len(marks(works)) == 1


def test_of_who_is_erased_no_mark_stays(works: Works) -> None:
    opened(works, phone=PHONE)
    bounced = Outcome(Fate.FAILED, "x", bounced=True)
    Sender(works, Scripted(then=bounced), URL, [Text("whatsapp", then=bounced), Text("sms", then=bounced)]).run()
    assert len(marks(works)) == 3
    arrive(works, event("reporter.erased", "x"))
    assert marks(works) == []
