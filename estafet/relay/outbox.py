"""The outbox: what is committed and not yet published, read by state and never by position.

Insert order is not commit order: a reader that keeps a position steps over rows that commit late. So every pass begins
at the front, and reads what has no ``published_at``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select, update

from estafet.events import contract, first_id
from estafet.relay.among import among
from estafet.relay.tables import Moment, outbox
from estafet.relay.transport import Outgoing

_COLUMNS = (outbox.c.id, outbox.c.exchange, outbox.c.name, outbox.c.type, outbox.c.correlation_id, outbox.c.body)
# Built once: SQLAlchemy takes longer to build a statement than the database to run it.
_PENDING = (
    select(*_COLUMNS, func.coalesce(outbox.c.created_at < bindparam("began", type_=Moment), False).label("again"))
    .where(
        outbox.c.published_at.is_(None),
        outbox.c.id > bindparam("after"),
        outbox.c.created_at <= bindparam("before", type_=Moment),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most", type_=Integer))
)
_PENDING_ROUTED = _PENDING.where(outbox.c.unrouted_at.is_(None))
_these = among(outbox.c.id, "ids")
PUT = insert(outbox)
_PUBLISHED = update(outbox).where(_these).values(published_at=bindparam("published"), settled_at=bindparam("settled"))
_UNROUTED = update(outbox).where(_these).values(unrouted_at=bindparam("unrouted"))
_UNSETTLED = outbox.c.published_at.is_not(None) & outbox.c.settled_at.is_(None)
_BACKLOG = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.published_at.is_(None))


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits to be published, and since when."""

    count: int
    oldest: datetime | None


def row(event: Outgoing, now: datetime) -> dict[str, Any]:
    """The row of an event, for :data:`PUT`: it is published once this transaction is committed."""
    return {
        "id": event.id,
        "exchange": event.exchange,
        "name": event.name,
        "type": event.type,
        "correlation_id": event.correlation_id,
        "body": event.body,
        "created_at": now,
    }


def pending(
    connection: Connection,
    limit: int,
    before: datetime,
    after: str = "",
    unrouted: bool = True,
    began: datetime | None = None,
) -> list[Outgoing]:
    """Up to ``limit`` unpublished rows in id order, written ``before`` a time, those with an id above ``after``.

    ``unrouted`` says whether rows the broker returned before are offered again. What is older than ``began`` may have
    been published by a process that ended, to a broker that forgot.
    """
    statement = _PENDING if unrouted else _PENDING_ROUTED
    found = connection.execute(statement, {"before": before, "after": after, "most": limit, "began": began})
    return [Outgoing(**row, needed=is_needed(row["name"])) for row in found.mappings()]


def is_needed(name: str) -> bool:
    """Whether somebody must be bound to it. Of what this release does not know nobody can say that it is not."""
    try:
        return bool(contract(name).listeners)
    except KeyError:
        return True


def mark_published(connection: Connection, ids: Collection[str], now: datetime, settled: bool) -> None:
    """The broker has them; ``settled`` when it cannot forget them."""
    if ids:
        connection.execute(_PUBLISHED, {"ids": list(ids), "published": now, "settled": now if settled else None})


def mark_unrouted(connection: Connection, ids: Collection[str], now: datetime) -> None:
    """Nobody is bound to them."""
    if ids:
        connection.execute(_UNROUTED, {"ids": list(ids), "unrouted": now})


def settle(connection: Connection, now: datetime) -> int:
    """Everything published so far arrived; answers how many rows that were."""
    return connection.execute(update(outbox).where(_UNSETTLED).values(settled_at=now)).rowcount


def unpublish_unsettled(connection: Connection) -> int:
    """At start: what the broker may have forgotten counts as unpublished; answers how many rows."""
    return connection.execute(update(outbox).where(_UNSETTLED).values(published_at=None)).rowcount


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` rows that the broker cannot forget any more, settled before a time; answers how many.

    Ids begin with their time (RFC 9562, UUIDv7), so the oldest are found at the front of the primary key.
    """
    oldest = (outbox.c.id < first_id(before), outbox.c.settled_at < before)
    chosen = select(outbox.c.id).where(*oldest).order_by(outbox.c.id).limit(limit)
    return connection.execute(delete(outbox).where(outbox.c.id.in_(chosen.scalar_subquery()))).rowcount


def backlog(connection: Connection) -> Backlog:
    """What waits now."""
    count, oldest = connection.execute(_BACKLOG).one()
    return Backlog(count, oldest)
