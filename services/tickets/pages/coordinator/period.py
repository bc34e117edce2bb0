"""Which flows are shown, as the address says: it can be kept as a bookmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from estafet.events.routing import HOLDING_KINDS
from services.tickets.directory import Directory

#: Days back. No longer ones: sums over a year take a fifth of a second, and all would take longer every year.
PERIODS = (7, 30, 90, 365)
KINDS = tuple(sorted(HOLDING_KINDS))
_USUAL = 30


@dataclass(frozen=True, slots=True)
class Period:
    """A choice.

    Attributes:
        kind: only what offices of this kind send or are asked to take; None: all kinds.
        office: only what this one does.
        desk: with what the front desk offers for the first time, which is most of all.
    """

    days: int = _USUAL
    kind: str | None = None
    office: str | None = None
    desk: bool = False

    def since(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days)

    def query(self, **changes: object) -> str:
        """The query of an address with this choice, or with some of it changed."""
        chosen = replace(self, **changes)  # type: ignore[arg-type]
        named = {"days": chosen.days, "kind": chosen.kind, "office": chosen.office, "desk": int(chosen.desk)}
        return urlencode({name: value for name, value in named.items() if value})


def asked(args: Mapping[str, str], city: Directory, own: str | None) -> Period:
    """What an address asks for. What it says wrongly is as if it said nothing; ``own``: the one office to be seen."""
    days, kind, office = args.get("days", ""), args.get("kind", ""), args.get("office", "")
    return Period(
        int(days) if days in map(str, PERIODS) else _USUAL,
        kind if kind in KINDS else None,
        own or (office if office in city.offices else None),
        args.get("desk") == "1",
    )
