"""From a recorded delivery to a letter: the reader's address, language and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from jinja2 import TemplateError
from sqlalchemy import Connection

from services.notify import store
from services.notify.channel import Fate, Letter, Outcome
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


def know(connection: Connection, some: Sequence[Delivery]) -> Knowledge:
    return Knowledge(
        directory=store.directory(connection),
        contacts=store.contacts(connection, (each.ticket for each in some)),
        packages=store.packages_of(connection, referrals(some)),
    )


def referrals(some: Sequence[Delivery]) -> list[str]:
    """The referrals whose packages these deliveries carry."""
    return [each.facts["referral"] for each in some if each.audience == "agency"]


def write(
    delivery: Delivery, knowledge: Knowledge, public_url: str, book: Phrasebook | None = None
) -> Letter | Outcome:
    """The delivery in words and with an address, or why that cannot be."""
    directory, contact = knowledge.directory, knowledge.contacts.get(delivery.ticket)
    if directory is None:
        return Outcome(Fate.LATER, "no-directory")
    address = _address(delivery, directory, contact)
    if isinstance(address, Outcome):
        return address
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
    return Letter(
        id=delivery.id,
        ticket=delivery.ticket,
        recipient=delivery.recipient,
        address=address,
        name=reporter.name if reporter else directory.office_name(delivery.recipient),
        wording=wording,
        locale=locale,
        written_at=delivery.created_at,
        stop=about.stop,
    )


def _address(delivery: Delivery, directory: Directory, contact: Contact | None) -> str | Outcome:
    erased = contact is not None and contact.erased
    if erased and delivery.audience in ("reporter", "agency"):
        return Outcome(Fate.FAILED, "erased")
    if delivery.audience != "reporter":
        return directory.email(delivery.recipient) or Outcome(Fate.FAILED, "no-contact")
    if contact is None or not (contact.email or contact.phone):
        return Outcome(Fate.FAILED, "no-contact")
    if contact.stopped and delivery.template not in NEEDED:
        return Outcome(Fate.FAILED, "stopped")
    return contact.email or Outcome(Fate.FAILED, "no-channel")
