"""Forgetting the reporter of a report: the contact, what an agency was to be given, and messages that hold either."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from estafet.events import CONTRACTS, ijson
from estafet.relay import triage
from estafet.relay.tables import deferred
from estafet.relay.work import Work
from services.notify import addresses, store
from services.notify.preferences import preferring
from services.notify.tables import deliveries

#: Whose letters hold something of the reporter.
AUDIENCES = ("reporter", "agency")

_PRIVATE = [each.name for each in CONTRACTS if each.private and each.name != "reporter.erased"]


def erase(work: Work, ticket: str) -> None:
    """Forget them. What was to be told to them, or to an agency of them, fails at once, as ``erased``."""
    if contact := store.contacts(work.connection, [ticket]).get(ticket):
        addresses.unmark(work.connection, addresses.hashes(contact.ways))
    store.erase_reporter(work.connection, ticket, work.now)
    preferring.forget(work.connection, ticket, work.now)
    triage.empty(work.connection, _unhandled(work.connection, ticket), work.now)
    waiting = (deliveries.c.ticket == ticket, deliveries.c.audience.in_(AUDIENCES), deliveries.c.state == "created")
    work.connection.execute(update(deliveries).where(*waiting).values(next_attempt=work.now))


def letters(connection: Connection, ticket: str) -> list[str]:
    """Ids of the letters that hold something of the reporter."""
    written = (deliveries.c.ticket == ticket, deliveries.c.audience.in_(AUDIENCES))
    return list(connection.execute(select(deliveries.c.id).where(*written)).scalars())


def _unhandled(connection: Connection, ticket: str) -> list[str]:
    """A message buried unread has no subject but in its body."""
    wanted = select(deferred.c.id, deferred.c.subject, deferred.c.body).where(deferred.c.name.in_(_PRIVATE))
    return [row.id for row in connection.execute(wanted) if (row.subject or _subject(bytes(row.body))) == ticket]


def _subject(body: bytes) -> object:
    document = ijson.loosely(body)
    return document.get("subject") if isinstance(document, dict) else None
