"""From a recorded delivery to letters: the reader's addresses, language and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from jinja2 import TemplateError
from sqlalchemy import Connection

from services.notify import addresses, store
from services.notify.channel import EMAIL, Fate, Letter, Outcome, channel_of
from services.notify.deliveries import Delivery
from services.notify.directory import Directory
from services.notify.phrasebook import Phrasebook
from services.notify.rendering import About, render
from services.notify.stopping import NEEDED
from services.notify.store import Contact
from services.notify.vocabulary import OFFICE_LOCALE

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a batch of deliveries needs to be put into words, read at once."""

    directory: Directory | None
    contacts: Mapping[str, Contact]
    packages: Mapping[str, Mapping[str, Any]]
    #: Hashes of reporters' addresses that bounced, and when.
    marked: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Route:
    """A channel, and the reader's address on it."""

    channel: str
    address: str


def know(connection: Connection, some: Sequence[Delivery], texts: Sequence[str], now: datetime) -> Knowledge:
    """``texts``: the channels of text messages, in the order in which they are tried."""
    contacts = store.contacts(connection, (each.ticket for each in some))
    hashes = {
        addresses.hashed(route.channel, route.address)
        for each in contacts.values()
        for route in _routes_to(each, texts)
    }
    return Knowledge(
        directory=store.directory(connection),
        contacts=contacts,
        packages=store.packages_of(connection, referrals(some)),
        marked=addresses.marked_among(connection, hashes, now),
    )


def referrals(some: Sequence[Delivery]) -> list[str]:
    """The referrals whose packages these deliveries carry."""
    return [each.facts["referral"] for each in some if each.audience == "agency"]


def write(
    delivery: Delivery, knowledge: Knowledge, public_url: str, texts: Sequence[str] = (), book: Phrasebook | None = None
) -> list[Letter] | Outcome:
    """The delivery in words, a letter for each channel that leads to its reader, the first to try first.

    Or why that cannot be.
    """
    directory, contact = knowledge.directory, knowledge.contacts.get(delivery.ticket)
    if directory is None:
        return Outcome(Fate.LATER, "no-directory")
    found = routes(delivery, directory, contact, texts, knowledge.marked)
    if isinstance(found, Outcome):
        return found
    if delivery.provider:  # may have it already: no other channel comes before, should there be a new address on one
        found.sort(key=lambda route: route.channel != channel_of(str(delivery.provider)))
    facts = dict(delivery.facts)
    if delivery.audience == "agency":
        package = knowledge.packages.get(facts["referral"])
        if package is None:
            return Outcome(Fate.FAILED, "no-package")
        facts["package"] = package
    reporter = contact if delivery.audience == "reporter" else None
    locale = reporter.locale if reporter else OFFICE_LOCALE
    about = About(
        code=delivery.ticket,
        category=delivery.category,
        confidential=delivery.confidential,
        public_url=public_url,
        secret=reporter.secret if reporter else None,
    )
    try:
        wording = render(delivery.template, locale, facts, about, directory, book)
    except (TemplateError, ValueError, TypeError, LookupError) as error:
        _log.error("a message cannot be put into words", delivery=delivery.id, error=type(error).__name__)
        return Outcome(Fate.FAILED, "wording")
    return [
        Letter(
            id=delivery.id,
            ticket=delivery.ticket,
            recipient=delivery.recipient,
            address=route.address,
            name=reporter.name if reporter else directory.office_name(delivery.recipient),
            wording=wording,
            locale=locale,
            written_at=delivery.created_at,
            stop=about.stop,
            channel=route.channel,
            link=about.link,
            provider=delivery.provider,
        )
        for route in found
    ]


def routes(
    delivery: Delivery,
    directory: Directory,
    contact: Contact | None,
    texts: Sequence[str],
    marked: Mapping[str, datetime],
) -> list[Route] | Outcome:
    """The ways to the reader that have not failed; or why there is none.

    Offices and agencies get letters, marked or not: who misses theirs is a person with a duty, and mends it.
    """
    if contact is not None and contact.erased and delivery.audience in ("reporter", "agency"):
        return Outcome(Fate.FAILED, "erased")
    if delivery.audience != "reporter":
        address = directory.email(delivery.recipient)
        return [Route(EMAIL, address)] if address else Outcome(Fate.FAILED, "no-contact")
    if contact is None or not (contact.email or contact.phone):
        return Outcome(Fate.FAILED, "no-contact")
    if contact.stopped and delivery.template not in NEEDED:
        return Outcome(Fate.FAILED, "stopped")
    found = _routes_to(contact, texts)
    if not found:
        return Outcome(Fate.FAILED, "no-channel")
    left = [each for each in found if each.channel not in delivery.passed]
    if not left:
        return Outcome(Fate.FAILED, delivery.error or "no-channel")
    return [each for each in left if not _is_marked(each, contact, marked)] or Outcome(Fate.FAILED, "marked")


def _routes_to(contact: Contact, texts: Sequence[str]) -> list[Route]:
    """By email where there is one, else or after that by whatever takes a telephone number."""
    found = [Route(EMAIL, contact.email)] if contact.email else []
    number = addresses.phone(contact.phone) if contact.phone else None
    return found + [Route(channel, number) for channel in texts if number]


def _is_marked(route: Route, contact: Contact, marked: Mapping[str, datetime]) -> bool:
    """A mark holds against who gave the address before it."""
    since = marked.get(addresses.hashed(route.channel, route.address))
    return since is not None and (contact.given_at is None or contact.given_at <= since)
