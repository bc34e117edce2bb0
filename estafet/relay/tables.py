"""The relay's three tables. Every service's database has them, beside the service's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TextClause,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

metadata = MetaData()


def utc(time: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: it does not say its offset.
    """
    if time.tzinfo is None:
        raise ValueError("a time without its offset from UTC cannot be stored")
    return time.astimezone(UTC)


class Moment(TypeDecorator[datetime]):
    """A time in UTC, on PostgreSQL and on SQLite, which forgets the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return utc(value) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def partial_index(name: str, *columns: Column[Any], where: ColumnElement[bool] | TextClause) -> Index:
    """An index of some rows, on either database."""
    return Index(name, *columns, postgresql_where=where, sqlite_where=where)


#: Events to publish: the exact bytes, written in the transaction that made them true.
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("exchange", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("type", String(128), nullable=False),
    Column("correlation_id", String(255), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("published_at", Moment),
    #: The broker returned it: nobody is bound to it.
    Column("unrouted_at", Moment),
    #: The broker cannot forget it any more: with ``published_at`` where it keeps messages on disk, and where it keeps
    #: them in memory once every queue was empty. What was published but not settled is published again at start.
    Column("settled_at", Moment),
)
partial_index("outbox_unpublished", outbox.c.id, where=outbox.c.published_at.is_(None))
partial_index("outbox_unsettled", outbox.c.id, where=outbox.c.published_at.is_not(None) & outbox.c.settled_at.is_(None))

#: Messages handled. The same event has the same id for every subscriber, and only ``source`` and ``id`` together
#: are promised to be unique (CloudEvents 1.0), so the key has all three.
inbox = Table(
    "inbox",
    metadata,
    Column("subscription", String(128), primary_key=True),
    Column("source", String(255), primary_key=True),
    Column("id", String(255), primary_key=True),
    Column("handled_at", Moment, nullable=False),
    #: Of what the message said, so that another one under the same key is noticed.
    Column("digest", String(32)),
)

#: Messages that could not be handled: waiting for their next attempt, or dead.
deferred = Table(
    "deferred",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subscription", String(128), nullable=False),
    Column("source", String(255)),
    Column("event_id", String(255)),
    Column("name", String(64)),
    Column("subject", String(255)),
    Column("body", LargeBinary, nullable=False),
    #: Who published it, as the broker vouches.
    Column("publisher", String(64)),
    Column("state", String(16), nullable=False),
    Column("error", String(128), nullable=False),
    Column("detail", Text, nullable=False),
    #: Where in the code it failed; with subscription and error, what dead messages are grouped by.
    Column("place", String(255), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("due_at", Moment),
    #: Who replayed or discarded it, and why.
    Column("ended_by", String(128)),
    Column("ended_why", Text),
)
partial_index("deferred_due", deferred.c.due_at, where=deferred.c.state == "waiting")
Index("deferred_group", deferred.c.state, deferred.c.subscription, deferred.c.error, deferred.c.place)
