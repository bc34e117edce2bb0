"""How long is waited after wrong passwords: the rule alone."""

from __future__ import annotations

from datetime import timedelta

#: So many in a row are looked at before the first waiting.
FREE = 5
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
#: From so many on it is the longest.
LAST = FREE + 6


def waiting(failures: int) -> timedelta:
    """After so many in a row: nothing at first, then a minute, doubled by each more, an hour at most."""
    if failures < FREE:
        return timedelta(0)
    doubled: int = 2 ** (min(failures, LAST) - FREE)
    return min(SHORTEST * doubled, LONGEST)
