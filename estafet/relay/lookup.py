"""Where a message is written down: what the operator's console asks a service's outbox, inbox and deferred messages.

Names, correlations and subjects have no index, since nobody else asks for them: they are looked for in the newest rows
of the outbox, and among the deferred messages, of which there are few.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, func, literal, select

from estafet.relay.among import among
from estafet.relay.tables import deferred, inbox, outbox
from estafet.relay.triage import LISTED

#: Rows of the outbox that are read to answer one question, at most.
NEWEST = 200_000

_NEWEST = (
    select(outbox.c.id, outbox.c.name, outbox.c.correlation_id, outbox.c.created_at, outbox.c.published_at)
    .order_by(outbox.c.id.desc())
    .limit(NEWEST)
    .subquery()
)
_COMMITTED = (outbox.c.id, outbox.c.name, outbox.c.created_at, outbox.c.published_at, outbox.c.unrouted_at)


def last_of(connection: Connection, name: str, count: int) -> datetime | None:
    """When the ``count``-th newest published event of a name was committed; None: it is not among the newest rows."""
    published = (_NEWEST.c.name == name) & _NEWEST.c.published_at.is_not(None)
    newest = select(_NEWEST.c.created_at).where(published).order_by(_NEWEST.c.id.desc())
    found: datetime | None = connection.execute(newest.offset(count - 1).limit(1)).scalar_one_or_none()
    return found


def committed(connection: Connection, ids: Collection[str]) -> list[Row[Any]]:
    """Rows of the outbox: what, committed when, published when, returned when."""
    return list(connection.execute(select(*_COMMITTED).where(among(outbox.c.id, "ids")), {"ids": list(ids)}))


def committed_in(connection: Connection, correlation_id: str) -> list[Row[Any]]:
    """The same of a correlation, oldest first, with the bodies; as far as they are among the newest."""
    chosen = select(_NEWEST.c.id).where(_NEWEST.c.correlation_id == correlation_id)
    wanted = select(*_COMMITTED, outbox.c.body).where(outbox.c.id.in_(chosen)).order_by(outbox.c.id)
    return list(connection.execute(wanted))


def handled(connection: Connection, id: str) -> list[Row[Any]]:
    """(subscription, source, handled_at) of every message with an id, whoever sent it. Reads the whole inbox."""
    wanted = select(inbox.c.subscription, inbox.c.source, inbox.c.handled_at).where(inbox.c.id == id)
    return list(connection.execute(wanted.order_by(inbox.c.subscription, inbox.c.source)))


def deferred_counts(connection: Connection) -> dict[str, int]:
    """State → how many, of what waits or is dead."""
    wanted = select(deferred.c.state, func.count()).where(deferred.c.state.in_(("waiting", "dead")))
    return {state: count for state, count in connection.execute(wanted.group_by(deferred.c.state))}


def deferred_as(connection: Connection, ids: Collection[str]) -> list[Row[Any]]:
    """Deferred messages by the ids that their senders gave them, in every state, without their bodies."""
    return list(connection.execute(LISTED.where(among(deferred.c.event_id, "ids")), {"ids": list(ids)}))


def deferred_about(connection: Connection, subject: str) -> list[Row[Any]]:
    """Deferred messages about one report, in every state, without their bodies; those that could be read."""
    return list(connection.execute(LISTED.where(deferred.c.subject == subject, deferred.c.event_id.is_not(None))))


def unreadable(connection: Connection, text: str) -> list[Row[Any]]:
    """The first hundred messages that could not be read and hold a text, with their bodies, which alone say whose they
    are.
    """
    needle = literal(text.encode(), LargeBinary)
    if connection.dialect.name == "postgresql":
        place: ColumnElement[int] = func.position(needle.op("in")(deferred.c.body))
    else:
        place = func.instr(deferred.c.body, needle)
    wanted = select(deferred).where(deferred.c.event_id.is_(None), place > 0).order_by(deferred.c.first_at)
    return list(connection.execute(wanted.limit(100)))
