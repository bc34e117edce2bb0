"""notify's own tables, beside the relay's three."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from estafet.relay.tables import Moment, partial_index

metadata = MetaData()

#: The tables where what a reporter gave or wrote may stand. Of the relay's, ``deferred`` may (a private message that
#: could not be handled). No other may hold anything of it.
PERSONAL = ("reporters", "packages")

#: The directory as last published: one row.
directories = Table(
    "directory",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

#: How each report stood when we last heard of it: deadlines, which carry no ticket, are told by this.
standings = Table(
    "standings",
    metadata,
    Column("ticket", String(255), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

#: Who reported and how to reach them: the only place where notify keeps a contact. Erasing empties the row and keeps
#: it, so that a contact that arrives late is not kept after all.
reporters = Table(
    "reporters",
    metadata,
    Column("ticket", String(255), primary_key=True),
    Column("given_at", Moment),
    Column("erased_at", Moment),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("telegram", Text),
    Column("locale", String(8), nullable=False),
    Column("secret", Text),
    #: Since when the reporter is sent only what needs an answer.
    Column("stopped_at", Moment),
)

#: What an agency is to be given, until it was given.
packages = Table(
    "packages",
    metadata,
    Column("referral", String(255), primary_key=True),
    Column("ticket", String(255), nullable=False),
    Column("body", Text, nullable=False),
)
Index("packages_ticket", packages.c.ticket)

#: Addresses that bounced, by their hashes.
addresses = Table(
    "addresses",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("error", String(64), nullable=False),
    Column("marked_at", Moment, nullable=False),
)

#: One message to one reader: what becomes of it.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("event_source", String(255), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("correlation_id", String(255), nullable=False),
    Column("ticket", String(255), nullable=False),
    Column("category", String(64), nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("audience", String(16), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("template", String(64), nullable=False),
    #: The report's version that it tells of; None: recorded by a release that did not know.
    Column("version", Integer),
    #: The delivery of the digest it waits for, or went with.
    Column("digest", String(36)),
    #: What the wording needs, as JSON; never a contact.
    Column("facts", Text, nullable=False),
    Column("channel", String(16)),
    #: One of those in `states`.
    Column("state", String(32), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt", Moment),
    #: Which sender's batch has it, and since when.
    Column("claim", String(36)),
    Column("claimed_at", Moment),
    Column("ended_at", Moment),
    #: A class of error, such as ``smtp-550``; never what a server said, for that may hold an address.
    Column("error", String(64)),
    #: Who took it, or may have: while it is not known whether it went, nobody else is asked.
    Column("provider", String(64)),
    #: The channels that failed for good, separated by commas.
    Column("passed", String(64)),
    UniqueConstraint("event_source", "event_id", "recipient", "template", name="deliveries_once"),
)
Index("deliveries_ticket", deliveries.c.ticket)
partial_index("deliveries_due", deliveries.c.next_attempt, deliveries.c.id, where=deliveries.c.state == "created")
partial_index("deliveries_sending", deliveries.c.claimed_at, where=deliveries.c.state == "sending")
partial_index(
    "deliveries_in_flight", deliveries.c.recipient, deliveries.c.ticket, where=deliveries.c.state == "sending"
)
partial_index("deliveries_waiting", deliveries.c.recipient, deliveries.c.ticket, where=deliveries.c.state == "created")
partial_index("deliveries_digest", deliveries.c.digest, where=deliveries.c.digest.is_not(None))
partial_index("deliveries_feed", deliveries.c.recipient, deliveries.c.id, where=deliveries.c.recipient != "reporter")

#: How readers wish to be told: offices by their codes, reporters by their reports' codes, and all reporters who did not
#: say as ``reporter``.
preferences = Table(
    "preferences",
    metadata,
    Column("reader", String(255), primary_key=True),
    Column("channel", String(16)),
    Column("language", String(8)),
    Column("digest", String(5)),
    Column("quiet", String(17)),
    Column("changed_at", Moment, nullable=False),
)
