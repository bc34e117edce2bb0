"""The life of one report, from the front desk to its end, as tickets tells it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from estafet.events import Event
from tests.unit.routing.reports import NOON, event, opened, requested, stand

FAR = datetime(2026, 6, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def told(name: str, version: int, hours: float, data: dict[str, Any], **changes: Any) -> Event:
    return event(name, {"ticket": stand(resolve_by=FAR, **changes), **data}, version, at(hours))


OFFERED = {"handoff": "h-0", "sender": "loket", "receiver": "dpupr"}
LIFE = [
    opened(),
    told("handoff.offered", 2, 1, {**OFFERED, "reason": "new-report", "accept_by": at(30), "because": []},
         status="offered"),
    told("handoff.accepted", 3, 20, OFFERED, status="held", holder="dpupr"),
    told("ticket.paused", 3, 30, {"office": "dpupr", "reason": "weather", "until": at(80)}, status="held",
         holder="dpupr"),
    told("referral.opened", 3, 31, {"referral": "r-1", "agency": "pln", "office": "dpupr", "fields_shared": []},
         status="held", holder="dpupr"),
    told("referral.answered", 3, 32, {"referral": "r-1", "agency": "pln", "receipt": "7", "outcome": "received"},
         status="held", holder="dpupr"),
    requested("perkim", version=4, status="requested", holder="dpupr", resolve_by=FAR),
    told("handoff.withdrawn", 5, 40, {"handoff": "h-1", "sender": "dpupr", "receiver": None}, status="held",
         holder="dpupr"),
    told("referral.answered", 5, 60, {"referral": "r-1", "agency": "pln", "receipt": "7", "outcome": "settled"},
         status="held", holder="dpupr"),
    told("ticket.resolved", 6, 90, {"office": "dpupr", "reason": "fixed"}, status="resolved", holder="dpupr"),
    told("ticket.reopened", 7, 100, {"office": "dpupr"}, status="held", holder="dpupr", objections=1),
    told("ticket.resolved", 8, 110, {"office": "dpupr", "reason": "fixed"}, status="resolved", holder="dpupr"),
    told("ticket.closed", 9, 120, {"how": "confirmed"}, status="closed", holder="dpupr"),
]  # fmt: skip
