"""The tables of tickets. What is personal stands in tables of its own, so that forgetting is deleting rows."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from estafet.relay.tables import Moment, partial_index

metadata = MetaData()

#: The tables where what a reporter gave or wrote may stand. Of the relay's, ``outbox`` (on ``tickets.private`` alone)
#: and ``deferred`` (the body of a report that could not be handled). No other may hold anything of it.
PERSONAL = ("texts", "reporters", "notes", "attachments", "remarks")

_CODE = String(32)
_ID = String(36)
_SLUG = String(64)


def _of_ticket(primary_key: bool = False) -> Column[str]:
    return Column("code", _CODE, ForeignKey("tickets.code"), primary_key=primary_key, nullable=False)


#: One row a report: its case as the rules know it, and the end of its chain.
tickets = Table(
    "tickets",
    metadata,
    Column("code", _CODE, primary_key=True),
    #: What the reporter's secret is derived from. Never shown.
    Column("id", _ID, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("reference", String(255)),
    #: The app that sent it, as its token names it.
    Column("app", _SLUG),
    Column("opened_at", Moment, nullable=False),
    #: When something last happened to it; None: that was before there was this column.
    Column("updated_at", Moment),
    #: When it was closed; None also: closed before there was this column, and not looked up in its chain yet.
    Column("closed_at", Moment),
    #: When an office said last that it is done; None also: said before there was this column, and not looked up yet in
    #: the message that said it.
    Column("resolved_at", Moment),
    #: Since when nothing is kept of its reporter, and why: ``request`` (also None), or the policy's ``retention``.
    Column("erased_at", Moment),
    Column("erased_why", String(16)),
    Column("correlation", String(255), nullable=False),
    Column("category", _SLUG, nullable=False),
    Column("place", _SLUG),
    Column("confidential", Boolean, nullable=False),
    Column("reachable", Boolean, nullable=False),
    Column("front_desk", _SLUG, nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("holder", _SLUG, nullable=False),
    Column("held_since", Moment, nullable=False),
    Column("custody_message", _ID, nullable=False),
    Column("guardian", _SLUG),
    Column("former", JSON, nullable=False),
    Column("bound_by", _SLUG),
    Column("coordinator", _SLUG),
    Column("convened_message", _ID),
    Column("hops", Integer, nullable=False),
    Column("hop_budget", Integer),
    Column("seen", JSON, nullable=False),
    Column("named", JSON, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("objections", Integer, nullable=False),
    Column("consent", JSON, nullable=False),
    Column("refer_to", _SLUG),
    Column("resolve_by", Moment),
    Column("paused_until", Moment),
    Column("resolved_by", _SLUG),
    Column("resolved_message", _ID),
    #: The handoff under way, and, repeated here for the desk, whom it asks and until when.
    Column("pending", _ID),
    Column("offered_to", _SLUG),
    Column("accept_by", Moment),
    Column("chain_length", Integer, nullable=False),
    Column("chain_head", String(64), nullable=False),
)
#: One for each list of the desk, in the order it is read. What is closed is on none.
_listable = text("status <> 'closed'")
Index("tickets_offered", tickets.c.offered_to, tickets.c.accept_by, tickets.c.code)
partial_index("tickets_held_open", tickets.c.holder, tickets.c.held_since, tickets.c.code, where=_listable)
partial_index("tickets_due_open", tickets.c.holder, tickets.c.resolve_by, tickets.c.code, where=_listable)
Index("tickets_convened", tickets.c.coordinator, tickets.c.held_since, tickets.c.code)
partial_index("tickets_guarded_open", tickets.c.guardian, tickets.c.held_since, tickets.c.code, where=_listable)
#: Finds those that keep something of their reporter, the first closed first.
_keeping = (tickets.c.status == "closed") & tickets.c.erased_at.is_(None)
partial_index("tickets_keeping", tickets.c.closed_at, where=_keeping)
#: Those that are worked on, by when they were reported.
_open = tickets.c.status.not_in(("resolved", "closed"))
partial_index("tickets_open", tickets.c.opened_at, where=_open)
#: Resolved, and not noted when.
_undated = tickets.c.resolved_message.is_not(None) & tickets.c.resolved_at.is_(None)
partial_index("tickets_undated", tickets.c.code, where=_undated)
#: What is listed to anybody, by when it was reported.
_listed = tickets.c.confidential.is_(False)
partial_index("tickets_listed", tickets.c.opened_at, tickets.c.code, where=_listed)
#: What an app sent, by when something last happened to it.
_sent = tickets.c.app.is_not(None)
partial_index("tickets_sent", tickets.c.app, tickets.c.updated_at, where=_sent)

#: Personal: what was reported, and where exactly.
texts = Table(
    "texts",
    metadata,
    _of_ticket(primary_key=True),
    Column("text", Text, nullable=False),
    Column("lat", Float),
    Column("long", Float),
    Column("address", String(300)),
    Column("media_url", Text),
)

#: Personal: who reported.
reporters = Table(
    "reporters",
    metadata,
    _of_ticket(primary_key=True),
    Column("name", String(120)),
    Column("email", String(254)),
    Column("phone", String(32)),
    Column("telegram", String(20)),
    Column("locale", String(8), nullable=False),
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", _ID, primary_key=True),
    _of_ticket(),
    Column("began_at", Moment, nullable=False),
    Column("sender", _SLUG, nullable=False),
    Column("receiver", _SLUG),
    Column("reason", String(40), nullable=False),
    Column("words", Text),
    Column("state", String(16), nullable=False),
    Column("decision", String(16)),
    Column("convene", Boolean, nullable=False),
    Column("accept_by", Moment),
    Column("offered", _ID),
    Column("refusal", String(40)),
    Column("refusal_words", Text),
    Column("right_office", _SLUG),
    Column("coordinator", _SLUG),
    Column("because", JSON, nullable=False),
)
Index("handoffs_of", handoffs.c.code, handoffs.c.id)
#: Finds the latest, for sums over a period.
Index("handoffs_began", handoffs.c.began_at)
#: Those a coordinator had to do with.
_decided = handoffs.c.coordinator.is_not(None)
partial_index("handoffs_decided", handoffs.c.began_at, where=_decided)

#: Every stretch of custody. They join without a gap: a report always has exactly one holder.
holdings = Table(
    "holdings",
    metadata,
    _of_ticket(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("office", _SLUG, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("how", String(16), nullable=False),
    Column("message", _ID, nullable=False),
)

referrals = Table(
    "referrals",
    metadata,
    Column("id", _ID, primary_key=True),
    _of_ticket(),
    Column("agency", _SLUG, nullable=False),
    Column("office", _SLUG, nullable=False),
    Column("shared", JSON, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("receipt", String(255)),
    Column("outcome", String(16)),
)
Index("referrals_of", referrals.c.code, referrals.c.id)

#: Personal as far as people write it: forgotten with the report's text.
notes = Table(
    "notes",
    metadata,
    Column("id", _ID, primary_key=True),
    _of_ticket(),
    #: None: the reporter wrote it.
    Column("office", _SLUG),
    Column("public", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("notes_of", notes.c.code, notes.c.id)

#: Personal: photos, as they were made anew. They are deleted with the report's text.
attachments = Table(
    "attachments",
    metadata,
    Column("id", _ID, primary_key=True),
    _of_ticket(),
    #: The message that says it came; and what it is a part of: the ``report``, a ``note`` (with this id) or a
    #: ``resolution``.
    Column("event", _ID, nullable=False),
    Column("part", String(16), nullable=False),
    #: None: the reporter sent it.
    Column("office", _SLUG),
    Column("public", Boolean, nullable=False),
    Column("media_type", String(64), nullable=False),
    #: In pixels, and in bytes.
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("thumbnail", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
Index("attachments_of", attachments.c.code, attachments.c.id)

#: Every message about a report, sealed. Nothing personal is in a body.
chain = Table(
    "chain",
    metadata,
    _of_ticket(primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("id", String(255), nullable=False),
    Column("name", String(64), nullable=False),
    Column("publisher", String(255), nullable=False),
    Column("time", String(32), nullable=False),
    Column("causationid", String(255)),
    Column("correlationid", String(255), nullable=False),
    Column("superseded", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
#: What is counted by week. In words, not in parameters: else no database would see that the index holds it all.
_counted = "name IN ('ticket.opened', 'ticket.resolved', 'deadline.passed', 'handoff.refused', 'ticket.convened')"
COUNTED = text(f"chain.{_counted}")
partial_index("chain_counted", chain.c.time, chain.c.name, where=text(_counted))

#: What each assignment would be as a routing rule, for the city to look through.
proposals = Table(
    "proposals",
    metadata,
    Column("id", _ID, primary_key=True),
    _of_ticket(),
    Column("category", _SLUG, nullable=False),
    Column("place", _SLUG),
    Column("office", _SLUG, nullable=False),
    Column("coordinator", _SLUG, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("at", Moment, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("office", _SLUG),
    #: The name of the app; several tokens may have the same.
    Column("app", _SLUG),
    Column("label", String(200), nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("scope", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("code", _CODE, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("idempotency_at", idempotency.c.at)

#: The city's directory as routing published it: one row.
directory = Table(
    "directory",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    #: The id of the message that said so; None: it came before there was this column.
    Column("message", String(255)),
)
