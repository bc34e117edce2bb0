"""The log of webhooks is kept for a while, and then it is not."""

from __future__ import annotations

from datetime import timedelta

from estafet.relay.tidying import delete
from estafet.relay.work import Works
from services.notify.webhooks import deliveries

KEPT = timedelta(days=30)
#: Rows deleted in one transaction.
BATCH = 500


def tidy(works: Works, batch: int = BATCH) -> int:
    """Delete attempts, and deliveries that ended, longer ago than :data:`KEPT`; answers how many rows."""
    old = deliveries.forget(works.clock.now() - KEPT, batch)
    return sum(delete(works, each, batch) for each in old)
