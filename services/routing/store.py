"""Routing's tables, and the queries on them: directories, and the cases and clocks that need something done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from estafet.relay.among import among
from estafet.relay.tables import Moment
from estafet.relay.work import Work

#: Of a clock: (ticket, clock, referral).
Key = tuple[str, str, str]

metadata = MetaData()

#: Every directory that was ever loaded; the one with the highest number is in force.
directories = Table(
    "directories",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    #: SHA-256 of the document.
    Column("edition", String(64), nullable=False),
    Column("document", Text, nullable=False),
    Column("loaded_at", Moment, nullable=False),
)

#: What is remembered of each report, to time it.
cases = Table(
    "cases",
    metadata,
    Column("ticket", String(255), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("holder", String(64), nullable=False),
    Column("offered_to", String(64)),
    #: Number of the directory its clocks were worked out with.
    Column("directory", Integer, nullable=False),
    Column("document", Text, nullable=False),
)
_open = cases.c.status != "closed"
Index("cases_holder", cases.c.holder, postgresql_where=_open, sqlite_where=_open)
Index("cases_offered_to", cases.c.offered_to, postgresql_where=_open, sqlite_where=_open)
Index("cases_directory", cases.c.directory, postgresql_where=_open, sqlite_where=_open)

#: The clocks that run.
clocks = Table(
    "clocks",
    metadata,
    Column("ticket", String(255), primary_key=True),
    Column("clock", String(16), primary_key=True),
    #: Which referral's clock it is; empty for the others.
    Column("referral", String(255), primary_key=True),
    #: Tells this setting of the clock from another.
    Column("mark", String(320), nullable=False),
    Column("version", Integer, nullable=False),
    Column("due", Moment, nullable=False),
    #: When it next has something to say: its warning, then its end; None: it has said all.
    Column("next_at", Moment),
    Column("office", String(64)),
    Column("coordinator", String(64)),
    Column("handoff", String(255)),
    #: The event that set it, the first event of the report's chain, and whether its category is confidential.
    Column("cause", String(255), nullable=False),
    Column("correlation", String(255), nullable=False),
    Column("confidential", Boolean, nullable=False),
)
_ticking = clocks.c.next_at.is_not(None)
Index("clocks_next", clocks.c.next_at, postgresql_where=_ticking, sqlite_where=_ticking)


def lock(connection: Connection, tickets: Collection[str]) -> None:
    """Let nobody else work on these reports until the transaction ends.

    In sorted order, so that two batches cannot wait for each other in a circle. The lock is on the name, because the
    row may not be there yet. SQLite's transactions that write come one at a time anyway.
    """
    if connection.dialect.name == "postgresql" and tickets:
        keys = sorted({_lock_key(ticket) for ticket in tickets})
        connection.execute(
            text("select pg_advisory_xact_lock(key) from unnest(cast(:keys as bigint[])) as key"), {"keys": keys}
        )


def _lock_key(ticket: str) -> int:
    return int.from_bytes(hashlib.blake2b(ticket.encode(), digest_size=8).digest(), signed=True)


# Statements that every event needs are built once: building one takes longer than running it.
_NEWEST = select(directories.c.number, directories.c.edition).order_by(directories.c.number.desc()).limit(1)
_OUTDATED = (
    select(cases.c.ticket)
    .where(_open, cases.c.directory < bindparam("newest"))
    .order_by(cases.c.ticket)
    .limit(bindparam("most", type_=Integer))
)
_RINGING = (
    select(clocks)
    .where(clocks.c.next_at <= bindparam("now"))
    .order_by(clocks.c.next_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_IS_RINGING = select(clocks.c.clock).where(clocks.c.next_at <= bindparam("now")).limit(1)
_DOCUMENTS = select(cases.c.ticket, cases.c.document).where(among(cases.c.ticket, "tickets"))
_RUNNING = select(clocks).where(among(clocks.c.ticket, "tickets"))
_this = (
    (clocks.c.ticket == bindparam("of"))
    & (clocks.c.clock == bindparam("named"))
    & (clocks.c.referral == bindparam("to"))
)
_WIND = update(clocks).where(_this).values(next_at=bindparam("then"), due=bindparam("ends"))
_STOP = delete(clocks).where(_this)


def newest_directory(connection: Connection) -> tuple[int, str] | None:
    """Number and edition of the directory in force."""
    row = connection.execute(_NEWEST).one_or_none()
    return None if row is None else (row.number, row.edition)


def directory_document(connection: Connection, number: int) -> dict[str, Any]:
    stored = connection.execute(select(directories.c.document).where(directories.c.number == number)).scalar_one()
    document: dict[str, Any] = json.loads(stored)
    return document


def add_directory(connection: Connection, number: int, edition: str, document: bytes, now: datetime) -> None:
    row = {"number": number, "edition": edition, "document": document.decode(), "loaded_at": now}
    connection.execute(insert(directories), row)


def lock_directories(connection: Connection) -> None:
    """Let nobody else load a directory until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table directories in share row exclusive mode"))


def open_reports(connection: Connection) -> dict[str, int]:
    """How many reports each office holds or is offered. An office with none is not there."""
    counts: dict[str, int] = {}
    for column in (cases.c.holder, cases.c.offered_to):
        query = select(column, func.count()).where(_open, column.is_not(None)).group_by(column)
        for office, count in connection.execute(query):
            counts[office] = counts.get(office, 0) + count
    return counts


def case_documents(connection: Connection, tickets: Collection[str]) -> dict[str, str]:
    """Report → its case as text. A report that is not known is not there."""
    return {row.ticket: row.document for row in connection.execute(_DOCUMENTS, {"tickets": sorted(tickets)})}


def outdated_cases(connection: Connection, directory: int, limit: int) -> list[str]:
    """Open reports whose clocks were worked out with an older directory."""
    return list(connection.execute(_OUTDATED, {"newest": directory, "most": limit}).scalars())


def ringing(connection: Connection, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Clocks that have something to say, locked; those that another replica is busy with are left to it."""
    return connection.execute(_RINGING, {"now": now, "most": limit}).mappings().all()


def is_ringing(connection: Connection, now: datetime) -> bool:
    """Whether any clock has something to say."""
    return connection.execute(_IS_RINGING, {"now": now}).first() is not None


def running(connection: Connection, tickets: Collection[str]) -> dict[Key, RowMapping]:
    """The clocks of these reports."""
    if not tickets:
        return {}
    found = connection.execute(_RUNNING, {"tickets": sorted(tickets)}).mappings()
    return {(row["ticket"], row["clock"], row["referral"]): row for row in found}


def wind(work: Work, clock: RowMapping, next_at: datetime | None, due: datetime) -> None:
    """Set when a clock next has something to say."""
    key = clock["ticket"], clock["clock"], clock["referral"]
    work.later(_WIND, key, {**_named(key), "then": next_at, "ends": due})


def stop(work: Work, clock: Key) -> None:
    """A clock that is gone says nothing any more."""
    work.later(_STOP, clock, _named(clock))


def _named(clock: Key) -> dict[str, str]:
    return dict(zip(("of", "named", "to"), clock, strict=True))
