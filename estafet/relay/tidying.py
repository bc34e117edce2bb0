"""What the relay need not keep for ever: settled rows of the outbox."""

from __future__ import annotations

import time
from datetime import timedelta

from estafet.relay import outbox
from estafet.relay.work import Works

#: How long an event that arrived is kept, for whoever looks for it. The chain keeps what it says; the contacts in
#: private events are kept nowhere else so long.
KEPT = timedelta(days=7)
#: Rows deleted in one transaction: few enough that nobody waits for it.
BATCH = 500


def tidy(works: Works, batch: int = BATCH) -> int:
    """Delete what is old enough, a batch at a time; answers how many rows."""
    before = works.clock.now() - KEPT
    deleted = 0
    while True:
        with works.database.begin() as connection:
            some = outbox.forget(connection, before, batch)
        deleted += some
        if some < batch:
            works.database.checkpoint()
            return deleted
        time.sleep(0.05)  # let those go first who wait to write
