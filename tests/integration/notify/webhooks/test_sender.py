"""Webhooks sent for real: every event once with effect, whatever the receiver does, and held up by no other."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from estafet.relay.work import Works
from services.notify.webhooks import managing
from services.notify.webhooks.matching import Interest
from services.notify.webhooks.sender import EACH
from tests.bed.process import wait_until
from tests.integration.notify.conftest import arrive, event
from tests.integration.notify.webhooks.conftest import (
    ended,
    happen,
    now_of,
    rows,
    run_until,
    sender,
    standing,
    states,
    subscribe,
)
from tests.support.receiver import Receiver

SHORT = [timedelta(milliseconds=20)] * 30


@pytest.mark.parametrize("seed", [1, 2])
def test_a_receiver_that_fails_half_the_time_gets_every_event_once_with_effect(works: Works, seed: int) -> None:
    works = now_of(works)
    chance = random.Random(seed)
    with Receiver(lambda number: chance.choice(["ok", "ok", "ok", "500", "hang-up", "503"])) as receiver:
        subscribe(works, receiver)
        ids = happen(works, 40)
        run_until(sender(works, waits=SHORT), lambda: ended(works), "all to be delivered")
        assert set(states(works)) == {"delivered"}
        assert receiver.effects == Counter(dict.fromkeys(ids, 1))
        assert receiver.forged == 0
        assert receiver.calls.total() > len(ids)
        bodies = {row.event_id: bytes(row.body) for row in rows(works)}
        assert receiver.bodies == bodies
        assert receiver.headers["content-type"] == "application/cloudevents+json"
        assert all(row.attempts == receiver.calls[row.event_id] for row in rows(works))


def test_two_senders_share_the_work_and_none_is_sent_twice(works: Works) -> None:
    works = now_of(works)
    with Receiver() as receiver:
        subscribe(works, receiver)
        ids = happen(works, 60)
        senders = [sender(works), sender(works)]
        threads = [threading.Thread(target=each.run, args=(20,)) for each in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert receiver.calls == Counter(dict.fromkeys(ids, 1))
        assert set(states(works)) == {"delivered"}


def test_a_slow_endpoint_holds_up_nobody_else_and_has_few_requests_at_once(works: Works) -> None:
    works = now_of(works)
    with Receiver(lambda number: "slow") as slow, Receiver() as quick:
        held = subscribe(works, slow)
        subscribe(works, quick)
        ids = happen(works, 30)
        sending = sender(works)
        run_until(sending, lambda: set(quick.effects) == ids, "the quick one to have all")
        assert slow.most_at_once == EACH
        slow.answer_the_slow()
        run_until(sending, lambda: ended(works), "the slow one to have all")
        assert set(slow.calls) == ids
        assert standing(works, held).failures == 0


def test_what_happens_while_a_slow_endpoint_is_waited_for_reaches_the_others(works: Works) -> None:
    works = now_of(works)
    with Receiver(lambda number: "slow") as slow, Receiver() as quick:
        subscribe(works, slow, Interest(frozenset({"ticket.opened"})))
        subscribe(works, quick, Interest(frozenset({"ticket.closed"})))
        happen(works, 1)
        running = threading.Thread(target=sender(works).run, args=(30,))
        running.start()
        wait_until(lambda: slow.calls, what="the slow one to be asked")
        arrive(works, event("ticket.closed", "e-closed", 2))
        wait_until(lambda: quick.effects == {"e-closed": 1}, seconds=10, what="the quick one to hear")
        assert slow.most_at_once == 1
        slow.answer_the_slow()
        running.join()
        assert set(states(works)) == {"delivered"}


def test_an_endpoint_that_fails_gets_one_request_at_a_time(works: Works) -> None:
    works = now_of(works)
    with Receiver(lambda number: "500") as receiver:
        subscribe(works, receiver)
        happen(works, 1)
        sender(works).run()
        happen(works, 5)
        receiver.behave = lambda number: "slow"
        sender(works).run(0.5)
        assert receiver.most_at_once == 1


def test_what_failed_is_replayed_under_the_same_id_and_one_or_all_since_then_too(works: Works) -> None:
    works = now_of(works)
    with Receiver(lambda number: "500") as receiver:
        endpoint = subscribe(works, receiver)
        ids = happen(works, 3)
        began = min(row.created_at for row in rows(works))
        run_until(sender(works, waits=[]), lambda: ended(works), "all to fail")
        assert set(states(works)) == {"failed"}
        receiver.behave = lambda number: "ok"

        def replay(**which: Any) -> int:
            with works.begin() as work:
                count = managing.replay(
                    work.connection, endpoint.id, work.now, **{"since": None, "delivery": None, **which}
                )
            run_until(sender(works), lambda: ended(works), "the replayed to arrive")
            return count

        assert replay() == 3
        assert set(states(works)) == {"delivered"}
        assert set(receiver.calls) == ids
        before = receiver.calls.total()
        assert replay() == 0
        assert replay(delivery=rows(works)[0].id) == 1
        assert replay(since=began) == 3
        assert receiver.calls.total() == before + 4
