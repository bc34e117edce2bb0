"""The tables of sign-in. What is here tells who works for the city, never who reported."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, false

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
    #: Somebody else knows the password: their own comes first.
    Column("must_change", Boolean, nullable=False, server_default=false()),
    #: What the codes of the second factor are made of, sealed; None: there is none.
    Column("factor", String(255)),
    #: The time step of the last code that was taken; none is taken twice.
    Column("factor_step", BigInteger),
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

#: Codes for whoever has lost the second factor: each opens once, and is gone then.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account", String(36), ForeignKey("accounts.id"), primary_key=True),
    #: SHA-256; there are too many to try through.
    Column("hash", String(64), primary_key=True),
)

#: Passwords and codes that were tried, until a right one; counted by what is tried, see :mod:`.tries`.
tries = Table(
    "tries",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("tried_at", Moment, nullable=False),
)
Index("tries_at", tries.c.tried_at)

#: Who did what at a desk: the account behind a message that names its office alone. Deleted by the policy's years.
acts = Table(
    "acts",
    metadata,
    #: The id of the message in the report's chain.
    Column("message", String(36), primary_key=True),
    Column("code", String(32), nullable=False),
    Column("account", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("at", Moment, nullable=False),
)
Index("acts_of", acts.c.code)
Index("acts_by", acts.c.account, acts.c.at)
Index("acts_at", acts.c.at)
