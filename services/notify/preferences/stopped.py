"""Stopping everyday letters about a report: the page behind their link, and what a mail program posts to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from services.notify import store
from services.notify.preferences import preferring, stopping
from services.notify.wording import pages
from services.notify.wording.phrasebook import Phrasebook


def locale_of(connection: Connection, code: str, token: str) -> str | None:
    """The language of the reporter whose link this is; None: it is nobody's (any more)."""
    contact = store.contacts(connection, [code]).get(code)
    return contact.locale if contact and stopping.is_right(token, code, contact.secret) else None


def stop(connection: Connection, code: str, now: datetime) -> None:
    """From now on the reporter is sent only what :data:`stopping.NEEDED` names. Doing it again changes nothing."""
    store.stop_letters(connection, code, now)
    preferring.look_anew(connection, code, now)


def page(code: str, locale: str, done: bool, book: Phrasebook) -> str:
    """What a person sees who follows the link: a question with a button, then that it is done.

    Raises:
        jinja2.TemplateError: the wording is wrong; it was proved at the start.
    """
    if done:
        return pages.page(book, locale, "_stopped", {"code": code})
    return pages.page(book, locale, "_stop", {"code": code}, button="button-stop")
