"""The inbox: what makes a message that comes twice have its effect once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Insert, delete, select, tuple_

from estafet.events import Event, first_id
from estafet.relay.tables import inbox
from estafet.relay.upserting import inserting
from estafet.relay.writing import insert_all

#: (subscription, source, id)
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message handled before, under the same key. ``digest`` is None when an earlier release handled it."""

    digest: str | None
    handled_at: datetime


def digest(event: Event) -> str:
    """Of what an event says: its type, subject, the subject's version and data, as they came.

    Not of its time or its bytes: an app that makes its event anew for another try has not said anything else.
    """
    said = json.dumps(
        [event.type, event.subject, event.subjectversion, event.data], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def claim(connection: Connection, said: Mapping[Key, str], now: datetime) -> set[Key]:
    """Insert the keys, each with its digest, and answer those that were new.

    Insert first, never look first: after a reconnect the same message can run twice at once, and only a unique key
    makes the second wait for the first's commit. Sorted, so that two batches cannot wait for each other in a circle.
    """
    if not said:
        return set()
    rows = [
        {"subscription": subscription, "source": source, "id": id, "handled_at": now, "digest": digest}
        for (subscription, source, id), digest in sorted(said.items())
    ]
    claimed = insert_all(connection, _claiming(connection.dialect.name), rows)
    return {(row.subscription, row.source, row.id) for row in claimed}


@cache
def _claiming(dialect: str) -> Insert:
    inserted = inserting(dialect, inbox)
    key = (inbox.c.subscription, inbox.c.source, inbox.c.id)
    claiming: Insert = inserted.on_conflict_do_nothing().returning(*key)
    return claiming


def earlier(connection: Connection, keys: Collection[Key]) -> dict[Key, Earlier]:
    """What was handled under these keys. To decide by it alone would be to look first."""
    if not keys:
        return {}
    key = (inbox.c.subscription, inbox.c.source, inbox.c.id)
    statement = select(*key, inbox.c.digest, inbox.c.handled_at).where(tuple_(*key).in_(sorted(keys)))
    return {(row[0], row[1], row[2]): Earlier(row.digest, row.handled_at) for row in connection.execute(statement)}


def forget(connection: Connection, listener: str, source: str, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` keys of a service's events, made and handled before a time; answers how many.

    Their ids begin with their time, so the oldest are found at the front of what the primary key has of them.
    """
    theirs = (inbox.c.subscription == listener, inbox.c.source == source)
    oldest = (*theirs, inbox.c.id < first_id(before), inbox.c.handled_at < before)
    chosen = select(inbox.c.id).where(*oldest).order_by(inbox.c.id).limit(limit)
    return connection.execute(delete(inbox).where(*theirs, inbox.c.id.in_(chosen.scalar_subquery()))).rowcount
