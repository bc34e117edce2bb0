"""The outbox: what is committed and not yet published, read by state and never by position.

Insert order is not commit order: a reader that keeps a position steps over rows that commit late. So every pass begins
at the front, and reads what has no ``published_at``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from estafet.relay.tables import outbox
from estafet.relay.transport import Outgoing

_COLUMNS = (outbox.c.id, outbox.c.exchange, outbox.c.name, outbox.c.type, outbox.c.correlation_id, outbox.c.body)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits to be published, and since when."""

    count: int
    oldest: datetime | None


def pending(connection: Connection, limit: int, after: str = "", unrouted: bool = True) -> list[Outgoing]:
    """Up to ``limit`` unpublished rows in id order, those with an id above ``after``.

    ``unrouted`` says whether rows the broker returned before are offered again.
    """
    statement = select(*_COLUMNS).where(outbox.c.published_at.is_(None), outbox.c.id > after)
    if not unrouted:
        statement = statement.where(outbox.c.unrouted_at.is_(None))
    return [Outgoing(*row) for row in connection.execute(statement.order_by(outbox.c.id).limit(limit))]


def mark_published(connection: Connection, ids: Collection[str], now: datetime, settled: bool) -> None:
    """The broker has them; ``settled`` when it cannot forget them."""
    _set(connection, ids, published_at=now, settled_at=now if settled else None)


def mark_unrouted(connection: Connection, ids: Collection[str], now: datetime) -> None:
    """Nobody is bound to them."""
    _set(connection, ids, unrouted_at=now)


def settle(connection: Connection, now: datetime) -> int:
    """Everything published so far arrived; answers how many rows that were."""
    unsettled = outbox.c.published_at.is_not(None) & outbox.c.settled_at.is_(None)
    return connection.execute(update(outbox).where(unsettled).values(settled_at=now)).rowcount


def unsettled_again(connection: Connection) -> int:
    """At start: what the broker may have forgotten counts as unpublished; answers how many rows."""
    unsettled = outbox.c.published_at.is_not(None) & outbox.c.settled_at.is_(None)
    return connection.execute(update(outbox).where(unsettled).values(published_at=None)).rowcount


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` rows that the broker cannot forget any more, settled before a time; answers how many.

    Ids begin with their time (RFC 9562, UUIDv7), so the oldest are found at the front of the primary key.
    """
    milliseconds = f"{int(before.timestamp() * 1000):012x}"
    oldest = (outbox.c.id < f"{milliseconds[:8]}-{milliseconds[8:]}", outbox.c.settled_at < before)
    chosen = select(outbox.c.id).where(*oldest).order_by(outbox.c.id).limit(limit)
    return connection.execute(delete(outbox).where(outbox.c.id.in_(chosen.scalar_subquery()))).rowcount


def backlog(connection: Connection) -> Backlog:
    """For the gauges."""
    statement = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.published_at.is_(None))
    count, oldest = connection.execute(statement).one()
    return Backlog(count, oldest)


def _set(connection: Connection, ids: Collection[str], **values: datetime | None) -> None:
    if ids:
        connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(values))
