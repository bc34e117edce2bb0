"""Turns at a steady rate, for several threads together; who comes late takes the turns that are due at once."""

from __future__ import annotations

import threading
import time
from itertools import count


class Pace:
    def __init__(self, per_second: float, stop: threading.Event) -> None:
        self._every = 1 / per_second
        self._stop = stop
        self._turns = count()
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def turn(self) -> int | None:
        """Wait for the next turn and answer its number; None when it is all over."""
        with self._lock:
            number = next(self._turns)
        self._stop.wait(max(0.0, self._began + number * self._every - time.monotonic()))
        return None if self._stop.is_set() else number
