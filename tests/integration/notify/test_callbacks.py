"""What providers say later, doubled, shuffled and late, on real databases."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from estafet.relay.work import Works
from services.notify.channels.channel import Fate, Letter, Outcome
from services.notify.receipts import callbacks
from services.notify.receipts.callbacks import is_good, token
from services.notify.sending.sender import Sender
from services.notify.tables import addresses
from services.notify.tables import deliveries as table
from tests.integration.notify.conftest import URL, Hands, arrive, event
from tests.integration.notify.sent import PHONE, Scripted, Text, opened, published, states

DELIVERED, TEMPORARY, PERMANENT = "delivered", "temporary-failure", "permanent-failure"
BY_FIRST = Outcome(Fate.SENT, provider="sms-1")


def hear(works: Works, provider: str, id: str, said: str, *texts: str) -> None:
    with works.begin() as work:
        callbacks.hear(work, provider, id, said, texts or ("sms",))


def sent(works: Works, outcome: Outcome = BY_FIRST, **reporter: Any) -> str:
    """The id of a message that was sent."""
    opened(works, **{"email": None, "phone": PHONE, **reporter})
    Sender(works, Scripted(), URL, [Text("sms", outcome)]).run()
    return the_delivery(works).id


def the_delivery(works: Works) -> Any:
    with works.database.read() as connection:
        return connection.execute(select(table)).one()


def told(works: Works) -> list[str]:
    return [each.data["state"] for each in published(works)]


@pytest.mark.parametrize("said", [DELIVERED, TEMPORARY, PERMANENT])
def test_the_provider_says_what_became_of_it(works: Works, said: str) -> None:
    id = sent(works)
    hear(works, "sms-1", id, said)
    assert states(works) == {said: 1}
    assert told(works) == ["sent", said]
    assert published(works)[-1].name == ("notification.sent" if said == DELIVERED else "notification.failed")


@pytest.mark.parametrize("words", list(permutations([DELIVERED, TEMPORARY, PERMANENT])))
def test_doubled_shuffled_and_late_the_first_word_stays(works: Works, clock: Hands, words: tuple[str, ...]) -> None:
    id = sent(works)
    for said in (*words, *words):
        hear(works, "sms-1", id, said)
        clock.forward(timedelta(days=1))
    assert states(works) == {words[0]: 1}
    assert told(works) == ["sent", words[0]]


def test_who_does_not_have_it_is_not_heard(works: Works) -> None:
    id = sent(works)
    hear(works, "sms-2", id, DELIVERED)
    hear(works, "sms-1", "unknown", DELIVERED)
    hear(works, "sms-1", id, "created")
    assert states(works) == {"sent": 1}


def test_what_bounced_is_tried_over_the_next_channel_and_the_number_is_marked(works: Works) -> None:
    opened(works, email=None, phone=PHONE)
    whatsapp, sms = Text("whatsapp", Outcome(Fate.SENT, provider="whatsapp-1")), Text("sms")
    sender = Sender(works, Scripted(), URL, [whatsapp, sms])
    sender.run()
    id = the_delivery(works).id
    for _ in range(3):
        hear(works, "whatsapp-1", id, PERMANENT, "whatsapp", "sms")
    assert told(works) == ["sent"]
    sender.run()
    hear(works, "whatsapp-1", id, PERMANENT, "whatsapp", "sms")
    assert [len(whatsapp.letters), len(sms.letters)] == [1, 1]
    assert states(works) == {"sent": 1}
    assert [each.data["channel"] for each in published(works)] == ["whatsapp", "sms"]
    with works.database.read() as connection:
        [mark] = connection.execute(select(addresses)).all()
    assert (mark.channel, mark.error) == ("whatsapp", "callback")


def test_word_that_comes_before_we_have_noted_the_answer_counts(works: Works) -> None:
    """The provider's callback overtakes its own answer."""
    opened(works, email=None, phone=PHONE)

    class Quick(Text):
        def _post(self, letter: Letter) -> Outcome:
            hear(works, "sms-1", letter.id, DELIVERED)
            return BY_FIRST

    Sender(works, Scripted(), URL, [Quick("sms")]).run()
    assert states(works) == {"delivered": 1}
    assert told(works) == ["delivered"]


def test_what_may_have_gone_and_did_is_not_sent_again(works: Works, clock: Hands) -> None:
    id = sent(works, Outcome(Fate.UNSURE, "unanswered", "sms-1"))
    hear(works, "sms-1", id, DELIVERED)
    clock.forward(timedelta(hours=1))
    again = Text("sms")
    Sender(works, Scripted(), URL, [again]).run()
    assert again.letters == []
    assert told(works) == ["delivered"]


def test_of_who_is_erased_a_bounce_leaves_no_mark(works: Works) -> None:
    id = sent(works)
    arrive(works, event("reporter.erased", "x"))
    hear(works, "sms-1", id, PERMANENT)
    assert states(works) == {PERMANENT: 1}
    with works.database.read() as connection:
        assert connection.execute(select(addresses)).all() == []


def test_what_was_never_handed_over_is_nobodys_to_speak_of(works: Works) -> None:
    id = sent(works, Outcome(Fate.LATER, "refused", "sms-1"))
    hear(works, "sms-1", id, DELIVERED)
    assert states(works) == {"created": 1}


def test_a_token_is_one_providers() -> None:
    key = "k" * 32
    assert is_good(token(key, "sms-1"), key, "sms-1")
    assert not is_good(token(key, "sms-1"), key, "sms-2")
    assert not is_good(token("j" * 32, "sms-1"), key, "sms-1")
    assert not is_good("ṣ" * 64, key, "sms-1")
    assert not is_good(None, key, "sms-1")
    assert not is_good(token(key, "sms-1"), None, "sms-1")
