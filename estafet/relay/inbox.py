"""The inbox: what makes a message that comes twice have its effect once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects import postgresql, sqlite

from estafet.relay.tables import inbox

#: (subscription, source, id)
Key = tuple[str, str, str]


def claim(connection: Connection, keys: Sequence[Key], now: datetime) -> set[Key]:
    """Insert the keys and answer those that were new.

    Insert first, never look first: after a reconnect the same message can run twice at once, and only a unique key
    makes the second wait for the first's commit. Sorted, so that two batches cannot wait for each other in a circle.
    """
    if not keys:
        return set()
    rows = [
        {"subscription": subscription, "source": source, "id": id, "handled_at": now}
        for subscription, source, id in sorted(set(keys))
    ]
    claimed = connection.execute(_claiming(connection.dialect.name), rows)
    return {(subscription, source, id) for subscription, source, id in claimed}


@cache
def _claiming(dialect: str) -> Executable:
    inserted = (postgresql if dialect == "postgresql" else sqlite).insert(inbox)
    claiming: Executable = inserted.on_conflict_do_nothing().returning(inbox.c.subscription, inbox.c.source, inbox.c.id)
    return claiming
