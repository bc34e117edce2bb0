"""The log of webhooks is kept for a while, and then it is not."""

from __future__ import annotations

import time
from datetime import timedelta

from estafet.relay.work import Works
from services.notify.webhooks import deliveries

KEPT = timedelta(days=30)
#: Rows deleted in one transaction, and batches in one run.
BATCH = 500
MOST = 200


def tidy(works: Works, batch: int = BATCH) -> int:
    """Delete attempts, and deliveries that ended, longer ago than :data:`KEPT`; answers how many rows."""
    deleted = 0
    for some in deliveries.forget(works.clock.now() - KEPT, batch):
        for _ in range(MOST):
            with works.database.begin() as connection:
                count = some(connection)
            deleted += count
            if count < batch:
                break
            time.sleep(0.05)  # let those go first who wait to write
    return deleted
