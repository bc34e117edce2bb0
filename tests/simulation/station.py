"""One service: its database, the processes that share it, and a count of what its handlers brought about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from estafet.events import Event
from estafet.relay.work import Work, Works
from tests.simulation.broker import Broker
from tests.simulation.databases import FragileDatabase
from tests.simulation.ground import Clock
from tests.simulation.perils import Crash
from tests.simulation.replica import Replica

#: (subscription, source, id)
Key = tuple[str, str, str]
Handler = Callable[[Event, Work], object]
#: Processes of each service.
_REPLICAS = 2


class Station:
    """A service. The memory of its processes goes with them, its database stays."""

    def __init__(
        self,
        kind: type,
        database: FragileDatabase,
        broker: Broker,
        clock: Clock,
        **given: Callable[[Works], Any],
    ) -> None:
        self.name: str = kind.name  # type: ignore[attr-defined]
        self.database = database
        #: How often a handler's effect on a message was committed, and what had it more than once.
        self.handled: Counter[Key] = Counter()
        self.twice: list[Key] = []
        #: Messages that kill their process, by id: how often they yet will.
        self.deadly: dict[str, int] = {}
        self._running: list[Key] = []
        database.on_end = self._ended
        self.replicas = [
            Replica(kind, f"{self.name} {number}", database, broker, clock, self._counted, given)
            for number in range(1, _REPLICAS + 1)
        ]

    def restart(self) -> None:
        """All of it anew."""
        self.database.restore()
        self.handled.clear()
        self.twice.clear()
        self.deadly.clear()
        for replica in self.replicas:
            replica.crash()

    def _counted(self, subscription: str, handler: Handler) -> Handler:
        def handle(event: Event, work: Work) -> None:
            if self.deadly.get(event.id):
                self.deadly[event.id] -= 1
                raise Crash(f"of {event.name} {event.id[4:13]}")
            handler(event, work)
            self._running.append((subscription, event.source, event.id))

        return handle

    def _ended(self, committed: bool) -> None:
        if committed and self._running:
            self.handled.update(self._running)
            self.twice += [key for key in self._running if self.handled[key] > 1]
        self._running.clear()
