"""What is recorded for endpoints when events arrive: doubled, out of order, confidential, before they were there."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.event import listen

from estafet.events import encode
from estafet.relay.message import Delivery
from estafet.relay.work import Works
from services.notify import handlers
from services.notify.webhooks import endpoints
from services.notify.webhooks.hearing import BELIEVED
from services.notify.webhooks.matching import Interest
from tests.integration.notify.conftest import Hands, arrive, event
from tests.integration.notify.webhooks.conftest import rows, subscribe
from tests.unit.notify import samples

URL = "https://app.example/hook"


@pytest.mark.parametrize("seed", range(5))
def test_doubled_and_shuffled_events_make_one_delivery_for_each_endpoint(works: Works, seed: int) -> None:
    arrive(works, event("directory.published", "e-0"))
    one, other = subscribe(works, URL), subscribe(works, URL, Interest(frozenset({"handoff.offered"})))
    events = [event(name, f"e-{name}", 1) for name in ("ticket.opened", "handoff.offered", "ticket.closed")] * 3
    random.Random(seed).shuffle(events)
    arrive(works, *events)
    found = sorted((row.endpoint, row.event) for row in rows(works))
    heard = [(one.id, name) for name in ("handoff.offered", "ticket.closed", "ticket.opened")]
    assert found == sorted([*heard, (other.id, "handoff.offered")])


def test_the_bytes_are_those_that_were_published(works: Works) -> None:
    arrive(works, event("directory.published", "e-0"))
    subscribe(works, URL)
    opened = event("ticket.opened", "e-1", 1)
    body = encode(opened).replace(b'{"spec', b'{ "later": 1, "spec')
    with works.begin() as work:
        work.cause, work.delivery = opened, Delivery("notify.tell", body)
        handlers.tell(opened, work)
    (row,) = rows(works)
    assert bytes(row.body) == body
    assert (row.event_source, row.event_id, row.ticket, row.state) == (opened.source, "e-1", opened.subject, "created")


def test_confidential_reports_are_for_endpoints_that_may_hear_of_them(works: Works) -> None:
    arrive(works, event("directory.published", "e-0"))
    subscribe(works, URL)
    trusted = subscribe(works, URL, Interest(confidential=True))
    arrive(works, event("ticket.opened", "e-1", 1, ticket=samples.ticket(confidential=True)))
    assert [row.endpoint for row in rows(works)] == [trusted.id]


def test_an_endpoint_hears_of_its_categories_alone(works: Works) -> None:
    arrive(works, event("directory.published", "e-0"))
    fire = subscribe(works, URL, Interest(categories=frozenset({"fire"})))
    arrive(
        works,
        event("ticket.opened", "e-1", 1),
        event("ticket.opened", "e-2", 1, "TRT-2", ticket=samples.ticket(category="fire")),
    )
    assert [(row.endpoint, row.event_id) for row in rows(works)] == [(fire.id, "e-2")]


def test_an_endpoint_hears_soon_after_it_was_added_and_not_while_it_is_off(works: Works, clock: Hands) -> None:
    arrive(works, event("directory.published", "e-0"), event("ticket.opened", "e-1", 1))
    endpoint = subscribe(works, URL)
    clock.forward(BELIEVED)
    arrive(works, event("ticket.opened", "e-2", 1, "TRT-2"))
    with works.begin() as work:
        assert endpoints.switch_off(work.connection, endpoint.id, "sri", "moves", work.now)
        assert not endpoints.switch_off(work.connection, endpoint.id, "sri", "moves", work.now)
    clock.forward(BELIEVED)
    arrive(works, event("ticket.opened", "e-3", 1, "TRT-3"))
    assert [(row.event_id, row.state, row.error) for row in rows(works)] == [("e-2", "failed", "switched-off")]
    with works.begin() as work:
        assert endpoints.switch_on(work.connection, endpoint.id, "sri", "moved", work.now)
    clock.forward(BELIEVED + timedelta(seconds=1))
    arrive(works, event("ticket.opened", "e-4", 1, "TRT-4"))
    assert [row.event_id for row in rows(works)] == ["e-2", "e-4"]


def test_without_an_endpoint_many_batches_ask_once_and_record_nothing(works: Works) -> None:
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "webhook" in statement:
            asked.append(statement)

    listen(works.database.engine, "before_cursor_execute", note)
    arrive(works, event("directory.published", "e-0"))
    for number in range(20):
        arrive(works, event("ticket.opened", f"e-{number}", 1, f"TRT-{number}"))
    assert len(asked) == 1
    assert asked[0].startswith("SELECT")
    assert rows(works) == []
