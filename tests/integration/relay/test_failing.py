"""What cannot be handled is tried again or kept as dead with its reason, and spares its neighbours, on both forms."""

from __future__ import annotations

import contextlib
import json
from collections import Counter

import pytest
from amqp.exceptions import PreconditionFailed

from estafet.events import Event, encode
from estafet.relay import backoff, triage
from estafet.relay.errors import Hopeless, NotYet
from estafet.relay.work import Work
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.station import ERASED, EXCHANGE, Handled, act, effects_of, erased, remember
from tests.support.messages import event

pytestmark = pytest.mark.usefixtures("impatient")


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
