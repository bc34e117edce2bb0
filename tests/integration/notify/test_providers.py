"""Providers that are away, slow, limited or failing hold up no other, and each message is delivered once."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from estafet.relay.work import Works
from services.notify import states
from services.notify.channels.channel import Fate, Letter, Outcome
from services.notify.sending.retries import GIVE_UP_AFTER
from services.notify.sending.sender import SLOW, Sender
from services.notify.tables import deliveries as table
from tests.e2e.mailbox import Mailbox
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, arrive_together, event
from tests.integration.notify.gateways import Play
from tests.integration.notify.senders import sender, settings
from tests.integration.notify.sent import PHONE, Scripted, Text, opened, published, rows
from tests.integration.notify.sent import states as counted

#: How many messages are sent while a fifth of the attempts fail.
MANY = int(os.environ.get("ESTAFET_TEST_NOTIFICATIONS", "200"))


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
    works: Works, tmp_path: Path, clock: Hands, play: Play
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


def test_a_provider_that_dies_amid_a_batch(works: Works, tmp_path: Path, clock: Hands, play: Play) -> None:
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
    works: Works, tmp_path: Path, clock: Hands, play: Play
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
