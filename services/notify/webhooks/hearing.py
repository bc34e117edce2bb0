"""In the transaction that handles an event: what each endpoint is to hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from estafet.events import Event, encode
from estafet.relay.work import Work
from services.notify.webhooks import deliveries, endpoints
from services.notify.webhooks.endpoints import Endpoint
from services.notify.webhooks.matching import hears

#: How long a look at the endpoints is believed: so long after it was added, an endpoint hears.
BELIEVED = timedelta(seconds=2)


def hear(event: Event, work: Work, ticket: Mapping[str, Any]) -> None:
    """Record a delivery for each endpoint that hears this event. Hearing it again changes nothing."""
    listening = work.once(_listening, lambda: _listening(work))
    confidential = bool(ticket["confidential"]) or event.dataclassification is not None
    for each in listening:
        if hears(each.interest, event.name, ticket["category"], confidential):
            body = work.delivery.body if work.delivery else encode(event)
            deliveries.create(work, each.id, event, body)


def _listening(work: Work) -> list[Endpoint]:
    """The endpoints that are on, as of just now.

    The copy in memory belongs to the database connection (``Connection.info``), so it never outlives its database.
    """
    connection: Connection = work.connection
    seen = connection.info.get("webhooks")
    if seen is None or not timedelta(0) <= work.now - seen[0] < BELIEVED:
        seen = work.now, endpoints.all_on(connection)
        connection.info["webhooks"] = seen
    listening: list[Endpoint] = seen[1]
    return listening
