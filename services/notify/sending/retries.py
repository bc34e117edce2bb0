"""When a message that could not be sent for now is tried again, and when we give up."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

#: A message older than this is not tried again: what it says is no longer news.
GIVE_UP_AFTER = timedelta(days=3)

#: How long a message to the reporter waits for the reporter's contact, which comes by another exchange.
CONTACT_WAIT = timedelta(hours=1)

#: A message claimed longer ago than this was left by a process that died: it is claimed again. Longer than a sender
#: works on one claim (:data:`.sender.PATIENCE`, and the letter under way).
LEASE = timedelta(minutes=1)

_FIRST = timedelta(seconds=10)
_LONGEST = timedelta(minutes=30)


def next_attempt(id: str, attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """The time of the next attempt after ``attempts`` failed ones; None: give up.

    Twice as long each time, up to half an hour, and up to a quarter more, told apart by the message's id, so that
    what failed together is not tried together.
    """
    wait = min(_FIRST * 2 ** min(attempts - 1, 20), _LONGEST)
    jitter = zlib.crc32(id.encode()) % 1000 / 4000
    due = now + wait * (1 + jitter)
    return due if due - created_at <= GIVE_UP_AFTER else None
