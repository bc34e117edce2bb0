"""What the relay need not keep for ever: settled rows of the outbox, and what the inbox knows of events of long ago."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from estafet.events.topology import heard_by
from estafet.relay import inbox, outbox
from estafet.relay.work import Works

#: How long an event that arrived is kept, for whoever looks for it. The chain keeps what it says; the contacts in
#: private events are kept nowhere else so long.
KEPT = timedelta(days=7)
#: How long it is known that an event of ours was handled. Much longer than a copy of it can come: it is published
#: again only while the outbox has it, and a copy that the broker keeps waits no longer than its service is down.
REMEMBERED = timedelta(days=90)
#: Rows deleted in one transaction: few enough that nobody waits for it.
BATCH = 500
#: Batches in one run, of each kind: the first run may find years.
MOST = 200


def tidy(works: Works, batch: int = BATCH) -> int:
    """Delete what is old enough, a batch at a time; answers how many rows.

    What apps sent is remembered for ever: nobody else can say after how long they send it again, and it is a row for
    each of their reports.
    """
    now = works.clock.now()
    old = [partial(outbox.forget, before=now - KEPT, limit=batch)]
    for listener, publisher in heard_by(works.service):
        source = f"/estafet/{publisher}"
        old.append(partial(inbox.forget, listener=listener, source=source, before=now - REMEMBERED, limit=batch))
    deleted = sum(delete(works, each, batch) for each in old)
    works.database.checkpoint()
    return deleted


def delete(works: Works, some: Callable[[Connection], int], batch: int) -> int:
    """Call ``some``, which deletes up to ``batch`` rows and answers how many, in a transaction each time, until few are
    left or this run has done enough; answers how many rows went.
    """
    deleted = 0
    for _ in range(MOST):
        with works.database.begin() as connection:
            count = some(connection)
        deleted += count
        if count < batch:
            break
        time.sleep(0.05)  # let those go first who wait to write
    return deleted
