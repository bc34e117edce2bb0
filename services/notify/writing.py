"""From a recorded delivery to a letter: the reader's address, language and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from jinja2 import TemplateError
from sqlalchemy import Connection

from services.notify import digests, preferring, store
from services.notify.channel import Fate, Letter, Outcome
from services.notify.deliveries import Delivery
from services.notify.digests import News
from services.notify.directory import Directory
from services.notify.preferences import Preference, of, reader
from services.notify.rendering import OFFICE_LOCALE, About, render
from services.notify.store import Contact

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a batch of deliveries needs to be put into words, read at once."""

    directory: Directory | None
    contacts: Mapping[str, Contact]
    packages: Mapping[str, Mapping[str, Any]]
    #: Digest -> what is in it.
    contents: Mapping[str, Sequence[Delivery]]
    preferences: Mapping[str, Preference]


def know(connection: Connection, some: Sequence[Delivery]) -> Knowledge:
    return Knowledge(
        directory=store.directory(connection),
        contacts=store.contacts(connection, (each.ticket for each in some)),
        packages=store.packages_of(connection, referrals(some)),
        contents=digests.contents(connection, some),
        preferences=preferring.known(connection, (reader(each.recipient, each.ticket) for each in some)),
    )


def referrals(some: Sequence[Delivery]) -> list[str]:
    """The referrals whose packages these deliveries carry."""
    return [each.facts["referral"] for each in some if each.audience == "agency"]


def write(delivery: Delivery, knowledge: Knowledge, public_url: str) -> Letter | Outcome:
    """The delivery in words and with an address, or why that cannot be."""
    directory, contact = knowledge.directory, knowledge.contacts.get(delivery.ticket)
    if directory is None:
        return Outcome(Fate.LATER, "no-directory")
    address = _address(delivery, directory, contact)
    if isinstance(address, Outcome):
        return address
    items = knowledge.contents.get(delivery.id, ())
    if len(items) == 1:  # a list of one is no list
        delivery = replace(items[0], id=delivery.id, created_at=delivery.created_at)
    elif delivery.template == digests.TEMPLATE and not items:
        return Outcome(Fate.FAILED, "empty")
    facts = dict(delivery.facts)
    if delivery.audience == "agency":
        package = knowledge.packages.get(facts["referral"])
        if package is None:
            return Outcome(Fate.FAILED, "no-package")
        facts["package"] = package
    reporter = contact if delivery.audience == "reporter" else None
    wish = of(delivery.recipient, delivery.ticket, knowledge.preferences).language
    locale = wish or (reporter.locale if reporter else OFFICE_LOCALE)
    secret = reporter.secret if reporter else None
    about = _about(delivery, public_url, secret)
    try:
        if delivery.template == digests.TEMPLATE:
            facts["reports"] = [_told(each, locale, public_url, secret, directory) for each in digests.news(items)]
        wording = render(delivery.template, locale, facts, about, directory)
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
    )


def _about(delivery: Delivery, public_url: str, secret: str | None) -> About:
    return About(delivery.ticket, delivery.category, delivery.confidential, public_url, secret)


def _told(news: News, locale: str, public_url: str, secret: str | None, directory: Directory) -> dict[str, Any]:
    """What a digest's wording needs of one report. Of a confidential one, no more than its code and category."""
    shown = [] if news.messages[0].confidential else news.messages
    about = _about(news.messages[0], public_url, secret)
    return {
        "code": news.ticket,
        "category": news.category,
        "what": [render(each.template, locale, each.facts, about, directory).subject for each in shown],
        "by": news.by.isoformat() if news.by and shown else None,
        "link": about.link,
    }


def _address(delivery: Delivery, directory: Directory, contact: Contact | None) -> str | Outcome:
    erased = contact is not None and contact.erased
    if erased and delivery.audience in ("reporter", "agency"):
        return Outcome(Fate.FAILED, "erased")
    if delivery.audience != "reporter":
        return directory.email(delivery.recipient) or Outcome(Fate.FAILED, "no-contact")
    if contact is None or not (contact.email or contact.phone):
        return Outcome(Fate.FAILED, "no-contact")
    return contact.email or Outcome(Fate.FAILED, "no-channel")
