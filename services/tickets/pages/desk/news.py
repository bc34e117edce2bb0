"""News of a desk: something happened that its office has a part in.

What happened stands in the outbox, of whichever process: one query a second reads what is new there, for all desks of
this one, and only while one is open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from estafet.relay.among import among
from estafet.relay.tables import outbox
from services.tickets.pages.watching import MOST, Watchers

#: How far back is looked. Ids are in the order in which messages were made, and those are committed a little later.
_BACK = timedelta(seconds=15)
#: What a page may have missed that was drawn while a message was being committed, in milliseconds.
_MARGIN = 500
_EXCHANGE = "tickets.events"
#: Fields of events that name an office with a part in it, and those of their ``ticket``.
_SAID = ("sender", "receiver", "office", "coordinator")
_STANDING = ("holder", "guardian", "coordinator")

_NEW = select(outbox.c.id).where(outbox.c.id > bindparam("bound"), outbox.c.exchange == _EXCHANGE).order_by(outbox.c.id)
_BODIES = select(outbox.c.id, outbox.c.name, outbox.c.body).where(among(outbox.c.id, "ids"))


@dataclass(frozen=True, slots=True)
class Touch:
    """Something that happened.

    Attributes:
        made: when, in milliseconds.
        offices: who has a part in it; None: it may be anybody.
    """

    made: int
    offices: frozenset[str] | None


class DeskWatchers(Watchers):
    """The open desks of this process: each is told by its office, and has seen what happened up to a time."""

    def __init__(self, most: int = MOST) -> None:
        super().__init__(most)
        self._known: dict[str, Touch] = {}

    def look(self, connection: Connection, now: datetime) -> None:
        fresh = self._read(connection, now)
        for each in self:
            touches = fresh if each.met else self._after(each.seen - _MARGIN)
            each.met = True
            if any(touch.offices is None or each.subject in touch.offices for touch in touches):
                self.tell(each, milliseconds(now))

    def _after(self, made: int) -> list[Touch]:
        return [each for each in self._known.values() if each.made > made]

    def _read(self, connection: Connection, now: datetime) -> list[Touch]:
        """What was not known yet; what is long past is forgotten."""
        bound = _id_of(milliseconds(now - _BACK))
        ids = list(connection.execute(_NEW, {"bound": bound}).scalars())
        self._known = {id: touch for id, touch in self._known.items() if id > bound}
        unknown = [id for id in ids if id not in self._known]
        if not unknown:
            return []
        fresh = {row.id: touch_of(row.id, row.name, row.body) for row in connection.execute(_BODIES, {"ids": unknown})}
        self._known |= fresh
        return list(fresh.values())


def touch_of(id: str, name: str, body: bytes) -> Touch:
    """Whose desks an event is for. An assignment may end an offer to an office that it does not name."""
    made = int(id.replace("-", "")[:12], 16)
    if name == "ticket.assigned":
        return Touch(made, None)
    data: Mapping[str, Any] = json.loads(body)["data"]
    ticket = data.get("ticket") or {}
    named = [data.get(field) for field in _SAID] + [ticket.get(field) for field in _STANDING]
    return Touch(made, frozenset(each for each in named if isinstance(each, str)))


def milliseconds(time: datetime) -> int:
    """A time in milliseconds, as it begins an id (UUIDv7)."""
    return int(time.timestamp() * 1000)


def _id_of(made: int) -> str:
    text = f"{made:012x}"
    return f"{text[:8]}-{text[8:]}"
