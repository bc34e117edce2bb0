"""What routing needs of a report to decide: the ``ticket`` block that every event about it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Ticket:
    """How a report stands. The fields mean what :class:`estafet.events.fields.Ticket` says."""

    category: str
    holder: str
    place: str | None = None
    confidential: bool = False
    hops: int = 0
    seen: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    refusals: int = 0
    objections: int = 0
    resolve_by: datetime | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Ticket:
        """From an event's validated ``ticket`` block."""
        return cls(
            category=data["category"],
            holder=data["holder"],
            place=data["place"],
            confidential=data["confidential"],
            hops=data["hops"],
            seen=frozenset(data["seen"]),
            named=frozenset(data["named"]),
            refusals=data["refusals"],
            objections=data["objections"],
            resolve_by=data["resolve_by"],
        )
