"""notify forgets a reporter, in whatever order and however often it hears of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import select

from estafet.events import encode
from estafet.relay import triage
from estafet.relay.deferral import put
from estafet.relay.failure import Failure
from estafet.relay.message import Delivery, Failed
from estafet.relay.tables import deferred
from estafet.relay.work import Works
from services.notify import store
from services.notify.channels.channel import Fate, Letter, Outcome
from services.notify.channels.folder import Folder
from services.notify.sending.sender import Sender
from services.notify.tables import deliveries, packages
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, arrive_all, event
from tests.integration.notify.sent import Scripted, opened
from tests.unit.notify import samples

GIVEN, ERASED, PACKED = "reporter.given", "reporter.erased", "referral.packaged"


def planted(works: Works) -> list[str]:
    with works.database.read() as connection:
        rows = [*connection.execute(select(store.reporters)), *connection.execute(select(packages))]
    return [str(row) for row in rows if "Sri" in str(row) or "kunci" in str(row)]


@pytest.mark.parametrize(
    "order", [names for names in permutations([GIVEN, ERASED, PACKED, GIVEN]) if names[0] != PACKED], ids=", ".join
)
def test_in_whatever_order_and_doubled(works: Works, order: tuple[str, ...]) -> None:
    arrive(works, event("directory.published", "e-0"), event("ticket.opened", "e-1", 1))
    arrive_all(works, [event(name, f"{name}-{at}") for at, name in enumerate(order)])
    assert planted(works) == []


def test_what_was_to_be_told_fails_at_once(works: Works, clock: Hands) -> None:
    opened(works)
    arrive(works, event(PACKED, "p"))
    channel = Scripted(then=Outcome(Fate.AWAY))
    sender = Sender(works, channel, URL)
    sender.run()
    channel.letters.clear()
    arrive(works, event(ERASED, "x"))
    clock.forward(timedelta(seconds=1))
    sender.run()
    assert channel.letters == []
    with works.database.read() as connection:
        ended = connection.execute(select(deliveries.c.state, deliveries.c.error)).all()
    assert {tuple(row) for row in ended} == {("permanent-failure", "erased")}


def test_private_messages_that_could_not_be_handled_are_emptied(works: Works) -> None:
    bodies = [
        encode(replace(event(name, f"{name}-{code}", code=code), data=samples.data(name)))
        for name in (GIVEN, PACKED)
        for code in (CODE, "another")
    ]
    with works.begin() as work:
        for at, body in enumerate(bodies):
            name = GIVEN if at < 2 else PACKED
            delivery = Delivery("notify.remember", body, name=name)
            put(work.connection, Failed(delivery, Failure(str(at), "", "", None)), work.now)
    arrive(works, event(ERASED, "x"))
    with works.database.read() as connection:
        rows = {int(row.error): row for row in connection.execute(select(deferred))}
    assert [bytes(rows[at].body) for at in range(4)] == [b"", bodies[1], b"", bodies[3]]
    assert [rows[at].state for at in range(4)] == ["discarded", "dead"] * 2
    assert rows[0].ended_why == triage.ERASED


def test_our_own_copies_of_letters_are_removed_and_no_others(works: Works, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    opened(works, 2)
    arrive(works, event("handoff.offered", "h", 2, code=f"{CODE}0"), event(PACKED, "p", code=f"{CODE}0"))
    sender = Sender(works, Folder(folder, "estafet@tirtajaya.example"), URL)
    sender.run()
    before = {path.name for path in folder.iterdir()}
    written = next(name for name in before if f"{CODE}0-reporter" in name)
    (folder / written).with_suffix(".part").write_text("half a letter")
    arrive(works, event(ERASED, "x", code=f"{CODE}0"))
    with works.begin() as work:
        sender.forget(work.connection, f"{CODE}0")
    left = {path.name for path in folder.iterdir()}
    gone = before - left
    assert left < before
    assert all(f"{CODE}0-reporter" in name or f"{CODE}0-regulator" in name for name in gone)
    assert not any("Sri" in path.read_text() and f"{CODE}0" in path.name for path in folder.iterdir())
    assert any(f"{CODE}1-reporter" in name for name in left)


def test_a_letter_on_its_way_while_they_are_erased_is_not_kept(works: Works, tmp_path: Path) -> None:
    """The erasure is committed between the look at the contact and the record of the letter."""
    opened(works)
    folder = Folder(tmp_path / "mail", "estafet@tirtajaya.example")

    class Slow(Folder):
        def _post(self, letter: Letter) -> Outcome:
            arrive(works, event(ERASED, "x"))
            return super()._post(letter)

    Sender(works, Slow(folder.path, folder.sender), URL).run()
    assert list(folder.path.glob("*reporter*")) == []
