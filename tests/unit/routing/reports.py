"""Events about a report, as tickets would publish them, held against their contracts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from estafet.events import Event, contract, new_id

NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)


def stand(**changes: Any) -> dict[str, Any]:
    """The ``ticket`` block of a report that was just opened, with changes."""
    return {
        "category": "jalan-kota",
        "place": None,
        "confidential": False,
        "reachable": True,
        "status": "requested",
        "holder": "loket",
        "guardian": None,
        "bound_by": None,
        "coordinator": None,
        "hops": 0,
        "hop_budget": None,
        "seen": [],
        "named": [],
        "refusals": 0,
        "objections": 0,
        "referrals_open": 0,
        "resolve_by": None,
        **changes,
    }


def event(
    name: str,
    data: Mapping[str, Any],
    version: int = 1,
    time: datetime = NOON,
    ticket: str = "KDR-0001",
    id: str | None = None,
) -> Event:
    """An event with data as a handler gets it: validated, with Python values."""
    identity = id or new_id()
    schema = contract(name).schema()
    return Event(
        name=name,
        source="/estafet/tickets",
        data=schema.load(schema.dump(data)),
        id=identity,
        time=time,
        correlationid="chain-" + ticket,
        subject=ticket,
        subjectversion=version,
    )


def opened(version: int = 1, time: datetime = NOON, ticket: str = "KDR-0001", **changes: Any) -> Event:
    data: dict[str, Any] = {"ticket": stand(**changes), "consent": [], "reference": None}
    return event("ticket.opened", data, version, time, ticket)


def requested(receiver: str | None, convene: bool = False, version: int = 4, **changes: Any) -> Event:
    ticket = stand(**changes)
    data = {
        "ticket": ticket,
        "handoff": "h-1",
        "sender": ticket["holder"],
        "receiver": receiver,
        "convene": convene,
        "reason": "not-our-task",
    }
    return event("handoff.requested", data, version)


def refused(office: str, right_office: str | None, version: int = 6, **changes: Any) -> Event:
    ticket = stand(**{"refusals": 1, "seen": [office], **changes})
    data = {
        "ticket": ticket,
        "handoff": "h-1",
        "sender": ticket["holder"],
        "office": office,
        "reason": "not-our-task",
        "right_office": right_office,
    }
    return event("handoff.refused", data, version)


def lapsed(receiver: str, version: int = 6, **changes: Any) -> Event:
    ticket = stand(**{"seen": [receiver], **changes})
    data = {"ticket": ticket, "handoff": "h-1", "sender": ticket["holder"], "receiver": receiver}
    return event("handoff.lapsed", data, version)


def reopened(office: str, objections: int, version: int = 9, **changes: Any) -> Event:
    ticket = stand(holder=office, objections=objections, **changes)
    return event("ticket.reopened", {"ticket": ticket, "office": office}, version)
