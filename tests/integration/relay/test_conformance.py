"""What every transport must do, with every database: one suite, run on both forms."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from amqp.exceptions import PreconditionFailed

from estafet.events import Event, encode
from estafet.relay import backoff, tables, triage
from estafet.relay.backoff import Backoff
from estafet.relay.errors import Hopeless, NotYet
from estafet.relay.work import Work
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.station import ERASED, Handled, Station, effects_of, remember
from tests.support.messages import doubled, event, shuffled

EXCHANGE = "tickets.private"

#: The data of a ``notification.failed``.
FAILED = {
    "delivery": "d",
    "template": "handoff-offered",
    "audience": "reporter",
    "recipient": "reporter",
    "channel": "email",
    "error": "SMTPRecipientsRefused",
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries within the test's time; the number of attempts stays."""
    monkeypatch.setattr("estafet.relay.failure.ORDINARY", Backoff(0.01, 1.1, 0.05, attempts=backoff.ORDINARY.attempts))
    monkeypatch.setattr("estafet.relay.failure.NOT_YET", Backoff(0.01, 1.1, 0.05, attempts=backoff.NOT_YET.attempts))


def erased(count: int) -> list[Event]:
    return [event(ERASED, {}, source="/estafet/tickets", subject=f"T-{number}") for number in range(count)]


def act(station: Station, action: Callable[..., int], which: Any) -> int:
    with station.database.begin() as connection:
        return action(connection, which, "ops", "to see", station.works.clock.now())


def test_an_emitted_event_arrives_once(form: Form) -> None:
    handled = Handled()
    notify = form.station("notify", remember(handled))
    tickets = form.station("tickets")
    with notify.running(), tickets.running():
        subjects = tickets.emit(450)
        wait_until(lambda: len(effects_of(notify.database)) >= 450, what="all handled")
        wait_until(lambda: tickets.unpublished() == 0, what="all marked as published")
    assert Counter(effects_of(notify.database)) == Counter(subjects)


def test_what_is_rolled_back_is_never_published(form: Form) -> None:
    handled = Handled()
    notify, tickets = form.station("notify", remember(handled)), form.station("tickets")
    with notify.running(), tickets.running():
        with contextlib.suppress(RuntimeError), tickets.works.begin() as work:
            work.emit(ERASED, {}, subject="never")
            raise RuntimeError
        [kept] = tickets.emit(1)
        wait_until(lambda: effects_of(notify.database), what="the committed one handled")
    assert effects_of(notify.database) == [kept]


def test_doubled_and_shuffled_messages_have_their_effect_once(form: Form) -> None:
    events = erased(300)
    bodies = [encode(each) for each in shuffled(doubled(events), seed=7)]
    handled = Handled()
    notify = form.station("notify", remember(handled))
    with notify.running():
        form.publish(EXCHANGE, ERASED, *bodies)
        wait_until(lambda: len(effects_of(notify.database)) >= 300, what="all handled")
        form.publish(EXCHANGE, ERASED, *bodies)  # and again, long after
        [last] = erased(1)
        form.publish(EXCHANGE, ERASED, encode(last))
        wait_until(lambda: len(effects_of(notify.database)) >= 301, what="the last handled")
    assert Counter(effects_of(notify.database)) == Counter([str(each.subject) for each in (*events, last)])


def test_the_same_id_from_another_source_is_another_message(form: Form) -> None:
    ours = event(ERASED, {}, source="/estafet/tickets", subject="ours", id="same")
    theirs = event(ERASED, {}, source="/other/city", subject="theirs", id="same")
    notify = form.station("notify", remember(Handled()))
    with notify.running():
        form.publish(EXCHANGE, ERASED, *(encode(each) for each in (ours, theirs, ours, theirs)))
        wait_until(lambda: len(effects_of(notify.database)) >= 2, what="both handled")
    assert sorted(effects_of(notify.database)) == ["ours", "theirs"]


def test_another_message_under_the_same_source_and_id_is_kept_as_a_collision(form: Form) -> None:
    """From another sender, or an app that uses its ids again; whether it comes with the first or long after."""

    def said(subject: str, **attributes: Any) -> bytes:
        return encode(event(ERASED, {}, source="/app", id="same", subject=subject, **attributes))

    first = said("first", time=datetime(2026, 5, 4, tzinfo=UTC))
    notify = form.station("notify", remember(handled := Handled()))
    with notify.running():
        form.publish(EXCHANGE, ERASED, first, said("with it"), first)
        wait_until(lambda: effects_of(notify.database) and notify.deferred("dead"), what="one handled, one dead")
        form.publish(
            EXCHANGE, ERASED, said("later"), said("first"), said("later")
        )  # the second: another try, made anew
        [last] = erased(1)
        form.publish(EXCHANGE, ERASED, encode(last))
        wait_until(lambda: len(effects_of(notify.database)) >= 2, what="the last handled")
        dead = notify.deferred("dead")
        assert act(notify, triage.replay, [row.id for row in dead]) == len(dead)
        wait_until(lambda: len(notify.deferred("dead")) == len(dead), what="dead again")
    assert handled.calls == ["first", last.subject]
    assert sorted(row.subject for row in dead) == ["later", "with it"]
    for row in dead:
        assert (row.error, row.source, row.event_id) == ("collision", "/app", "same")
        assert re.match(r"another message .* was handled at 20\d\d-", row.detail)


