"""Which events an endpoint hears. A rule alone: no storage, no sending."""

from __future__ import annotations

from dataclasses import dataclass

from estafet.events import CONTRACTS

#: The handler that hears events for webhooks, too.
_HANDLER = "notify.tell"

#: What can be heard: what apps may read on the broker, as far as notify hears it itself.
EVENTS = tuple(each.name for each in CONTRACTS if each.public and _HANDLER in each.listeners)


@dataclass(frozen=True, slots=True)
class Interest:
    """What an endpoint wants to hear; without names or categories, of all.

    Attributes:
        events: names, such as ``handoff.accepted``.
        categories: codes of the city's services, such as ``ktp``.
        confidential: whether the operator lets it hear of confidential reports.
    """

    events: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    confidential: bool = False


def hears(interest: Interest, event: str, category: str, confidential: bool) -> bool:
    """Whether an event of a report of this category is for this endpoint."""
    return (
        event in (interest.events or EVENTS)
        and (not interest.categories or category in interest.categories)
        and (interest.confidential or not confidential)
    )
