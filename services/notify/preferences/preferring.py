"""The preferences that readers have, as they are kept; and what waits, when they change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from estafet.relay.among import among
from estafet.relay.upserting import upserting
from services.notify import store
from services.notify.messages import DIGEST, REPORTER
from services.notify.preferences.preference import Preference, from_texts, texts, wish_of
from services.notify.states import CREATED
from services.notify.tables import deliveries, preferences, reporters

_KNOWN = select(preferences).where(among(preferences.c.reader, "readers"))


def known(connection: Connection, readers: Iterable[str]) -> dict[str, Preference]:
    """Reader → what they wish, of those who said so; what the operator said of all reporters is always among them."""
    rows = connection.execute(_KNOWN, {"readers": sorted({*readers, REPORTER})})
    return {row.reader: from_texts(dict(row._mapping)) for row in rows}


def everybody(connection: Connection) -> dict[str, Preference]:
    """Of all readers, those of single reports left out: there may be very many."""
    ours = preferences.c.reader.not_in(select(reporters.c.ticket))
    rows = connection.execute(select(preferences).where(ours).order_by(preferences.c.reader))
    return {row.reader: from_texts(dict(row._mapping)) for row in rows}


def keep(connection: Connection, reader: str, preference: Preference, now: datetime) -> None:
    """Keep it, and look anew at what waits for this reader."""
    row = {"reader": reader, **texts(preference), "changed_at": now}
    connection.execute(upserting(connection, preferences), row)
    look_anew(connection, reader, now)


def forget(connection: Connection, reader: str, now: datetime) -> bool:
    """The usual holds again. False: it did already."""
    found = connection.execute(delete(preferences).where(preferences.c.reader == reader)).rowcount == 1
    look_anew(connection, reader, now)
    return found


def current(connection: Connection, reader: str) -> Preference | None:
    """What holds for an office, for the reporter of a report, or for all reporters; None: there is no such reader."""
    wishes = known(connection, [reader])
    directory = store.directory(connection)
    if reader == REPORTER or (directory is not None and reader in directory.offices):
        return wish_of(reader, "", wishes)
    contact = store.contacts(connection, [reader]).get(reader)
    return None if contact is None or contact.erased else wish_of(REPORTER, reader, wishes)


def look_anew(connection: Connection, reader: str, now: datetime) -> None:
    """Make due what was put off for this reader, and take digests apart that are not on their way.

    Digests first: one that a sender claims meanwhile keeps what is in it.
    """
    waiting = and_(deliveries.c.state == CREATED, _of(reader))
    digests = and_(waiting, deliveries.c.template == DIGEST, deliveries.c.attempts == 0)
    parted = list(connection.scalars(delete(deliveries).where(digests).returning(deliveries.c.id)))
    loose = update(deliveries).values(next_attempt=now, digest=None)
    connection.execute(loose.where(among(deliveries.c.digest, "digests")), {"digests": parted})
    # One that was tried and failed has its next attempt, and is looked at then.
    connection.execute(loose.where(waiting, deliveries.c.attempts == 0, deliveries.c.next_attempt > now))


def _of(reader: str) -> ColumnElement[bool]:
    """The deliveries to this reader."""
    its_reporter = and_(deliveries.c.recipient == REPORTER, deliveries.c.ticket == reader)
    return or_(deliveries.c.recipient == reader, its_reporter)