def test_a_collision_with_what_waits_for_another_try_loses_neither(form: Form) -> None:
    """Neither is handled, and so neither is in the inbox: both must be among the deferred."""

    def fail(event: Event, work: Work) -> None:
        raise Hopeless("whatever it says")

    notify = form.station("notify", remember(Handled(fail)))
    bodies = [encode(event(ERASED, {}, source="/app", id="same", subject=subject)) for subject in ("a", "b", "a")]
    with notify.running():
        form.publish(EXCHANGE, ERASED, *bodies)
        wait_until(lambda: len(notify.deferred("dead")) == 2, what="both dead")
    assert sorted(str(row.subject) for row in notify.deferred()) == ["a", "b"]


def test_what_an_earlier_release_handled_is_a_duplicate_whatever_it_says(form: Form) -> None:
    notify = form.station("notify", remember(handled := Handled()))
    with notify.database.begin() as connection:
        old = {"subscription": "notify.remember", "source": "/app", "id": "old"}
        connection.execute(tables.inbox.insert().values(**old, handled_at=notify.works.clock.now()))
    with notify.running():
        old_one = event(ERASED, {}, source="/app", id="old", subject="old")
        form.publish(EXCHANGE, ERASED, *map(encode, (old_one, *erased(1))))
        wait_until(lambda: handled.calls, what="the other handled")
    assert handled.calls == ["T-0"]
    assert not notify.deferred()


def test_one_message_of_twenty_megabytes_and_one_nested_deeply_are_dead_with_their_reasons(form: Form) -> None:
    large, deep = b"x" * 20_000_000, b'{"data":' * 10_000 + b"1" + b"}" * 10_000
    notify = form.station("notify", remember(Handled()))
    with notify.running():
        if form.transport.features.persistent:
            with contextlib.suppress(PreconditionFailed):  # said to whoever sent it: see max_message_size
                form.publish(EXCHANGE, ERASED, large)
        else:
            form.publish(EXCHANGE, ERASED, large)
        form.publish(EXCHANGE, ERASED, deep, encode(erased(1)[0]))
        wait_until(lambda: effects_of(notify.database), what="their neighbour handled")
        wait_until(lambda: len(notify.deferred("dead")) == 1 + (not form.transport.features.persistent), what="dead")
    kept = {row.error: row for row in notify.deferred()}
    assert "nested deeper than 16 levels" in kept["malformed"].detail
    if "too-large" in kept:
        assert kept["too-large"].detail.startswith("20000000 bytes; at most 262144 are read")
        with notify.database.read() as connection:
            assert large.startswith(bytes(triage.show(connection, kept["too-large"].id).body))
        assert act(notify, triage.replay, [kept["too-large"].id]) == 0


def test_one_failing_message_spares_its_neighbours_and_ends_dead(form: Form) -> None:
    def fail(event: Event, work: Work) -> None:
        if event.subject == "T-42":
            raise ValueError("no such office")

    handled = Handled(fail)
    notify = form.station("notify", remember(handled))
    events = erased(100)
    with notify.running():
        form.publish(EXCHANGE, ERASED, *map(encode, events))
        wait_until(lambda: notify.deferred("dead"), what="the failing one dead")
        wait_until(lambda: len(effects_of(notify.database)) >= 99, what="the others handled")
    [dead] = notify.deferred()
    assert (dead.state, dead.error, dead.detail) == ("dead", "ValueError", "no such office")
    assert (dead.subscription, dead.name, dead.subject) == ("notify.remember", ERASED, "T-42")
    assert dead.place.endswith("fail")
    assert dead.attempts == backoff.ORDINARY.attempts
    assert Counter(effects_of(notify.database)) == Counter(f"T-{n}" for n in range(100) if n != 42)


def test_what_fails_at_first_succeeds_later_and_leaves_nothing_behind(form: Form) -> None:
    tries: Counter[str] = Counter()

    def not_yet(event: Event, work: Work) -> None:
        tries[str(event.subject)] += 1
        if tries[str(event.subject)] < 5:
            raise NotYet("its ticket has not arrived")

    notify = form.station("notify", remember(Handled(not_yet)))
    with notify.running():
        form.publish(EXCHANGE, ERASED, *map(encode, erased(5)))
        wait_until(lambda: len(effects_of(notify.database)) == 5 and not notify.deferred(), what="all handled at last")


def test_hopeless_is_dead_at_once(form: Form) -> None:
    def give_up(event: Event, work: Work) -> None:
        raise Hopeless("the ticket is closed")

    notify = form.station("notify", remember(handled := Handled(give_up)))
    with notify.running():
        form.publish(EXCHANGE, ERASED, encode(erased(1)[0]))
        wait_until(lambda: notify.deferred("dead"), what="dead")
    assert len(handled.calls) == 1


