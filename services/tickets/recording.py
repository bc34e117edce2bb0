"""Keeping the chain: entries are appended in the transaction of what they tell, and read back as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from estafet.events import Event
from estafet.relay.work import Work
from services.tickets import chain
from services.tickets.chain import Entry, Head
from services.tickets.tables import chain as table
from services.tickets.tables import tickets

_NAMES = tuple(each.name for each in fields(Entry))
_COLUMNS = tuple(table.c[name] for name in _NAMES)
_APPEND = insert(table)


@dataclass(frozen=True, slots=True)
class Message:
    """An event, the text that was on the wire, and whether it came too late to have an effect."""

    event: Event
    body: str
    superseded: bool = False


class Recorder:
    """The end of one report's chain, in a transaction that holds the report's row."""

    def __init__(self, code: str, head: Head) -> None:
        self._code = code
        self._head = head

    def append(self, messages: Sequence[Message], work: Work) -> Head:
        """Add messages; answers the new end, which is the caller's to keep with the report."""
        for message in messages:
            entry = self._next(message)
            work.later(_APPEND, (entry.code, entry.position), {name: getattr(entry, name) for name in _NAMES})
        return self._head

    def _next(self, message: Message) -> Entry:
        event = message.event
        entry = chain.append(
            self._head,
            code=self._code,
            id=event.id,
            name=event.name,
            publisher=event.source.removeprefix("/estafet/"),
            time=event.time,
            causationid=event.causationid,
            correlationid=event.correlationid,
            superseded=message.superseded,
            body=message.body,
        )
        self._head = chain.head_of(entry)
        return entry


def entries(connection: Connection, code: str, after: int = 0, limit: int | None = None) -> Iterator[Entry]:
    """A report's chain in order, from behind a position."""
    wanted = select(*_COLUMNS).where(table.c.code == code, table.c.position > after).order_by(table.c.position)
    for row in connection.execute(wanted.limit(limit)):
        yield _entry(row)


def outline(connection: Connection, code: str) -> tuple[str | None, list[Row[Any]]]:
    """The correlation id of a report, None when there is no such report; and its chain in order, without the bodies."""
    correlation = connection.execute(select(tickets.c.correlation).where(tickets.c.code == code)).scalar_one_or_none()
    wanted = select(table.c.id, table.c.name, table.c.publisher, table.c.time).where(table.c.code == code)
    return correlation, list(connection.execute(wanted.order_by(table.c.position)))


def head(connection: Connection, code: str) -> Head:
    """Where the chain ends, as the report's own row says."""
    row = connection.execute(select(tickets.c.chain_length, tickets.c.chain_head).where(tickets.c.code == code)).one()
    return Head(row.chain_length, row.chain_head)


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries a chain was said to have when it was read, and where it is broken; None: nowhere."""

    entries: int
    broken_at: int | None


def verify(connection: Connection, code: str) -> Verified:
    """Check every hash of a report's chain.

    Entries and end are read by one statement: an entry appended in between would look like one too many.
    """
    both = select(tickets.c.chain_length, tickets.c.chain_head, *_COLUMNS).select_from(
        tickets.outerjoin(table, table.c.code == tickets.c.code)
    )
    rows = connection.execute(both.where(tickets.c.code == code).order_by(table.c.position)).all()
    end = Head(rows[0].chain_length, rows[0].chain_head)
    return Verified(end.position, chain.verify((_entry(row) for row in rows if row.position is not None), end))


def _entry(row: Row[Any]) -> Entry:
    return Entry(**{column.name: getattr(row, column.name) for column in _COLUMNS})


def codes(connection: Connection) -> Iterator[str]:
    """Every report there is, for verifying them all."""
    yield from connection.execute(select(tickets.c.code).order_by(tickets.c.code)).scalars()
