"""When each case of a replay goes on: at the log's own pace, or as fast as it goes."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable

from estafet.cli.replay.player import Play, Player


class Schedule:
    """Cases by when their next step is due. A worker takes the first, waits for its time, does it, puts the case back.

    As fast as it goes, only so many cases are under way at once, or most looks at them would be in vain.
    """

    def __init__(self, plays: list[Play], speed: float | None, at_once: int) -> None:
        self._speed = speed
        self._begin = time.monotonic()
        self._first = min((each.case.since[0] for each in plays), default=None)
        self._left = len(plays)
        self._due: queue.PriorityQueue[tuple[float, int, Play | None]] = queue.PriorityQueue()
        self.failure: Exception | None = None
        self._later: queue.SimpleQueue[tuple[float, int, Play]] = queue.SimpleQueue()
        for number, each in enumerate(plays):
            entry = (self._logged(each, 0.0), number, each)
            (self._due if speed or number < at_once else self._later).put(entry)

    def run(self, player: Player, advance: Callable[[int], None]) -> None:
        """Work until no case is left, or one failed."""
        while True:
            due, number, play = self._due.get()
            if play is None or self.failure:
                self._due.put((0.0, -1, None))
                return
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                again = self._step(player, play, advance)
            except Exception as error:
                self.failure = error
                again = None
            if again is not None:
                self._due.put((again, number, play))
            elif self._finished():
                self._due.put((0.0, -1, None))

    def _step(self, player: Player, play: Play, advance: Callable[[int], None]) -> float | None:
        """When the case's next step is due; None when it is finished."""
        if play.code and play.finished:
            play.outcome = player.audit(play)
            return None
        before = play.position
        pause = player.step(play)
        if play.position != before:
            advance(play.position - before)
        if play.finished or play.position == before:
            return time.monotonic() + pause
        return self._logged(play, time.monotonic())

    def _logged(self, play: Play, otherwise: float) -> float:
        """When the log says that the case moves on, at this speed."""
        if self._speed is None or self._first is None:
            return otherwise
        return self._begin + (play.case.since[play.position] - self._first).total_seconds() / self._speed

    def _finished(self) -> bool:
        self._left -= 1
        with contextlib.suppress(queue.Empty):
            self._due.put(self._later.get_nowait())
        return self._left <= 0 or self.failure is not None
