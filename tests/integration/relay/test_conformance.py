"""What every transport must do with every database: each message has its effect once, on both forms."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter

import pytest

from estafet.events import Event, encode
from estafet.relay.work import Work
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.station import ERASED, EXCHANGE, Handled, effects_of, erased, remember
from tests.support.messages import doubled, event, shuffled

pytestmark = pytest.mark.usefixtures("impatient")

#: The data of a ``notification.failed``.
FAILED = {
    "delivery": "d",
    "template": "handoff-offered",
    "audience": "reporter",
    "recipient": "reporter",
    "channel": "email",
    "error": "SMTPRecipientsRefused",
}


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
