"""What was sent is kept for a month, and what an endpoint left behind is tidied away."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from estafet.relay.work import Works
from services.notify.webhooks import deliveries, endpoints
from services.notify.webhooks.endpoints import Endpoint
from services.notify.webhooks.tables import deliveries as table
from services.notify.webhooks.tidying import KEPT, tidy
from tests.integration.notify.conftest import Hands
from tests.integration.notify.webhooks.conftest import (
    happen,
    rows,
    sender,
    subscribe,
)
from tests.support.receiver import Receiver


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
