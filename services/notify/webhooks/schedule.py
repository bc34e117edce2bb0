"""When what could not be delivered is tried again, when we give it up, and when the whole endpoint."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

#: The waits between attempts: a little over a day in all.
WAITS = (
    *(timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30)),
    *(timedelta(hours=1), timedelta(hours=2), timedelta(hours=4), timedelta(hours=7), timedelta(hours=10)),
)

#: A delivery claimed longer ago than this was left by a process that died. Longer than one attempt and its recording.
LEASE = timedelta(minutes=1)

#: An endpoint that took nothing for so long, in at least so many attempts, is switched off.
HOPELESS_AFTER = timedelta(days=1)
HOPELESS_ATTEMPTS = 10


def next_attempt(id: str, attempts: int, now: datetime, waits: Sequence[timedelta] = WAITS) -> datetime | None:
    """The time of the next attempt after ``attempts`` failed ones; None: give up.

    Each wait is up to a quarter longer, told apart by the delivery's id: what failed together is not tried together.
    """
    if attempts > len(waits):
        return None
    jitter = zlib.crc32(f"{id} {attempts}".encode()) % 1000 / 4000
    return now + waits[attempts - 1] * (1 + jitter)


def is_hopeless(failures: int, failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint with so many failed attempts since then, and none that succeeded, is to be switched off."""
    return failing_since is not None and failures >= HOPELESS_ATTEMPTS and now - failing_since >= HOPELESS_AFTER
