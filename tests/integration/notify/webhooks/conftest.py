"""notify's webhooks on real databases, to a real HTTP server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from sqlalchemy import select

from estafet.events import new_id
from estafet.relay.work import Works
from services.notify.webhooks import endpoints
from services.notify.webhooks.endpoints import Endpoint
from services.notify.webhooks.guard import Guard
from services.notify.webhooks.matching import Interest
from services.notify.webhooks.posting import Poster
from services.notify.webhooks.schedule import WAITS
from services.notify.webhooks.sender import Sender
from services.notify.webhooks.tables import deliveries
from tests.bed.process import wait_until
from tests.integration.notify.conftest import Hands, arrive, clock, event, works
from tests.support.receiver import Receiver

__all__ = ["Hands", "clock", "works"]

#: This machine, which the operator allows here.
HERE = Guard((ip_network("127.0.0.0/8"), ip_network("::1/128")))


def subscribe(works: Works, to: Receiver | str, interest: Interest | None = None) -> Endpoint:
    url = to if isinstance(to, str) else to.url
    with works.begin() as work:
        endpoint = endpoints.add(work.connection, url, "tim@app.example", interest or Interest(), work.now)
    if isinstance(to, Receiver):
        to.secret = endpoint.secret
    return endpoint


def sender(works: Works, guard: Guard = HERE, waits: Sequence[timedelta] = WAITS) -> Sender:
    return Sender(works, Poster(guard), waits)


def happen(works: Works, count: int) -> set[str]:
    """So many events; answers their ids."""
    ids = [new_id() for _ in range(count)]
    arrive(works, event("directory.published", new_id()))
    arrive(works, *(event("ticket.opened", id, 1, f"TRT-{number}") for number, id in enumerate(ids)))
    return set(ids)


def now_of(works: Works) -> Works:
    """The same database by the real clock: receivers refuse what was signed at another time."""
    return Works(works.service, works.database)


def run_until(sending: Sender, condition: Callable[[], object], what: str) -> None:
    def step() -> bool:
        sending.run(0.5)
        return bool(condition())

    wait_until(step, seconds=30, what=what)


def rows(works: Works) -> list[Any]:
    """All deliveries."""
    with works.database.read() as connection:
        return list(connection.execute(select(deliveries).order_by(deliveries.c.id)))


def states(works: Works) -> list[str]:
    return [row.state for row in rows(works)]


def ended(works: Works) -> bool:
    return all(each in ("delivered", "failed") for each in states(works))


def standing(works: Works, endpoint: Endpoint) -> Endpoint:
    """How an endpoint is now."""
    with works.database.read() as connection:
        return endpoints.find(connection, endpoint.id)
