"""Who has a delivery in hand, on real databases: senders that die, come late, or work side by side."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.event import listen
from sqlalchemy.exc import OperationalError

from estafet.relay.work import Works
from services.notify import deliveries
from services.notify.channels.channel import SENT
from services.notify.channels.folder import Folder
from services.notify.sending.retries import LEASE
from services.notify.sending.sender import Sender
from tests.integration.notify.conftest import URL, Hands
from tests.integration.notify.sent import Scripted, mails, opened, published, states


def test_a_crash_between_sending_and_recording_leaves_one_file_and_one_record(
    works: Works, folder: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(works, reports=3)
    crashing = Sender(works, Folder(folder, "estafet@tirtajaya.example"), URL)
    monkeypatch.setattr(crashing, "_record", _crash)
    with pytest.raises(KeyboardInterrupt):
        crashing.run()
    assert len(mails(folder)) == 3
    assert states(works) == {"sending": 3}
    after = Sender(works, Folder(folder, "estafet@tirtajaya.example"), URL)
    assert after.run() == 0, "what is in flight is not ours before the lease ends"
    clock.forward(LEASE)
    assert after.run() == 3
    assert len(mails(folder)) == 3
    assert len(published(works)) == 3
    assert states(works) == {"sent": 3}


def test_what_was_sent_while_the_database_left_is_recorded_when_it_is_back(works: Works, clock: Hands) -> None:
    """The sender lives and knows: to forget what it sent would be to send it again."""
    opened(works, reports=3)
    channel, failures = Scripted(), [2]

    def away(connection: Connection) -> None:
        if channel.letters and failures[0]:
            failures[0] -= 1
            raise OperationalError("commit", {}, Exception("the server closed the connection"))

    listen(works.database.engine, "commit", away)
    assert Sender(works, channel, URL).run() == 3
    assert states(works) == {"sent": 3}
    assert len(published(works)) == 3
    clock.forward(LEASE)
    assert Sender(works, channel, URL).run() == 0
    assert len(channel.letters) == 3


def test_but_not_longer_than_the_claim_holds(works: Works) -> None:
    opened(works)
    channel = Scripted()

    def away(connection: Connection) -> None:
        if channel.letters:
            raise OperationalError("commit", {}, Exception("the server closed the connection"))

    listen(works.database.engine, "commit", away)
    minutes = itertools.count(step=LEASE.total_seconds())
    with pytest.raises(OperationalError):
        Sender(works, channel, URL, patience=1e9, monotonic=lambda: next(minutes)).run()
    assert states(works) == {"sending": 1}


def test_whoever_is_alone_takes_over_at_once_what_its_predecessor_left(works: Works) -> None:
    opened(works, reports=3)
    with works.begin() as work:
        _, left = deliveries.claim(work.connection, work.now, 2)
    channel = Scripted()
    alone = Sender(works, channel, URL, alone=True)
    assert alone.run() == 3
    assert {each.id for each in left} < {each.id for each in channel.letters}
    with works.begin() as work:
        deliveries.claim(work.connection, work.now, 2)
    assert alone.run() == 0, "later claims are its own"


def test_a_second_copy_over_the_wire_has_the_first_ones_identity(works: Works, clock: Hands) -> None:
    opened(works)
    channel = Scripted(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Sender(works, channel, URL).run()
    clock.forward(LEASE)
    Sender(works, channel, URL).run()
    first, second = channel.letters
    assert first.id == second.id


def test_a_sender_that_comes_back_late_records_nothing(works: Works, clock: Hands) -> None:
    opened(works)
    with works.begin() as work:
        late, claimed = deliveries.claim(work.connection, work.now, 10)
    clock.forward(LEASE)
    ids = [each.id for each in claimed]
    with works.begin() as work:
        now_ours, _ = deliveries.claim(work.connection, work.now, 10)
        assert deliveries.end(work.connection, late, ids, "sent", "email", work.now) == set()
        assert deliveries.end(work.connection, now_ours, ids, "sent", "email", work.now) == set(ids)
        assert deliveries.end(work.connection, now_ours, ids, "sent", "email", work.now) == set()


def test_many_senders_take_nothing_twice(works: Works) -> None:
    opened(works, reports=60)
    channels = [Scripted() for _ in range(4)]
    _at_once(*(Sender(works, channel, URL, batch=7).run for channel in channels))
    letters = Counter(letter.id for channel in channels for letter in channel.letters)
    assert len(letters) == 60
    assert set(letters.values()) == {1}
    assert len(published(works)) == 60


def _crash(*_: Any) -> None:
    raise KeyboardInterrupt


def _at_once(*calls: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Killed(BaseException):
    """kill -9: nobody gets to record anything."""


def test_a_sender_that_is_killed_leaves_few_letters_to_be_sent_again(works: Works) -> None:
    opened(works, reports=30)
    before_it = 29
    dying = Scripted(*[SENT] * before_it, Killed())
    with pytest.raises(Killed):
        Sender(works, dying, URL, alone=True).run()
    surviving = Scripted()
    Sender(works, surviving, URL, alone=True).run()
    sent = [letter.id for letter in dying.letters[:before_it]]
    again = {letter.id for letter in surviving.letters} & set(sent)
    assert len(sent) > 20
    assert len(again) < 10
    assert not states(works)["sending"]
