"""Boards that were counted within the last minute: who looks at one costs the database nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from services.tickets.board.figures import Board

#: Periods that can be asked for, in days.
PERIODS = (30, 90, 365)
#: Seconds that a board is shown for.
FRESH = 60


class Boards:
    """The boards of this process, one a period. One is counted at a time; meanwhile others are shown the one before."""

    def __init__(self, fresh: float = FRESH, clock: Callable[[], float] = time.monotonic) -> None:
        self._fresh = fresh
        self._clock = clock
        self._kept: dict[int, tuple[float, Board]] = {}
        self._counting = Lock()

    def board(self, days: int, count: Callable[[], Board]) -> Board:
        """The board of one of :data:`PERIODS`, counted by one of those who ask when the one kept is too old."""
        kept = self._kept.get(days)
        if kept is not None and self._is_fresh(kept):
            return kept[1]
        if not self._counting.acquire(blocking=kept is None) and kept is not None:
            return kept[1]
        try:
            kept = self._kept.get(days)
            if kept is None or not self._is_fresh(kept):
                kept = self._kept[days] = (self._clock(), count())
            return kept[1]
        finally:
            self._counting.release()

    def _is_fresh(self, kept: tuple[float, Board]) -> bool:
        return self._clock() - kept[0] < self._fresh
