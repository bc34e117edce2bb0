"""How long anybody had to wait: what the chains' own times say of a run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select

from estafet.relay.database import Database
from services.tickets.tables import chain

_DECIDED = ("handoff.offered", "ticket.convened")


@dataclass(frozen=True, slots=True)
class Pauses:
    """In seconds. ``standstill``: the longest time in which no report was offered to an office, and ``began`` how long
    after the first report; ``waited``: from being opened to being offered, the longest and what half stayed below."""

    standstill: float
    began: float
    waited: float
    usually: float


def longest(database: Database) -> Pauses | None:
    """None when there was nothing to wait for."""
    wanted = select(chain.c.code, chain.c.name, chain.c.time).where(chain.c.name.in_(("ticket.opened", *_DECIDED)))
    opened: dict[str, datetime] = {}
    decided: dict[str, list[datetime]] = defaultdict(list)
    with database.read() as connection:
        for row in connection.execute(wanted):
            if row.name == "ticket.opened":
                opened[row.code] = datetime.fromisoformat(row.time)
            else:
                decided[row.code].append(datetime.fromisoformat(row.time))
    waits = sorted((min(times) - opened[code]).total_seconds() for code, times in decided.items())
    moments = sorted(time for times in decided.values() for time in times)
    gaps = [((later - earlier).total_seconds(), earlier) for earlier, later in pairwise(moments)]
    if not gaps:
        return None
    standstill, since = max(gaps)
    return Pauses(standstill, (since - min(opened.values())).total_seconds(), waits[-1], waits[len(waits) // 2])
