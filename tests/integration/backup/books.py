"""What services keep of events, written as the relay writes it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import insert, select

from estafet.events import contract, new_id
from estafet.relay import inbox
from estafet.relay.database import Database
from estafet.relay.deferral import put
from estafet.relay.failure import Failure
from estafet.relay.message import Delivery, Failed
from estafet.relay.outbox import row
from estafet.relay.tables import deferred, outbox
from estafet.relay.transport import Outgoing


def commit(database: Database, name: str, published: bool = True) -> str:
    """An event in the outbox; its id."""
    id, now, agreed = new_id(), datetime.now(UTC), contract(name)
    event = Outgoing(id, agreed.exchange, name, agreed.type, id, b"{}", needed=True)
    with database.begin() as connection:
        connection.execute(insert(outbox), row(event, now))
        if published:
            connection.execute(outbox.update().where(outbox.c.id == id).values(published_at=now, settled_at=now))
    return id


def hear(database: Database, listener: str, publisher: str, *ids: str) -> None:
    with database.begin() as connection:
        keys = [(listener, f"/estafet/{publisher}", id) for id in ids]
        inbox.claim(connection, dict.fromkeys(keys, ""), datetime.now(UTC))


def put_away(database: Database, listener: str, publisher: str, id: str, state: str) -> None:
    with database.begin() as connection:
        put(connection, Failed(Delivery(listener, b"{}"), Failure("invalid", "", "", None)), datetime.now(UTC))
        known = {"source": f"/estafet/{publisher}", "event_id": id, "state": state, "id": id}
        connection.execute(deferred.update().where(deferred.c.event_id.is_(None)).values(**known))


def unpublished(database: Database) -> Collection[str]:
    with database.read() as connection:
        return set(connection.execute(select(outbox.c.id).where(outbox.c.published_at.is_(None))).scalars())
