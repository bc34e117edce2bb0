"""Pages that change by themselves: each open page is told, by a stream of its own, when there is something new for it.

A page is told that there is something new, not what: it asks again, as whoever it is. What is news, each kind of page
says itself: :mod:`.growing` for reports, :mod:`.desk.news` for desks.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

#: Pages that one process tells. A page more, and the one told longest is sent away: its browser comes back.
MOST = 64
#: Seconds of nothing after which something is sent, so that whoever stands between keeps the line open.
HEARTBEAT = 15.0
#: Milliseconds after which a browser comes back.
_RETRY = 5000


@dataclass(eq=False)
class Watcher:
    """One open page.

    Attributes:
        subject: what its news are about: a report's code, or an office.
        seen: up to where its reader has seen them: the length of the report's chain, or a time in milliseconds.
        met: it was looked for before.
    """

    subject: str
    seen: int
    met: bool = False
    woken: threading.Event = field(default_factory=threading.Event)
    ended: bool = False


class Watchers(ABC):
    """All open pages of one kind in this process, the longest open first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: dict[Watcher, None] = {}
        self._ended = False

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Watcher]:
        """Those that are open now, whichever come and go meanwhile."""
        return iter(list(self._open))

    @abstractmethod
    def look(self, connection: Connection, now: datetime) -> None:
        """Tell every page that there is something new for."""

    def told(self, subject: str, seen: int, heartbeat: float = HEARTBEAT) -> Iterator[bytes]:
        """What is sent to a page whose reader has seen so much when it was drawn (server-sent events)."""
        watcher = Watcher(subject, seen)
        if self._ended:
            return
        if len(self._open) >= self._most:
            self._end(next(iter(self._open)))
        self._open[watcher] = None
        try:
            yield f"retry: {_RETRY}\n\n".encode()
            while not watcher.ended:
                woken = watcher.woken.wait(heartbeat)
                watcher.woken.clear()
                if watcher.ended:
                    return
                yield f"event: changed\ndata: {watcher.seen}\n\n".encode() if woken else b":\n\n"
        finally:
            self._open.pop(watcher, None)

    def tell(self, watcher: Watcher, seen: int) -> None:
        """There is something new for a page; its reader sees it up to there."""
        watcher.seen = seen
        watcher.woken.set()

    def end(self) -> None:
        """The process ends: nobody waits for a page."""
        self._ended = True
        for each in self:
            self._end(each)

    def _end(self, watcher: Watcher) -> None:
        watcher.ended = True
        self._open.pop(watcher, None)
        watcher.woken.set()
