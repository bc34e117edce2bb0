"""Retention: so many years after a report was closed, its reporter is forgotten as if they had asked for it.

So many years after somebody did something at a desk, it is forgotten who it was.
"""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy import Connection, select, update

from estafet.relay.work import Work, Works
from services.tickets import learning
from services.tickets.reporters import erasing, finding
from services.tickets.reporters.finding import Report
from services.tickets.signin import acts
from services.tickets.tables import chain, tickets

#: Reports forgotten in one transaction: few enough that nobody waits for it.
BATCH = 50
#: Rows of who did what, likewise.
ACTS = 1000

_keeping = (tickets.c.status == "closed", tickets.c.erased_at.is_(None))


def forget(works: Works, batch: int = BATCH) -> int:
    """Forget what the policy says, a batch at a time; answers how many reports. Replicas share the work."""
    with works.database.read() as connection:
        directory = learning.known(connection)
    years = directory.retention_years if directory else None
    if years is None:
        return 0
    _forget_acts(works, years)
    forgotten = 0
    while True:
        with works.begin() as work:
            noted = _note_closing(work.connection, batch)
            some = _forget(work, before(work.now, years), batch)
        forgotten += some
        if max(noted, some) < batch:
            break
        time.sleep(0.05)  # let those go first who wait to write
    if forgotten:
        works.database.checkpoint()
    return forgotten


def _forget_acts(works: Works, years: int) -> None:
    """Who did what at a desk is kept as long, from the day it was done."""
    while True:
        with works.begin() as work:
            some = acts.forget(work.connection, before(work.now, years), ACTS)
        if some < ACTS:
            return
        time.sleep(0.05)


def before(now: datetime, years: int) -> datetime:
    """The same day so many years ago; on the 29th of February the day before, where there is none."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


def _forget(work: Work, closed_before: datetime, batch: int) -> int:
    wanted = select(tickets.c.code, tickets.c.status, tickets.c.erased_at).where(
        *_keeping, tickets.c.closed_at < closed_before
    )
    oldest = wanted.order_by(tickets.c.closed_at).limit(batch).with_for_update(skip_locked=True)
    some = [Report(*row) for row in work.connection.execute(oldest)]
    if some:
        erasing.erase(work, finding.found_in(work.connection, some), why="retention")
    return len(some)


def _note_closing(connection: Connection, batch: int) -> int:
    """Reports that were closed before there was ``closed_at`` are given it from their chains; answers how many."""
    wanted = select(tickets.c.code).where(*_keeping, tickets.c.closed_at.is_(None))
    codes = connection.execute(wanted.limit(batch).with_for_update(skip_locked=True)).scalars().all()
    said = select(chain.c.code, chain.c.time).where(chain.c.code.in_(codes), chain.c.name == "ticket.closed")
    rows = connection.execute(said).all()
    for row in rows:
        at = datetime.fromisoformat(row.time)
        connection.execute(update(tickets).where(tickets.c.code == row.code).values(closed_at=at))
    return len(rows)
