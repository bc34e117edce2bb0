"""Webhooks sent for real: every event once with effect, whatever the receiver does, and to nowhere they may not go."""

from __future__ import annotations

import random
import socket
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from estafet.events import new_id
from estafet.relay.work import Works
from services.notify.channels.folder import Folder
from services.notify.webhooks import deliveries, endpoints, managing
from services.notify.webhooks.endpoints import Endpoint
from services.notify.webhooks.guard import Guard
from services.notify.webhooks.matching import Interest
from services.notify.webhooks.notices import send_notices
from services.notify.webhooks.schedule import HOPELESS_AFTER, LEASE, WAITS
from services.notify.webhooks.sender import EACH, Sender
from services.notify.webhooks.tables import deliveries as table
from services.notify.webhooks.tidying import KEPT, tidy
from tests.bed.process import wait_until
from tests.integration.notify.conftest import Hands, arrive, event, prepared
from tests.integration.notify.webhooks.conftest import rows, sender, standing, states, subscribe
from tests.support.receiver import Receiver

SHORT = [timedelta(milliseconds=20)] * 30


def happen(works: Works, count: int) -> set[str]:
    """So many events; answers their ids."""
    ids = [new_id() for _ in range(count)]
    arrive(works, event("directory.published", new_id()))
    arrive(works, *(event("ticket.opened", id, 1, f"TRT-{number}") for number, id in enumerate(ids)))
    return set(ids)


def now_of(works: Works) -> Works:
    """The same database by the real clock: receivers refuse what was signed at another time."""
    return Works(works.service, works.database)


def run_until(sending: Sender, condition: Any, what: str) -> None:
    def step() -> bool:
        sending.run(0.5)
        return bool(condition())

    wait_until(step, seconds=30, what=what)


def ended(works: Works) -> bool:
    return all(row.state in ("delivered", "failed") for row in rows(works))


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


@pytest.mark.parametrize("answer", ["301", "302", "307", "308"])
def test_no_redirect_is_followed(works: Works, answer: str) -> None:
    with Receiver(lambda number: answer) as receiver:
        subscribe(works, receiver)
        receiver.secret = ""
        happen(works, 1)
        sender(works).run()
        assert receiver.calls.total() == 1
        assert [(row.state, row.error) for row in rows(works)] == [("created", f"http-{answer}")]


def test_410_switches_off_at_once(works: Works) -> None:
    with Receiver(lambda number: "410") as receiver:
        endpoint = subscribe(works, receiver)
        receiver.secret = ""
        happen(works, 3)
        sender(works).run()
        assert states(works) == ["failed"] * 3
        assert "410" in (standing(works, endpoint).switched_why or "")


def test_nothing_is_sent_to_an_address_of_the_house(works: Works) -> None:
    with Receiver() as receiver:
        subscribe(works, receiver.url)
        happen(works, 1)
        sender(works, guard=Guard()).run()
        assert [(row.state, row.error) for row in rows(works)] == [("created", "refused-address")]
        assert not receiver.calls


def test_a_name_that_is_moved_into_the_house_is_refused_at_sending(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outside world's name server is the one thing here that a test cannot have."""
    real, answers = socket.getaddrinfo, iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        if host != "app.example":
            return real(host, *rest, **more)
        asked.append(host)
        return real(next(answers), *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with Receiver() as receiver:
        url = f"https://app.example:{receiver.port}/hook"
        Guard().check(url)
        subscribe(works, url)
        happen(works, 1)
        sender(works, guard=Guard()).run()
        assert [row.error for row in rows(works)] == ["refused-address"]
        assert not receiver.calls
        assert asked == ["app.example"] * 2


def test_the_address_that_was_looked_at_is_the_one_connected_to(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers otherwise each time it is asked gains nothing: it is asked once."""
    works = now_of(works)
    real, answers = socket.getaddrinfo, iter(["127.0.0.1"])

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        return real(next(answers) if host == "app.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with Receiver() as receiver:
        endpoint = subscribe(works, f"http://app.example:{receiver.port}/hook?a=b")
        receiver.secret = endpoint.secret
        happen(works, 1)
        sender(works).run()
        assert states(works) == ["delivered"]
        assert receiver.headers["host"] == f"app.example:{receiver.port}"


def test_a_dead_endpoint_is_switched_off_after_a_day_and_its_owner_is_told_once(
    works: Works, clock: Hands, tmp_path: Path
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        endpoint = subscribe(works, f"http://127.0.0.1:{nobody.getsockname()[1]}/hook?key=geheim")
        happen(works, 2)
        sending, channel, began = sender(works), Folder(tmp_path, "estafet@localhost"), clock.time
        for wait in WAITS:
            sending.run()
            assert standing(works, endpoint).off_at is None
            assert send_notices(works, channel) == 0
            clock.forward(wait * 1.25)
        sending.run()
    off = standing(works, endpoint)
    assert off.off_at is not None
    assert off.off_at - began >= HOPELESS_AFTER
    assert off.switched_by == "estafet"
    assert {(row.state, row.attempts) for row in rows(works)} <= {("failed", 11), ("failed", 10)}
    assert [send_notices(works, channel), send_notices(works, channel)] == [1, 0]
    (letter,) = tmp_path.glob("*.eml")
    text = letter.read_text()
    assert "To: tim@app.example" in text
    for expected in ("dimatikan", "no longer send", endpoint.id):
        assert expected in text
    assert "geheim" not in text


def test_a_notice_that_the_mail_server_does_not_take_is_sent_later(works: Works, clock: Hands, tmp_path: Path) -> None:
    endpoint = subscribe(works, "https://app.example/hook")
    with works.begin() as work:
        endpoints.switch_off(work.connection, endpoint.id, "estafet", "silent", work.now, notice_due=work.now)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert send_notices(works, Folder(blocked / "mail", "estafet@localhost")) == 0
    folder = Folder(tmp_path / "mail", "estafet@localhost")
    assert send_notices(works, folder) == 0
    clock.forward(timedelta(minutes=6))
    assert send_notices(works, folder) == 1


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


def test_the_log_is_kept_for_a_month(works: Works, clock: Hands) -> None:
    with Receiver() as receiver:
        endpoint = subscribe(works, receiver)
        receiver.secret = ""
        happen(works, 3)
        sender(works).run()
    assert _log(works, endpoint) == [(200, None)] * 3
    clock.forward(KEPT)
    assert tidy(works, batch=2) == 0
    clock.forward(timedelta(seconds=1))
    assert tidy(works, batch=2) == 6
    assert rows(works) == []
    assert _log(works, endpoint) == []


def test_what_an_endpoint_heard_while_it_was_removed_is_tidied_away(works: Works) -> None:
    endpoint = subscribe(works, "https://app.example/hook")
    happen(works, 1)
    with works.begin() as work:
        work.connection.execute(update(table).values(endpoint="gone"))
    assert tidy(works) == 1
    with works.begin() as work:
        assert endpoints.remove(work.connection, endpoint.id)
        assert not endpoints.remove(work.connection, endpoint.id)


def _log(works: Works, endpoint: Endpoint) -> list[tuple[int | None, str | None]]:
    with works.database.read() as connection:
        return [(row.status, row.error) for row in deliveries.attempts_of(connection, endpoint.id, 10)]
