"""News of reports: the chain of one has grown. One query a second looks for all of its open pages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from estafet.relay.among import among
from services.tickets.pages.watching import Watchers
from services.tickets.tables import tickets

_LENGTHS = select(tickets.c.code, tickets.c.chain_length).where(among(tickets.c.code, "codes"))


class ReportWatchers(Watchers):
    """The open pages of reports: each is told by its report's code, and has seen so much of its chain."""

    def look(self, connection: Connection, now: datetime) -> None:
        codes = sorted({each.subject for each in self})
        lengths = {row.code: row.chain_length for row in connection.execute(_LENGTHS, {"codes": codes})}
        for each in self:
            length = lengths.get(each.subject, each.seen)
            if length != each.seen:
                self.tell(each, length)
