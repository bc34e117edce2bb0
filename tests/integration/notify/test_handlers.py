"""Handlers, with their messages doubled and shuffled: the record is the same as if all had come once and in order."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import select

from estafet.events import Event
from estafet.relay.errors import Hopeless, NotYet
from estafet.relay.work import Works
from services.notify import handlers, store
from services.notify.tables import deliveries, directories, packages, reporters
from tests.integration.notify.conftest import CODE, arrive, arrive_all, event, prepared
from tests.unit.notify.samples import ticket


def story() -> list[Event]:
    """A report that two offices push back and forth until a coordinator decides, with an agency asked on the way."""
    desk = ticket(holder="desk", guardian=None, status="requested")
    return [
        event("directory.published", "e-0"),
        event("ticket.opened", "e-1", 1, ticket=desk),
        event("reporter.given", "e-2"),
        event("handoff.offered", "e-3", 2, ticket=desk | {"status": "offered"}, sender="desk", receiver="mill"),
        event("handoff.accepted", "e-4", 3, ticket=ticket(), sender="desk", receiver="mill"),
        event("note.added", "e-5", 3, ticket=ticket(), office=None),
        event("handoff.offered", "e-6", 5, ticket=ticket(status="offered")),
        event("handoff.refused", "e-7", 6, ticket=ticket(status="requested")),
        event("ticket.convened", "e-8", 7, ticket=ticket(status="convened", coordinator="north")),
        event("ticket.assigned", "e-9", 8, ticket=ticket(holder="lake", bound_by="north")),
        event("referral.opened", "e-10", 8, ticket=ticket(holder="lake"), office="lake"),
        event("referral.packaged", "e-11"),
        event("referral.answered", "e-12", 8, ticket=ticket(holder="lake")),
        event("ticket.resolved", "e-13", 9, ticket=ticket(holder="lake", status="resolved"), reason="fixed"),
        event("ticket.closed", "e-14", 10, ticket=ticket(holder="lake", status="closed")),
    ]


def record(works: Works) -> dict[str, Any]:
    """All that notify has come to know, without what is made up on the way (ids, times of handling)."""
    with works.database.read() as connection:
        told = connection.execute(
            select(deliveries.c.event_id, deliveries.c.recipient, deliveries.c.template, deliveries.c.facts)
        )
        return {
            "deliveries": sorted(tuple(row) for row in told),
            "standing": store.standing(connection, CODE),
            "reporters": [tuple(row) for row in connection.execute(select(reporters))],
            "packages": [tuple(row) for row in connection.execute(select(packages))],
            "directory": connection.scalar(select(directories.c.number)),
        }


def test_the_story_in_order(works: Works) -> None:
    arrive_all(works, story())
    known = record(works)
    assert known["standing"].ticket["status"] == "closed"
    told = [(id, recipient) for id, recipient, *_ in known["deliveries"]]
    assert len(told) == len(set(told)) == 23
    assert ("e-11", "regulator") in told


@pytest.mark.parametrize("seed", range(4))
def test_doubled_and_shuffled_it_is_the_same_story(works: Works, seed: int, tmp_path_factory: Any) -> None:
    shuffled = story() * 2
    random.Random(seed).shuffle(shuffled)
    arrive_all(works, shuffled)
    assert record(works) == _in_order(tmp_path_factory)


def _in_order(tmp_path_factory: Any) -> dict[str, Any]:
    database = prepared(f"sqlite:///{tmp_path_factory.mktemp('order') / 'notify.sqlite'}")
    works = Works("notify", database)
    arrive_all(works, story())
    known = record(works)
    database.engine.dispose()
    return known


def test_a_contact_that_arrives_after_its_erasure_is_not_kept(works: Works) -> None:
    arrive(works, event("reporter.erased", "e-2"), event("reporter.given", "e-1"))
    with works.database.read() as connection:
        contact = store.contacts(connection, [CODE])[CODE]
    assert contact.erased
    assert (contact.name, contact.email, contact.secret) == (None, None, None)


def test_erasing_takes_what_an_agency_was_yet_to_be_given(works: Works) -> None:
    opened = event("ticket.opened", "e-1", 1)
    arrive(works, event("directory.published", "e-0"), opened, event("referral.packaged", "e-2"))
    arrive(works, event("reporter.erased", "e-3"))
    with works.database.read() as connection:
        assert store.packages_of(connection, ["r-1"]) == {}


def test_an_older_directory_never_replaces_a_newer_one(works: Works) -> None:
    arrive(works, event("directory.published", "e-2", number=2), event("directory.published", "e-1", number=1))
    with works.database.read() as connection:
        known = store.directory(connection)
    assert known is not None
    assert known.number == 2


def test_a_new_directory_is_seen_at_once(works: Works) -> None:
    arrive(works, event("directory.published", "e-1", number=1))
    with works.database.read() as connection:
        assert (first := store.directory(connection)) is not None
        assert store.directory(connection) is first
    arrive(works, event("directory.published", "e-2", number=2))
    with works.database.read() as connection:
        assert (second := store.directory(connection)) is not None
        assert second.number == 2


def test_a_deadline_of_a_report_not_heard_of_waits(works: Works) -> None:
    passed = event("deadline.passed", "e-2", clock="hold", office="mill")
    arrive(works, event("directory.published", "e-0"))
    assert arrive(works, passed) == [passed]
    arrive(works, event("ticket.opened", "e-1", 1))
    assert arrive(works, passed) == []
    assert ("e-2", "mill", "deadline-passed-office") in {row[:3] for row in record(works)["deliveries"]}


def test_without_a_directory_everything_waits(works: Works) -> None:
    with works.begin() as work, pytest.raises(NotYet, match="estafet city load"):
        handlers.tell(event("ticket.opened", "e-1", 1), work)


def test_an_event_about_no_ticket_is_hopeless(works: Works) -> None:
    lost = event("reporter.given", "e-1", code="")
    with works.begin() as work, pytest.raises(Hopeless, match="subject"):
        handlers.remember(lost, work, lambda connection, ticket: None)


def test_a_named_agency_is_given_nothing(works: Works) -> None:
    opened = event("ticket.opened", "e-1", 1, ticket=ticket(named=["regulator"]))
    arrive(works, event("directory.published", "e-0"), opened, event("referral.packaged", "e-2"))
    assert "regulator" not in {row[1] for row in record(works)["deliveries"]}


def test_the_record_holds_no_contact(works: Works) -> None:
    arrive_all(works, story())
    with works.database.read() as connection:
        everything = str(connection.execute(select(deliveries)).all())
    for secret in ("warga.example", "Sri", "kunci-rahasia"):
        assert secret not in everything
