"""The books: every row the audit needs, read once when all is quiet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from estafet.relay.database import Database
from estafet.relay.tables import deferred, inbox, outbox
from services.notify.tables import deliveries
from services.tickets.tables import chain, handoffs, holdings, notes, tickets

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Committed:
    """An event in an outbox."""

    service: str
    id: str
    name: str
    subject: str | None
    cause: str | None
    data: Mapping[str, Any]
    published: bool

    def __str__(self) -> str:
        return f"{self.name} {self.id} of {self.subject}"


@dataclass(frozen=True)
class Books:
    #: (service, id) → event.
    events: Mapping[tuple[str, str], Committed]
    #: (subscription, source, id) of what was handled.
    heard: frozenset[tuple[str, str, str]]
    #: Of every service.
    deferred: Rows
    tickets: Rows
    holdings: Rows
    handoffs: Rows
    notes: Rows
    chain: Rows
    deliveries: Rows


def read(databases: Mapping[str, Database]) -> Books:
    own, told = databases["tickets"], databases["notify"]
    entry = [column for column in chain.c if column.name != "body"]
    return Books(
        events={(each.service, each.id): each for name in databases for each in _committed(name, databases[name])},
        heard=frozenset(tuple(row) for each in databases.values() for row in _rows(each, *_KEY)),
        deferred=[row for each in databases.values() for row in _rows(each, *deferred.c)],
        tickets=_rows(own, *tickets.c),
        holdings=_rows(own, *holdings.c),
        handoffs=_rows(own, *handoffs.c),
        notes=_rows(own, notes.c.id, notes.c.code),
        chain=_rows(own, *entry),
        deliveries=_rows(told, *deliveries.c),
    )


_KEY = (inbox.c.subscription, inbox.c.source, inbox.c.id)


def _rows(database: Database, *columns: Any) -> Rows:
    with database.read() as connection:
        return connection.execute(select(*columns)).all()


def _committed(service: str, database: Database) -> list[Committed]:
    found = []
    for row in _rows(database, outbox.c.id, outbox.c.name, outbox.c.body, outbox.c.published_at):
        event = json.loads(bytes(row.body))
        about = (event.get("subject"), event.get("causationid"), event.get("data", {}))
        found.append(Committed(service, row.id, row.name, *about, published=row.published_at is not None))
    return found