def test_broken_and_foreign_bodies_are_each_kept_byte_for_byte(form: Form) -> None:
    [good] = erased(1)
    foreign = encode(event("ticket.closed", {"how": "silence"}))
    without_id = json.dumps({k: v for k, v in json.loads(encode(good)).items() if k != "id"}).encode()
    kinds = [b"", b"\xff\xfe\x00", b'{"broken":', b"[1,2]", b'"text"', b"[" * 5000, foreign, without_id, b"{}", b"null"]
    bodies = kinds * 20
    notify = form.station("notify", remember(Handled()))
    with notify.running():
        form.publish(EXCHANGE, ERASED, *bodies, encode(good))
        wait_until(lambda: len(notify.deferred("dead")) >= 200, what="all kept")
        wait_until(lambda: effects_of(notify.database), what="the good one handled")
    with notify.database.read() as connection:
        kept = Counter(bytes(triage.show(connection, row.id).body) for row in notify.deferred())
    assert kept == Counter(bodies)
    assert {row.error for row in notify.deferred()} == {"malformed", "foreign"}
    assert effects_of(notify.database) == [good.subject]


def test_data_that_breaks_its_schema_is_dead_unless_the_handler_validates_itself(form: Form) -> None:
    wrong = event("reporter.given", {"name": 5, "secret": "hidden"}, subject="wrong")
    notify = form.station("notify", remember(Handled()))
    with notify.running():
        form.publish(EXCHANGE, "reporter.given", encode(wrong))
        wait_until(lambda: notify.deferred("dead"), what="dead")
    [dead] = notify.deferred()
    assert dead.error == "invalid"
    assert "email" in dead.detail
    assert "hidden" not in dead.detail
    lenient = form.station("notify", remember(handled := Handled(), validate=False), database=notify.database)
    with lenient.running():
        with lenient.database.begin() as connection:
            triage.replay(connection, [dead.id], "ops", "a handler that validates itself", lenient.works.clock.now())
        wait_until(lambda: handled.calls, what="handled")


def test_a_handler_emits_once_however_often_it_ran(form: Form) -> None:
    failed: set[str] = set()

    def tell(event: Event, work: Work) -> None:
        work.emit("notification.failed", FAILED, subject=event.subject)
        if event.subject not in failed:
            failed.add(str(event.subject))
            raise RuntimeError("after emitting")

    notify = form.station("notify", remember(Handled(tell)))
    with notify.running():
        form.publish(EXCHANGE, ERASED, *map(encode, doubled(erased(20))))
        wait_until(lambda: len(effects_of(notify.database)) >= 20 and not notify.deferred(), what="all handled")
        wait_until(lambda: notify.unpublished() == 0, what="all published")
    with notify.database.read() as connection:
        subjects = connection.exec_driver_sql("select count(*) from outbox").scalar_one()
    assert subjects == 20


def test_a_restart_continues_where_it_was(form: Form) -> None:
    notify, tickets = form.station("notify", remember(Handled())), form.station("tickets")
    first = tickets.emit(50)  # nobody publishes yet
    with tickets.running():
        wait_until(lambda: tickets.unpublished() == 0, what="published before anybody listens")
    again = form.station("tickets", database=tickets.database)
    with again.running(), notify.running():
        second = again.emit(50)
        wait_until(lambda: len(effects_of(notify.database)) >= 100, what="all handled")
    assert Counter(effects_of(notify.database)) == Counter(first + second)


def test_two_replicas_handle_a_doubled_message_once(form: Form) -> None:
    database = form.database("notify")
    one = form.station("notify", remember(Handled()), database=database)
    two = form.station("notify", remember(Handled()), database=database)
    bodies = [encode(each) for each in doubled(erased(200))]
    with one.running(), two.running():
        threads = [threading.Thread(target=form.publish, args=(EXCHANGE, ERASED, *bodies)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(lambda: len(effects_of(database)) >= 200, what="all handled")
        form.publish(EXCHANGE, ERASED, encode(event(ERASED, {}, subject="last")))
        wait_until(lambda: "last" in effects_of(database), what="the last handled")
    assert Counter(effects_of(database)) == Counter([*(f"T-{n}" for n in range(200)), "last"])


def test_prepare_sees_each_event_of_a_batch_once(form: Form) -> None:
    prepared: list[str] = []
    handled = Handled()
    subscription = remember(handled, prepare=lambda events, work: prepared.extend(str(e.subject) for e in events))
    form_station = form.station("notify", subscription)
    form.station("notify", subscription).transport.consuming("notify", []).close()  # declared before publishing
    form.publish(EXCHANGE, ERASED, *map(encode, doubled(erased(100))))
    with form_station.running():
        wait_until(lambda: len(effects_of(form_station.database)) >= 100, what="all handled")
    assert Counter(prepared) == Counter(handled.calls) == Counter(f"T-{n}" for n in range(100))
