"""What an office's own feed holds: what it is told by letter too, or would be, had it an address.

It is written anew each time from the deliveries, in the words of the day. Nothing is kept for it, so nothing has to be
forgotten in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import structlog
from jinja2 import TemplateError
from sqlalchemy import Connection, bindparam, literal_column, select

from services.notify import store
from services.notify.directory import Directory
from services.notify.feed.atom import Entry, Feed
from services.notify.messages import DIGEST
from services.notify.preferences import preferring
from services.notify.preferences.preference import wish_of
from services.notify.states import SUPERSEDED
from services.notify.tables import deliveries
from services.notify.wording.phrasebook import Phrasebook
from services.notify.wording.rendering import About, render
from services.notify.wording.vocabulary import OFFICE_LOCALE

_log = structlog.get_logger(__name__)

#: Entries of a feed.
MOST = 50

#: An office is told as an office or as a coordinator; as an agency it is given what is a mailbox's alone. What newer
#: news overtook is no news here either.
_NEWEST = (
    select(deliveries)
    .where(
        deliveries.c.recipient == bindparam("office"),
        deliveries.c.recipient != literal_column("'reporter'"),  # so that it is found by its index
        deliveries.c.audience.in_(("office", "coordinator")),
        deliveries.c.template != DIGEST,
        deliveries.c.state != SUPERSEDED,
    )
    .order_by(deliveries.c.id.desc())
    .limit(MOST)
)


def feed(connection: Connection, office: str, public_url: str, address: str, book: Phrasebook) -> Feed | None:
    """The office's feed, in its language, as read at ``address``. None: there is no such office (any more)."""
    directory = store.directory(connection)
    if directory is None or office not in directory.offices:
        return None
    wish = wish_of(office, "", preferring.known(connection, [office]))
    locale = wish.language or OFFICE_LOCALE
    rows = connection.execute(_NEWEST, {"office": office})
    return Feed(
        id=uuid5(NAMESPACE_URL, f"{public_url}/feed/{office}").urn,
        title=directory.office_name(office),
        author=directory.city,
        language=locale,
        address=address,
        entries=tuple(entry for row in rows for entry in _entry(row, locale, public_url, directory, book)),
    )


def _entry(row: Any, locale: str, public_url: str, directory: Directory, book: Phrasebook) -> Iterator[Entry]:
    """None of a message that today's words cannot say."""
    about = About(row.ticket, row.category, row.confidential, public_url)
    try:
        wording = render(row.template, locale, json.loads(row.facts), about, directory, book)
    except (TemplateError, ValueError, TypeError, LookupError) as error:
        _log.error("a message cannot be put into words", delivery=row.id, error=type(error).__name__)
        return
    yield Entry(f"urn:uuid:{row.id}", wording.brief, wording.text, about.link, _utc(row.created_at))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
