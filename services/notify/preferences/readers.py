"""Who a link to preferences is for: an office, or the reporter of one report."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from services.notify import store
from services.notify.addresses import routes_to
from services.notify.channels.channel import EMAIL
from services.notify.messages import REPORTER
from services.notify.preferences import preferring
from services.notify.preferences.choosing import Reader
from services.notify.wording.vocabulary import OFFICE_LOCALE


def known(connection: Connection, code: str, texts: Sequence[str]) -> Reader | None:
    """The office of this code, or the reporter of the report of this code; None: there is none (any more).

    ``texts``: the channels of text messages, in the order in which they are tried.
    """
    wish = preferring.current(connection, code) if code != REPORTER else None
    if wish is None:
        return None
    directory = store.directory(connection)
    if directory is not None and code in directory.offices:
        return Reader(wish, wish.language or OFFICE_LOCALE, (EMAIL,), office=directory.office_name(code))
    contact = store.contacts(connection, [code])[code]
    channels = [each.channel for each in routes_to(contact.ways, texts)]
    return Reader(wish, wish.language or contact.locale, channels, code=code)
