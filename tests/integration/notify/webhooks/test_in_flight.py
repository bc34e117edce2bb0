"""What was in flight when a process ended, or the database was away, is recorded or sent again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from estafet.relay.work import Works
from services.notify.webhooks import deliveries
from services.notify.webhooks.schedule import LEASE
from tests.integration.notify.conftest import Hands, prepared
from tests.integration.notify.webhooks.conftest import (
    happen,
    now_of,
    sender,
    states,
    subscribe,
)
from tests.support.receiver import Receiver


def test_what_a_process_that_died_had_in_flight_is_sent_again(works: Works, clock: Hands) -> None:
    with Receiver() as receiver:
        endpoint = subscribe(works, receiver)
        receiver.secret = ""
        happen(works, 2)
        with works.begin() as work:
            assert len(deliveries.claim(work.connection, endpoint.id, work.now, 1)) == 1
        sender(works).run()
        assert sorted(states(works)) == ["delivered", "sending"]
        clock.forward(LEASE)
        sender(works).run()
        assert states(works) == ["delivered"] * 2
        assert receiver.calls.total() == 2


def test_a_result_that_comes_too_late_changes_nothing(works: Works, clock: Hands) -> None:
    endpoint = subscribe(works, "https://app.example/hook")
    happen(works, 1)
    with works.begin() as work:
        (lost,) = deliveries.claim(work.connection, endpoint.id, work.now, 1)
    clock.forward(LEASE)
    with works.begin() as work:
        deliveries.free_left_behind(work.connection, work.now)
        (again,) = deliveries.claim(work.connection, endpoint.id, work.now, 1)
        deliveries.end(work.connection, again, work.now, None)
        deliveries.end(work.connection, lost, work.now, "http-500")
    assert states(works) == ["delivered"]


def test_a_service_that_ends_records_what_was_in_flight(works: Works) -> None:
    works = now_of(works)
    with Receiver(lambda number: "slow") as receiver:
        subscribe(works, receiver)
        happen(works, 1)
        sending = sender(works)
        sending.run(0.05)
        assert states(works) == ["sending"]
        receiver.answer_the_slow()
        sending.finish(10)
        assert states(works) == ["delivered"]


def test_what_was_answered_while_the_database_was_away_is_recorded_when_it_is_back(tmp_path: Path) -> None:
    file = tmp_path / "notify.sqlite"
    works = Works("notify", prepared(f"sqlite:///{file}"))
    with Receiver(lambda number: "slow") as receiver, closing(sqlite3.connect(file, isolation_level=None)) as other:
        subscribe(works, receiver)
        happen(works, 1)
        sending = sender(works)
        sending.run(0.05)
        other.execute("begin immediate")
        receiver.answer_the_slow()
        with pytest.raises(OperationalError, match="locked"):
            sending.run(10)
        other.execute("rollback")
        sending.run()
        assert states(works) == ["delivered"]
        assert receiver.calls.total() == 1
