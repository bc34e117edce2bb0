"""The inbox: what makes a message that comes twice have its effect once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection
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
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(inbox).on_conflict_do_nothing().returning(inbox.c.subscription, inbox.c.source, inbox.c.id)
    )
    return {(row.subscription, row.source, row.id) for row in connection.execute(statement, rows)}
