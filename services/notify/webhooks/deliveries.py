"""The record of what endpoints are to hear: created, sending, then delivered or failed; and of each attempt.

Claimed in one transaction, sent outside of any, recorded in another, as letters are. What a process that died had in
flight is claimed again after :data:`schedule.LEASE`, and sent under the same ``webhook-id``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Select, and_, bindparam, delete, insert, select, update

from estafet.events import Event, new_id
from estafet.relay.among import among
from estafet.relay.upserting import inserting
from estafet.relay.work import Work
from services.notify.webhooks.posting import Answer
from services.notify.webhooks.schedule import LEASE
from services.notify.webhooks.tables import attempts, deliveries, endpoints


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint, claimed by us."""

    id: str
    endpoint: str
    event_id: str
    body: bytes = field(repr=False)
    attempts: int
    claim: str


def create(work: Work, endpoint: str, event: Event, body: bytes) -> None:
    """Record one event for one endpoint, as the bytes it was published in. Recording it again changes nothing."""
    row = {
        "id": new_id(),
        "endpoint": endpoint,
        "event_source": event.source,
        "event_id": event.id,
        "event": event.name,
        "ticket": event.subject,
        "body": body,
        "state": "created",
        "attempts": 0,
        "created_at": work.now,
        "next_attempt": work.now,
    }
    work.later(_creating(work.connection.dialect.name), (endpoint, event.source, event.id), row)


@cache
def _creating(dialect: str) -> Insert:
    creating: Insert = inserting(dialect, deliveries).on_conflict_do_nothing()
    return creating


def claim(connection: Connection, endpoint: str, now: datetime, limit: int) -> list[Delivery]:
    """Take up to ``limit`` that are due for an endpoint; those that another sender is busy with are left to it."""
    due = and_(deliveries.c.state == "created", deliveries.c.next_attempt <= now)
    ids = list(connection.scalars(_first(and_(deliveries.c.endpoint == endpoint, due)).limit(limit)))
    if not ids:
        return []
    taken = connection.execute(_TAKE, {"ids": ids, "name": new_id(), "now": now})
    found = [Delivery(row.id, row.endpoint, row.event_id, row.body, row.attempts, row.claim) for row in taken]
    return sorted(found, key=lambda each: each.id)


def _first(which: ColumnElement[bool]) -> Select[Any]:
    return select(deliveries.c.id).where(which).order_by(deliveries.c.next_attempt).with_for_update(skip_locked=True)


_TAKE = (
    update(deliveries)
    .where(among(deliveries.c.id, "ids"))
    .values(state="sending", claim=bindparam("name"), claimed_at=bindparam("now"), attempts=deliveries.c.attempts + 1)
    .returning(deliveries)
)


_FREE = (
    update(deliveries)
    .where(among(deliveries.c.id, "ids"))
    .values(state="created", claim=None, next_attempt=bindparam("now"))
)


def free_left_behind(connection: Connection, now: datetime, alone: bool = False) -> None:
    """Make due again what a process that died had claimed. ``alone``: every claim is of such a one."""
    left = deliveries.c.claimed_at <= (now if alone else now - LEASE)
    ids = list(connection.scalars(_first(and_(deliveries.c.state == "sending", left))))
    if ids:
        connection.execute(_FREE, {"ids": ids, "now": now})


def end(connection: Connection, delivery: Delivery, now: datetime, error: str | None) -> None:
    """It was delivered, or, with an error, given up; unless the claim was lost."""
    state = "failed" if error else "delivered"
    values = {"state": state, "error": error, "ended_at": now, "next_attempt": None, "claim": None}
    connection.execute(_ours(delivery).values(**values))


def postpone(connection: Connection, delivery: Delivery, due: datetime, error: str) -> None:
    """It failed for now; unless the claim was lost."""
    connection.execute(_ours(delivery).values(state="created", error=error, next_attempt=due, claim=None))


def _ours(delivery: Delivery) -> Any:
    return update(deliveries).where(deliveries.c.id == delivery.id, deliveries.c.claim == delivery.claim)


def keep_attempt(connection: Connection, delivery: Delivery, at: datetime, answer: Answer) -> None:
    row = {
        "id": new_id(),
        "delivery": delivery.id,
        "endpoint": delivery.endpoint,
        "at": at,
        "milliseconds": round(answer.seconds * 1000),
        "status": answer.status,
        "error": answer.error,
    }
    connection.execute(insert(attempts).values(row))


def listing(connection: Connection, endpoint: str, limit: int) -> list[Any]:
    """The newest deliveries of an endpoint."""
    newest = select(deliveries).where(deliveries.c.endpoint == endpoint)
    return list(connection.execute(newest.order_by(deliveries.c.id.desc()).limit(limit)))


def attempts_of(connection: Connection, endpoint: str, limit: int) -> list[Any]:
    """The newest attempts at an endpoint, each with the event it was about."""
    newest = (
        select(attempts, deliveries.c.event, deliveries.c.event_id)
        .join(deliveries, deliveries.c.id == attempts.c.delivery)
        .where(attempts.c.endpoint == endpoint)
        .order_by(attempts.c.at.desc(), attempts.c.id.desc())
    )
    return list(connection.execute(newest.limit(limit)))


def replay(
    connection: Connection, endpoint: str, now: datetime, since: datetime | None = None, delivery: str | None = None
) -> int:
    """Make due again what ended, with all attempts before it; answers how many.

    One delivery; or all there were since then; or, without either, all that failed.
    """
    ended = deliveries.c.state.in_(("delivered", "failed"))
    if delivery is not None:
        which = deliveries.c.id == delivery
    elif since is not None:
        which = deliveries.c.created_at >= since
    else:
        which = deliveries.c.state == "failed"
    fresh = {"state": "created", "attempts": 0, "next_attempt": now, "ended_at": None, "error": None}
    again = update(deliveries).where(deliveries.c.endpoint == endpoint, ended, which).values(**fresh)
    return connection.execute(again).rowcount


def forget(before: datetime, limit: int) -> tuple[Callable[[Connection], int], ...]:
    """Deletes a batch of what was tried, or ended, before then; answers how many rows."""

    def old_attempts(connection: Connection) -> int:
        some = select(attempts.c.id).where(attempts.c.at < before).limit(limit)
        return connection.execute(delete(attempts).where(attempts.c.id.in_(some))).rowcount

    def old_deliveries(connection: Connection) -> int:
        some = select(deliveries.c.id).where(deliveries.c.ended_at < before).limit(limit)
        return connection.execute(delete(deliveries).where(deliveries.c.id.in_(some))).rowcount

    def orphans(connection: Connection) -> int:
        """Heard while their endpoint was being removed."""
        some = select(deliveries.c.id).where(deliveries.c.endpoint.not_in(select(endpoints.c.id))).limit(limit)
        return connection.execute(delete(deliveries).where(deliveries.c.id.in_(some))).rowcount

    return old_attempts, old_deliveries, orphans
