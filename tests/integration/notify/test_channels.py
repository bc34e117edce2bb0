"""Who is told over which channel, and over which next when one refuses: on real databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from estafet.relay.work import Works
from services.notify.channels.channel import Fate, Outcome
from services.notify.sending.sender import Sender
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, event
from tests.integration.notify.gateways import Play
from tests.integration.notify.senders import sender, settings
from tests.integration.notify.sent import PHONE, Scripted, Text, marks, opened, published, rows
from tests.integration.notify.sent import states as counted

NUMBER = "+6281234567890"


def test_who_left_a_telephone_is_told_by_sms(works: Works, tmp_path: Path, play: Play) -> None:
    opened(works, email=None, phone=PHONE)
    provider = play()
    assert sender(works, settings(tmp_path, sms=provider.url)).run() == 1
    [message] = provider.taken
    assert message["to"] == NUMBER
    assert message["message"] == f"[{CODE}] Laporan Anda sudah kami terima {URL}/t/{CODE}#kunci-rahasia"
    [told] = published(works)
    assert (told.name, told.data["channel"], told.data["state"]) == ("notification.sent", "sms", "sent")
    assert [row.provider for row in rows(works)] == ["sms-1"]


def test_email_comes_first_then_whatsapp_then_sms(works: Works) -> None:
    refused = Outcome(Fate.FAILED, "http-400")
    mail, whatsapp, sms = Scripted(Outcome(Fate.FAILED, "smtp-550")), Text("whatsapp", refused), Text("sms")
    opened(works, phone=PHONE)
    assert Sender(works, mail, URL, [whatsapp, sms]).run() == 1
    assert [len(each.letters) for each in (mail, whatsapp, sms)] == [1, 1, 1]
    assert [each.name for each in published(works)] == ["notification.sent"]
    assert [row.channel for row in rows(works)] == ["sms"]


def test_a_chat_is_answered_there_and_after_a_letter_before_a_telephone(works: Works) -> None:
    mail, telegram, whatsapp = Scripted(Outcome(Fate.FAILED, "smtp-550")), Text("telegram"), Text("whatsapp")
    opened(works, phone=PHONE, telegram="-100123")
    assert Sender(works, mail, URL, [telegram, whatsapp]).run() == 1
    assert [len(each.letters) for each in (mail, telegram, whatsapp)] == [1, 1, 0]
    assert telegram.letters[0].address == "-100123"
    assert [each.data["channel"] for each in published(works)] == ["telegram"]


def test_when_all_refuse_it_is_over(works: Works) -> None:
    opened(works, phone=PHONE)
    last = Outcome(Fate.FAILED, "http-400")
    Sender(works, Scripted(then=Outcome(Fate.FAILED, "smtp-550")), URL, [Text("sms", last)]).run()
    assert counted(works) == {"permanent-failure": 1}
    [told] = published(works)
    assert (told.name, told.data["error"], told.data["state"]) == (
        "notification.failed",
        "http-400",
        "permanent-failure",
    )


def test_a_channel_that_failed_for_good_is_not_tried_again_with_the_next(works: Works, clock: Hands) -> None:
    mail = Scripted(then=Outcome(Fate.FAILED, "smtp-550"))
    sms = Text("sms", Outcome(Fate.LATER, "refused"))
    opened(works, phone=PHONE)
    sending = Sender(works, mail, URL, [sms])
    sending.run()
    clock.forward(timedelta(minutes=1))
    sending.run()
    assert [len(mail.letters), len(sms.letters)] == [1, 2]
    assert counted(works) == {"sent": 1}


def test_who_may_have_it_is_asked_before_a_channel_that_came_later(works: Works, clock: Hands) -> None:
    """The reporter gives an email address while nobody knows whether the SMS went."""
    opened(works, email=None, phone=PHONE)
    mail, sms = Scripted(), Text("sms", Outcome(Fate.UNSURE, "unanswered", "sms-1"))
    sending = Sender(works, mail, URL, [sms])
    sending.run()
    arrive(works, event("reporter.given", "again", phone=PHONE, time=clock.now() + timedelta(seconds=1)))
    clock.forward(timedelta(minutes=1))
    sending.run()
    assert [len(mail.letters), len(sms.letters)] == [0, 2]


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ({"email": "delivered+1@simulasi.example"}, "delivered"),
        ({"email": "temporary-failure@simulasi.example"}, "temporary-failure"),
        ({"email": "permanent-failure@simulasi.example"}, "permanent-failure"),
        ({"email": None, "phone": "+999 0000 0001"}, "delivered"),
        ({"email": None, "phone": "+999 0000 0002"}, "permanent-failure"),
        ({"email": None, "phone": "+999 0000 0003"}, "temporary-failure"),
    ],
)
def test_simulated_recipients_end_as_they_say_and_nothing_leaves_the_house(
    works: Works, address: dict[str, Any], state: str
) -> None:
    opened(works, **address)
    mail, sms = Scripted(), Text("sms")
    Sender(works, mail, URL, [sms]).run()
    assert counted(works) == {state: 1}
    assert mail.letters == sms.letters == []
    assert [each.data["state"] for each in published(works)] == [state]
    assert marks(works) == []
