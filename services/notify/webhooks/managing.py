"""What the operator does with webhooks: add one, try it, send again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from estafet.events import Event, encode, new_id
from estafet.relay.work import Work
from services.notify import store
from services.notify.webhooks import deliveries, endpoints
from services.notify.webhooks.endpoints import Endpoint
from services.notify.webhooks.matching import EVENTS, Interest

#: The event that only says that a webhook works. It is of no contract, and published nowhere else.
TEST = "webhook.tested"

_LONGEST_OWNER = 255


def add(connection: Connection, url: str, owner: str, interest: Interest, now: datetime) -> Endpoint:
    """A new endpoint. Whether webhooks may go there has been looked at (:class:`.guard.Guard`).

    Raises:
        ValueError: something of it cannot be; the message says what, and what can be.
    """
    _check_owner(owner)
    if unknown := interest.events - set(EVENTS):
        raise ValueError(f"no webhook hears {_listed(unknown)}; it may be {_listed(EVENTS)}")
    directory = store.directory(connection)
    known = set(directory.categories) if directory else set()
    if interest.categories and directory is None:
        raise ValueError("the city's categories are not known here yet: load the city first, estafet city load")
    if unknown := interest.categories - known:
        raise ValueError(f"there is no category {_listed(unknown)}; it may be {_listed(known)}")
    return endpoints.add(connection, url, owner, interest, now)


def test(work: Work, id: str) -> None:
    """Send it an event that says nothing.

    Raises:
        LookupError: there is none with this id.
        ValueError: it is switched off.
    """
    if endpoints.find(work.connection, id).off_at:
        raise ValueError("it is switched off")
    event_id = new_id()
    event = Event(TEST, "/estafet/notify", {}, event_id, work.now, correlationid=event_id)
    deliveries.create(work, id, event, encode(event))


def replay(connection: Connection, id: str, now: datetime, since: datetime | None, delivery: str | None) -> int:
    """Send again: one delivery; or all there were since then; or, without either, all that failed. Answers how many.

    Raises:
        LookupError: there is no endpoint with this id.
        ValueError: it is switched off.
    """
    if endpoints.find(connection, id).off_at:
        raise ValueError("it is switched off")
    return deliveries.replay(connection, id, now, since, delivery)


def _check_owner(owner: str) -> None:
    local, at, domain = owner.rpartition("@")
    plain = owner.isprintable() and not any(each.isspace() for each in owner) and len(owner) <= _LONGEST_OWNER
    if not (local and at and domain and plain):
        raise ValueError("the owner must be an email address, such as tim@app.example")


def _listed(some: Collection[str]) -> str:
    return ", ".join(sorted(some))
