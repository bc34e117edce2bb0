"""Routing's tables, and the queries on them: directories, cases and clocks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
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
from sqlalchemy.dialects import postgresql, sqlite

from estafet.relay.tables import Moment
from services.routing import caseform
from services.routing.case import Case
from services.routing.clocks import Clock

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
_CASE = select(cases.c.document).where(cases.c.ticket == bindparam("of"))
_MARKS = select(clocks.c.clock, clocks.c.referral, clocks.c.mark).where(clocks.c.ticket == bindparam("of"))
_GO_ON = (
    update(clocks)
    .where(
        clocks.c.ticket == bindparam("of"), clocks.c.clock == bindparam("named"), clocks.c.referral == bindparam("to")
    )
    .values(office=bindparam("whose"), coordinator=bindparam("told"))
)


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


def find_case(connection: Connection, ticket: str) -> Case | None:
    document = connection.execute(_CASE, {"of": ticket}).scalar_one_or_none()
    return None if document is None else caseform.load(document)


def keep_case(connection: Connection, case: Case, directory: int) -> None:
    latest = case.latest
    row = {
        "ticket": case.ticket,
        "version": latest.version,
        "status": latest.status,
        "holder": latest.holder,
        "offered_to": latest.offered_to,
        "directory": directory,
        "document": caseform.dump(case),
    }
    connection.execute(_upsert(connection.dialect.name), row)


@cache
def _upsert(dialect: str) -> Any:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(cases)
    new = {column.name: statement.excluded[column.name] for column in cases.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=[cases.c.ticket], set_=new)


def outdated_cases(connection: Connection, directory: int, limit: int) -> list[str]:
    """Open reports whose clocks were worked out with an older directory."""
    query = select(cases.c.ticket).where(_open, cases.c.directory < directory).order_by(cases.c.ticket).limit(limit)
    return list(connection.execute(query).scalars())


def set_clocks(connection: Connection, case: Case, wanted: Iterable[Clock]) -> None:
    """Make these the clocks of a report. One at the same mark goes on: what it has said is not said again."""
    there = {(row.clock, row.referral): row.mark for row in connection.execute(_MARKS, {"of": case.ticket})}
    by_key = {clock.key: clock for clock in wanted}
    going_on = [
        {"of": case.ticket, "named": key[0], "to": key[1], "whose": clock.office, "told": clock.coordinator}
        for key, clock in by_key.items()
        if there.get(key) == clock.mark
    ]
    if going_on:
        connection.execute(_GO_ON, going_on)
    for key, mark in there.items():
        if key not in by_key or by_key[key].mark != mark:
            connection.execute(delete(clocks).where(clocks.c.ticket == case.ticket, _is(key)))
    fresh = [_clock_row(case, clock) for key, clock in by_key.items() if there.get(key) != clock.mark]
    if fresh:
        connection.execute(insert(clocks), fresh)


def _is(key: tuple[str, str]) -> Any:
    return (clocks.c.clock == key[0]) & (clocks.c.referral == key[1])


def _clock_row(case: Case, clock: Clock) -> dict[str, Any]:
    warns = clock.near is not None and clock.since < clock.near < clock.due
    return {
        "ticket": case.ticket,
        "clock": clock.name,
        "referral": clock.referral or "",
        "mark": clock.mark,
        "version": clock.version,
        "due": clock.due,
        "next_at": clock.near if warns else clock.due,
        "office": clock.office,
        "coordinator": clock.coordinator,
        "handoff": clock.handoff,
        "cause": clock.cause,
        "correlation": case.correlation,
        "confidential": case.confidential,
    }


def ringing(connection: Connection, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Clocks that have something to say, locked; those that another replica is busy with are left to it."""
    query = select(clocks).where(clocks.c.next_at <= now).order_by(clocks.c.next_at).limit(limit)
    return connection.execute(query.with_for_update(skip_locked=True)).mappings().all()


def is_ringing(connection: Connection, now: datetime) -> bool:
    """Whether any clock has something to say."""
    return connection.execute(select(clocks.c.clock).where(clocks.c.next_at <= now).limit(1)).first() is not None


def wind(connection: Connection, clock: RowMapping, next_at: datetime | None, due: datetime) -> None:
    """Set when a clock next has something to say."""
    this = (clocks.c.ticket == clock["ticket"]) & _is((clock["clock"], clock["referral"]))
    connection.execute(update(clocks).where(this).values(next_at=next_at, due=due))
