"""Waiting for what other services will do: looked at again and again, for so long and no longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


class TimedOut(Exception):
    """What was waited for did not happen in time."""


def wait(look: Callable[[], Json], until: Callable[[Json], bool], *, timeout: float, what: str) -> Json:
    """Look again and again, quickly first and then less often, until what is seen satisfies ``until``."""
    end = time.monotonic() + timeout
    pause = 0.01
    while True:
        seen = look()
        if until(seen):
            return seen
        if time.monotonic() > end:
            raise TimedOut(f"Waited {timeout:g} s for {what}; it stands at {seen.get('status', '?')!r}.")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
