"""When a report was resolved, of those that a release resolved which did not note it: its message's id says so."""

from __future__ import annotations

import time

from sqlalchemy import select, update

from estafet.events import made_at
from estafet.relay.work import Works
from services.tickets.tables import tickets

#: Reports noted in one transaction: few enough that nobody waits for it.
BATCH = 200

_undated = tickets.c.resolved_message.is_not(None) & tickets.c.resolved_at.is_(None)


def note(works: Works, batch: int = BATCH) -> int:
    """Note all that can be; answers of how many. Replicas share the work."""
    noted, after = 0, ""
    while True:
        with works.begin() as work:
            wanted = select(tickets.c.code, tickets.c.resolved_message).where(_undated, tickets.c.code > after)
            some = wanted.order_by(tickets.c.code).limit(batch).with_for_update(skip_locked=True)
            rows = work.connection.execute(some).all()
            for row in rows:
                at = made_at(row.resolved_message)
                if at is not None:
                    change = update(tickets).where(tickets.c.code == row.code).values(resolved_at=at)
                    work.connection.execute(change)
                    noted += 1
        if len(rows) < batch:
            return noted
        after = rows[-1].code
        time.sleep(0.05)  # let those go first who wait to write
