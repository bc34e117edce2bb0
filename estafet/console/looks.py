"""Looks at what waits, one at a time and shared: two tabs ask the broker no more often than one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from estafet.cli.messages.backlog import Backlog
from estafet.console.history import History

#: Seconds that a look is good for.
FRESH = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, and the curves that led to it."""

    backlog: Backlog
    curves: Mapping[str, str]


class Looks:
    """The newest look; whoever asks while one is taken is answered with that one."""

    def __init__(self, take: Callable[[], Backlog], clock: Callable[[], float] = time.monotonic) -> None:
        self._take, self._clock = take, clock
        self._lock = threading.Lock()
        self._history = History()
        self._seen: tuple[float, Seen] | None = None

    def latest(self) -> Seen:
        with self._lock:
            if self._seen is None or self._clock() - self._seen[0] >= FRESH:
                backlog = self._take()
                self._history.add(backlog)
                self._seen = self._clock(), Seen(backlog, self._history.curves(backlog.at.timestamp()))
            return self._seen[1]
