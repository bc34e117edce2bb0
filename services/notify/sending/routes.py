"""The ways to a reader that are tried: which there are, and in which order. Rules alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notify import addresses
from services.notify.addresses import Route
from services.notify.channels.channel import EMAIL, FEED, Fate, Outcome, channel_of
from services.notify.deliveries import Delivery
from services.notify.directory import Directory
from services.notify.messages import DIGEST
from services.notify.preferences.preference import Preference
from services.notify.preferences.stopping import NEEDED
from services.notify.store import Contact


def routes(
    delivery: Delivery,
    directory: Directory,
    contact: Contact | None,
    texts: Sequence[str],
    marked: Mapping[str, datetime],
) -> list[Route] | Outcome:
    """The ways to the reader that have not failed; or why there is none.

    Offices and agencies get letters, marked or not: who misses theirs is a person with a duty, and mends it. An office
    without an address has its feed.
    """
    if contact is not None and contact.erased and delivery.audience in ("reporter", "agency"):
        return Outcome(Fate.FAILED, "erased")
    if delivery.audience != "reporter":
        if address := directory.email(delivery.recipient):
            return [Route(EMAIL, address)]
        has_feed = delivery.audience != "agency" and delivery.recipient in directory.offices
        return [Route(FEED, delivery.recipient)] if has_feed else Outcome(Fate.FAILED, "no-contact")
    if contact is None or not any(contact.ways.values()):
        return Outcome(Fate.FAILED, "no-contact")
    if is_stopped(delivery, contact):
        return Outcome(Fate.FAILED, "stopped")
    found = addresses.routes_to(contact.ways, texts)
    if not found:
        return Outcome(Fate.FAILED, "no-channel")
    left = [each for each in found if each.channel not in delivery.passed]
    if not left:
        return Outcome(Fate.FAILED, delivery.error or "no-channel")
    return [each for each in left if not _is_marked(each, contact, marked)] or Outcome(Fate.FAILED, "marked")


def in_order(found: Sequence[Route], delivery: Delivery, wish: Preference) -> list[Route]:
    """As they are tried: by the channel of who may have the message already, then by the one wished for, then the rest.

    So no other provider comes before the one that may have it, should the reader have given a new address since.
    """
    maybe = channel_of(delivery.provider) if delivery.provider else None
    return sorted(found, key=lambda route: (route.channel != maybe, route.channel != wish.channel))


def is_stopped(delivery: Delivery, contact: Contact | None) -> bool:
    """Whether its reporter stopped such messages. A digest is not, but what in it is everyday news."""
    if contact is None or delivery.audience != "reporter":
        return False
    return contact.stopped and delivery.template not in (*NEEDED, DIGEST)


def _is_marked(route: Route, contact: Contact, marked: Mapping[str, datetime]) -> bool:
    """A mark holds against who gave the address before it."""
    since = marked.get(route.hash)
    return since is not None and (contact.given_at is None or contact.given_at <= since)
