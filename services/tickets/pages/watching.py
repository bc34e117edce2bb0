"""Pages that change by themselves: each open page is told when its report's chain has grown.

A page is told that there is something new, not what: it asks again, as whoever it is. One query looks for all of them,
once a second, and only while somebody watches.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from estafet.relay.among import among
from services.tickets.tables import tickets

#: Pages that one process tells. A page more, and the one told longest is sent away: its browser comes back.
MOST = 64
#: Seconds of nothing after which something is sent, so that whoever stands between keeps the line open.
HEARTBEAT = 15.0
#: Milliseconds after which a browser comes back.
_RETRY = 5000

_GROWN = select(tickets.c.code, tickets.c.chain_length).where(among(tickets.c.code, "codes"))


@dataclass(eq=False)
class Watcher:
    """One open page."""

    code: str
    length: int
    woken: threading.Event = field(default_factory=threading.Event)
    ended: bool = False


class Watchers:
    """All open pages of this process, the longest open first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._watchers: dict[Watcher, None] = {}
        self._ended = False

    def __len__(self) -> int:
        return len(self._watchers)

    def told(self, code: str, length: int, heartbeat: float = HEARTBEAT) -> Iterator[bytes]:
        """What is sent to a page of this report, whose chain was so long when it was drawn (server-sent events)."""
        watcher = Watcher(code, length)
        if self._ended:
            return
        if len(self._watchers) >= self._most:
            self._end(next(iter(self._watchers)))
        self._watchers[watcher] = None
        try:
            yield f"retry: {_RETRY}\n\n".encode()
            while not watcher.ended:
                woken = watcher.woken.wait(heartbeat)
                watcher.woken.clear()
                if watcher.ended:
                    return
                yield f"event: changed\ndata: {watcher.length}\n\n".encode() if woken else b":\n\n"
        finally:
            self._watchers.pop(watcher, None)

    def look(self, connection: Connection) -> None:
        """Wake the pages whose report has something new."""
        codes = {each.code for each in self._watchers}
        grown = {row.code: row.chain_length for row in connection.execute(_GROWN, {"codes": sorted(codes)})}
        for each in list(self._watchers):
            length = grown.get(each.code, each.length)
            if length != each.length:
                each.length = length
                each.woken.set()

    def end(self) -> None:
        """The process ends: nobody waits for a page."""
        self._ended = True
        for each in list(self._watchers):
            self._end(each)

    def _end(self, watcher: Watcher) -> None:
        watcher.ended = True
        self._watchers.pop(watcher, None)
        watcher.woken.set()
