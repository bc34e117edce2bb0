"""Messages under one source and id: a repetition is a duplicate, and another message is kept, on both forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from estafet.events import Event, encode
from estafet.relay import tables, triage
from estafet.relay.errors import Hopeless
from estafet.relay.work import Work
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.station import ERASED, EXCHANGE, Handled, act, effects_of, erased, remember
from tests.support.messages import event

pytestmark = pytest.mark.usefixtures("impatient")


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
