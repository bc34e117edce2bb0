"""The tables of sign-in. What is here tells who works for the city, never who reported."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table

from estafet.relay.tables import Moment

metadata = MetaData()

#: People who act for an office, or read for all. Nobody is ever deleted: what they did was done by somebody.
accounts = Table(
    "accounts",
    metadata,
    Column("id", String(36), primary_key=True),
    #: What they sign in with, in small letters.
    Column("name", String(64), nullable=False, unique=True),
    #: As a token's: ``officer``, ``coordinator``, ``auditor``, ``ops``.
    Column("role", String(16), nullable=False),
    Column("office", String(64)),
    #: By argon2id, in its own notation. None: they sign in by the city's own identity provider alone.
    Column("password", String(200)),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),
    #: Wrong passwords since the last right one, and until when none is looked at.
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
)

#: Browsers that somebody signed in with.
sessions = Table(
    "sessions",
    metadata,
    #: SHA-256 of what the browser's cookie says.
    Column("hash", String(64), primary_key=True),
    Column("account", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
Index("sessions_of", sessions.c.account)
Index("sessions_seen", sessions.c.seen_at)
