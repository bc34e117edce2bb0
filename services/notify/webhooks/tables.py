"""The tables of webhooks. Nothing in them is of a reporter: what apps may hear holds nothing personal."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

from estafet.relay.tables import Moment, partial_index

metadata = MetaData()

#: Where an app hears events.
endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("url", Text, nullable=False),
    #: Whom we write to when it is switched off.
    Column("owner", String(255), nullable=False),
    #: Names of events, and codes of categories, as JSON lists; an empty one stands for all.
    Column("events", Text, nullable=False),
    Column("categories", Text, nullable=False),
    #: Whether it hears of confidential reports too.
    Column("confidential", Boolean, nullable=False),
    #: Needed to sign, so it is kept as it is; after a rotation the old one signs too, for a while.
    Column("secret", String(128), nullable=False),
    Column("old_secret", String(128)),
    Column("old_until", Moment),
    Column("created_at", Moment, nullable=False),
    #: None: it is on. Else since when it is not.
    Column("off_at", Moment),
    #: When it was last switched off or on, by whom and why; None: never.
    Column("switched_at", Moment),
    Column("switched_by", String(128)),
    Column("switched_why", Text),
    #: Attempts that failed since one succeeded, and when the first of them was.
    Column("failures", Integer, nullable=False),
    Column("failing_since", Moment),
    #: When its owner's notice that it was switched off is tried; None: there is none to send.
    Column("notice_due", Moment),
)

#: One event for one endpoint: what becomes of it.
deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("endpoint", String(36), nullable=False),
    Column("event_source", String(255), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("event", String(64), nullable=False),
    Column("ticket", String(255)),
    #: The exact bytes that were published.
    Column("body", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt", Moment),
    #: Which sender has it, and since when.
    Column("claim", String(36)),
    Column("claimed_at", Moment),
    Column("ended_at", Moment),
    #: A class of error, such as ``http-500``; never what the endpoint said.
    Column("error", String(64)),
    UniqueConstraint("endpoint", "event_source", "event_id", name="webhook_deliveries_once"),
)
partial_index(
    "webhook_deliveries_due",
    deliveries.c.endpoint,
    deliveries.c.next_attempt,
    deliveries.c.id,
    where=deliveries.c.state == "created",
)
partial_index("webhook_deliveries_sending", deliveries.c.claimed_at, where=deliveries.c.state == "sending")
Index("webhook_deliveries_ended", deliveries.c.ended_at)

#: What was tried, each time.
attempts = Table(
    "webhook_attempts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("delivery", String(36), nullable=False),
    Column("endpoint", String(36), nullable=False),
    Column("at", Moment, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    #: Of the answer; None: there was none.
    Column("status", Integer),
    Column("error", String(64)),
)
Index("webhook_attempts_endpoint", attempts.c.endpoint, attempts.c.at)
Index("webhook_attempts_at", attempts.c.at)
