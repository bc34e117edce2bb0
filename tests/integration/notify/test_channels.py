"""Who is told over which channel, on real databases with a real mail server and real HTTP servers as providers."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from estafet.relay.work import Works
from estafet.settings import SettingError, Settings, from_environment
from services.notify import states
from services.notify.channels import configured
from services.notify.channels.channel import Fate, Letter, Outcome
from services.notify.marks import MARKED
from services.notify.sending.retries import GIVE_UP_AFTER
from services.notify.sending.sender import SLOW, Sender
from services.notify.tables import addresses
from services.notify.tables import deliveries as table
from tests.e2e.mailbox import Mailbox
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, arrive_together, event
from tests.integration.notify.gateways import Provider
from tests.integration.notify.sent import PHONE, Scripted, Text, errors, opened, published
from tests.integration.notify.sent import states as counted

NUMBER = "+6281234567890"

#: How many messages are sent while a fifth of the attempts fail.
MANY = int(os.environ.get("ESTAFET_TEST_NOTIFICATIONS", "200"))


@pytest.fixture
def play() -> Iterator[Callable[..., Provider]]:
    """Start a provider."""
    with ExitStack() as stack:
        yield lambda *answer: stack.enter_context(Provider(*answer))


def settings(tmp_path: Path, **given: str) -> Settings:
    variables = {f"ESTAFET_{name.upper()}": value for name, value in given.items()}
    return from_environment({"ESTAFET_DATA": str(tmp_path), **variables})


def sender(works: Works, chosen: Settings, **options: Any) -> Sender:
    return Sender(works, configured.mail(chosen), URL, configured.texts(chosen), **options)


def rows(works: Works) -> list[Any]:
    with works.database.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def marks(works: Works) -> list[Any]:
    with works.database.read() as connection:
        return list(connection.execute(select(addresses)))


def test_who_left_a_telephone_is_told_by_sms(works: Works, tmp_path: Path, play: Callable[..., Provider]) -> None:
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


def test_who_blocked_the_bot_is_left_alone_and_told_by_telephone(works: Works) -> None:
    left = Outcome(Fate.FAILED, "http-403", bounced=True)
    telegram, sms = Text("telegram", left), Text("sms")
    opened(works, email=None, phone=PHONE, telegram="123456789")
    Sender(works, Scripted(), URL, [telegram, sms]).run()
    assert [each.data["channel"] for each in published(works)] == ["sms"]
    assert [each.channel for each in marks(works)] == ["telegram"]
    arrive(works, event("reporter.erased", "x"))
    assert marks(works) == []


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


def test_a_channel_that_is_away_holds_up_no_other(works: Works, clock: Hands) -> None:
    opened(works, reports=30, email=None, phone=PHONE)
    arrive(works, *[event("handoff.offered", f"h-{at}", 2, code=f"{CODE}{at}") for at in range(30)])
    mail, sms = Scripted(), Text("sms", then=Outcome(Fate.AWAY, "unreachable"))
    sending = Sender(works, mail, URL, [sms], batch=20)
    sending.run()
    assert len(mail.letters) == 30
    assert len(sms.letters) < 10
    assert counted(works) == {"sent": 30, "created": 60}
    clock.forward(timedelta(minutes=1))
    back = Text("sms")
    Sender(works, mail, URL, [back]).run()
    assert counted(works) == {"sent": 90}


def test_a_channel_that_takes_its_time_holds_up_no_other(works: Works) -> None:
    opened(works, reports=20, email=None, phone=PHONE)
    arrive(works, *[event("handoff.offered", f"h-{at}", 2, code=f"{CODE}{at}") for at in range(20)])
    seconds = [1.0]

    class Slow(Text):
        def _post(self, letter: Letter) -> Outcome:
            seconds[0] += SLOW + 1
            return super()._post(letter)

    mail, sms = Scripted(), Slow("sms", then=Outcome(Fate.UNSURE, "unanswered"))
    Sender(works, mail, URL, [sms], monotonic=lambda: seconds[0]).run()
    assert len(mail.letters) == 20
    assert len(sms.letters) == 1


def test_a_rate_is_kept_across_batches_and_holds_up_no_other(
    works: Works, tmp_path: Path, clock: Hands, play: Callable[..., Provider]
) -> None:
    opened(works, reports=12, email=None, phone=PHONE)
    arrive(works, *[event("handoff.offered", f"h-{at}", 2, code=f"{CODE}{at}") for at in range(12)])
    provider = play()
    sending = sender(works, settings(tmp_path, sms=f"{provider.url}&rate=5"), batch=7)
    began = time.monotonic()
    sending.run()
    first = len(provider.taken)
    assert first < 24
    assert first <= 5 * (time.monotonic() - began + 1)
    with works.database.read() as connection:
        letters = connection.scalars(select(table.c.state).where(table.c.audience == "office")).all()
    assert set(letters) == {"sent"}
    while counted(works)["created"]:
        clock.forward(timedelta(seconds=1))
        sending.run()
        assert len(provider.taken) <= 5 * (time.monotonic() - began + 1)
        time.sleep(0.05)
    assert len(provider.taken) == 24
    assert {row.attempts for row in rows(works)} == {1}


def test_the_first_mail_server_away_the_second_delivers_each_once(works: Works, tmp_path: Path) -> None:
    opened(works, reports=25)
    with Mailbox() as gone:
        pass
    with Mailbox() as there:
        began = time.monotonic()
        sending = sender(works, settings(tmp_path, smtp_url=f"{gone.url};{there.url}"))
        sending.run()
        assert time.monotonic() - began < 60
    assert Counter(str(message["Message-ID"]) for _, message in there.messages).most_common(1)[0][1] == 1
    assert len(there.messages) == 25
    assert {row.provider for row in rows(works)} == {"email-2"}


def test_a_provider_that_dies_amid_a_batch(
    works: Works, tmp_path: Path, clock: Hands, play: Callable[..., Provider]
) -> None:
    """The one message whose answer was lost waits for it; all others go by the next. Each arrives once."""
    opened(works, reports=40, email=None, phone=PHONE)
    first, second = play(), play()

    def die(message: dict[str, Any]) -> int | None:
        if len(first.taken) < 10:
            return 200
        first.stop()
        return None

    first.answer = die
    sending = sender(works, settings(tmp_path, sms=f"{first.url};{second.url}"))
    sending.run()
    for _ in range(6):
        clock.forward(timedelta(minutes=1))
        sending.run()
    unsure = [row for row in rows(works) if row.state == "created"]
    assert len(unsure) == 1
    assert (unsure[0].provider, unsure[0].error) == ("sms-1", "unreachable")
    first.start()
    clock.forward(timedelta(minutes=30))
    sending.run()
    assert counted(works) == {"sent": 40}
    assert set((first.ids + second.ids).values()) == {1}
    assert len(first.ids) == 11


@pytest.mark.timeout(300 + MANY // 4)
def test_many_with_a_fifth_of_the_attempts_failing_end_delivered_once(
    works: Works, tmp_path: Path, clock: Hands, play: Callable[..., Provider]
) -> None:
    """Or in a final state with its reason. Some of what fails was taken all the same."""
    chance = random.Random(7)
    odds = [503] * 5 + [None] * 5 + [504] * 5 + [429] * 5 + [400] * 1

    def answer(message: dict[str, Any]) -> int | None:
        return chance.choice(odds) if chance.random() < 0.2 else 200

    first, second = play(answer), play(answer)
    codes = [f"{CODE}{at}" for at in range(MANY)]
    reporters = [event("reporter.given", f"g-{code}", code=code, email=None, phone=PHONE) for code in codes]
    reports = [event("ticket.opened", f"o-{code}", 1, code=code) for code in codes]
    arrive_together(works, [event("directory.published", "e-0"), *reporters, *reports])
    sending = sender(works, settings(tmp_path, sms=f"{first.url};{second.url}"), patience=600)
    end = clock.now() + GIVE_UP_AFTER + timedelta(hours=1)
    while counted(works)["created"] and clock.now() < end:
        sending.run()
        clock.forward(timedelta(minutes=2))
    taken = first.ids + second.ids
    assert set(taken.values()) == {1}
    for row in rows(works):
        assert row.state in states.ENDED
        assert row.error if row.state != "sent" else taken[row.id] == 1
    told = Counter(each.data["delivery"] for each in published(works))
    assert len(told) == MANY
    assert set(told.values()) == {1}
    assert counted(works)["sent"] > 0.95 * MANY
    print(f"\n{MANY} messages, {sum(first.asked.values()) + sum(second.asked.values())} attempts: {counted(works)}")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("sms", "json://gateway.example/"),
        ("sms", "nobody://knows/{to}"),
        ("telegram", "tgram://123456789:abcdefghijklmnopqrstuvwxyz/"),
        ("whatsapp", "json://gateway.example/{to}?rate=fast"),
        ("smtp_url", "smtp://mail.example;smtp://"),
        ("smtp_url", "smtp://mail.example;http://mail.example"),
        ("callback_key", "short"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, variable: str, value: str) -> None:
    def read() -> None:
        chosen = settings(tmp_path, **{variable: value})
        configured.mail(chosen)
        configured.texts(chosen)

    with pytest.raises(SettingError, match=f"ESTAFET_{variable.upper()}") as raised:
        read()
    assert "gateway.example" not in str(raised.value)
