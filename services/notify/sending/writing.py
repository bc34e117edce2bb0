"""From a recorded delivery to letters: what is known is read, and put into the reader's language and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from jinja2 import TemplateError
from sqlalchemy import Connection

from services.notify import addresses, marks, store, tokens
from services.notify.channels import message_ids
from services.notify.channels.channel import Fate, Letter, Outcome
from services.notify.deliveries import Delivery
from services.notify.directory import Directory
from services.notify.messages import DIGEST
from services.notify.preferences import preferring
from services.notify.preferences.preference import Preference, reader, wish_of
from services.notify.sending import digests
from services.notify.sending.digests import Section
from services.notify.sending.planning import turn_of
from services.notify.sending.routes import in_order, is_stopped, routes
from services.notify.store import Contact
from services.notify.wording.phrasebook import Phrasebook
from services.notify.wording.rendering import About, headline, render
from services.notify.wording.vocabulary import OFFICE_LOCALE

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a batch of deliveries needs to be put into words, read at once."""

    directory: Directory | None
    contacts: Mapping[str, Contact]
    packages: Mapping[str, Mapping[str, Any]]
    #: Hashes of reporters' addresses that bounced, and when.
    marked: Mapping[str, datetime]
    #: Digest -> what is in it.
    contents: Mapping[str, Sequence[Delivery]]
    preferences: Mapping[str, Preference]
    #: When it was read.
    now: datetime


def know(connection: Connection, some: Sequence[Delivery], texts: Sequence[str], now: datetime) -> Knowledge:
    """``texts``: the channels of text messages, in the order in which they are tried."""
    contacts = store.contacts(connection, (each.ticket for each in some))
    hashes = {route.hash for each in contacts.values() for route in addresses.routes_to(each.ways, texts)}
    return Knowledge(
        directory=store.directory(connection),
        contacts=contacts,
        packages=store.packages_of(connection, referrals(some)),
        marked=marks.known(connection, hashes, now),
        contents=digests.contents(connection, some),
        preferences=preferring.known(connection, (reader(each.recipient, each.ticket) for each in some)),
        now=now,
    )


def referrals(some: Sequence[Delivery]) -> list[str]:
    """The referrals whose packages these deliveries carry."""
    return [each.facts["referral"] for each in some if each.audience == "agency"]


def write(
    delivery: Delivery,
    knowledge: Knowledge,
    public_url: str,
    texts: Sequence[str],
    book: Phrasebook,
    key: bytes | None,
) -> list[Letter] | Outcome:
    """The delivery in words, a letter for each channel that leads to its reader, the first to try first.

    Or why that cannot be. ``key``: what links and proofs are signed with; None: there are none.
    """
    directory, contact = knowledge.directory, knowledge.contacts.get(delivery.ticket)
    if directory is None:
        return Outcome(Fate.LATER, "no-directory")
    found = routes(delivery, directory, contact, texts, knowledge.marked)
    if isinstance(found, Outcome):
        return found
    wish = wish_of(delivery.recipient, delivery.ticket, knowledge.preferences)
    found = in_order(found, delivery, wish)
    due = {each: turn_of(delivery, each.channel, wish, directory, knowledge.now).at for each in found}
    items = [each for each in knowledge.contents.get(delivery.id, ()) if not is_stopped(each, contact)]
    if len(items) == 1:  # a list of one is no list
        delivery = replace(items[0], id=delivery.id, created_at=delivery.created_at, provider=delivery.provider)
    elif delivery.template == DIGEST and not items:
        return Outcome(Fate.FAILED, "stopped")
    facts = dict(delivery.facts)
    if delivery.audience == "agency":
        package = knowledge.packages.get(facts["referral"])
        if package is None:
            return Outcome(Fate.FAILED, "no-package")
        facts["package"] = package
    reporter = contact if delivery.audience == "reporter" else None
    locale = wish.language or (reporter.locale if reporter else OFFICE_LOCALE)
    secret = reporter.secret if reporter else None
    about = _about(delivery, public_url, secret)
    if key and delivery.audience != "agency":  # what it gets is a copy for somebody who is no reader of ours
        about = replace(about, choose=tokens.address(public_url, key, reader(delivery.recipient, delivery.ticket)))
    try:
        if delivery.template == DIGEST:
            reports = [_told(each, locale, public_url, secret, directory, book) for each in digests.sections(items)]
            facts |= {"reports": reports, "count": len(reports)}
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
            due=due[route],
            proof=message_ids.proof(key, delivery.id) if key else None,
        )
        for route in found
    ]


def _about(delivery: Delivery, public_url: str, secret: str | None) -> About:
    return About(delivery.ticket, delivery.category, delivery.confidential, public_url, secret)


def _told(
    section: Section, locale: str, public_url: str, secret: str | None, directory: Directory, book: Phrasebook
) -> dict[str, Any]:
    """What a digest's wording needs of one report. Of a confidential one, no more than its code and category."""
    shown = [] if section.messages[0].confidential else section.messages
    about = _about(section.messages[0], public_url, secret)
    return {
        "code": section.ticket,
        "category": section.category,
        "what": [headline(each.template, locale, each.facts, about, directory, book) for each in shown],
        "by": section.by.isoformat() if section.by and shown else None,
        "link": about.link,
    }
