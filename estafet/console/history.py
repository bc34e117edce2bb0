"""The last minutes of what waits, as far as somebody looked: kept in memory, bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from estafet.cli.messages.backlog import Backlog, Tables

#: Seconds that are drawn.
SPAN = 300.0
#: Looks that are kept of each; with one every two seconds, about the span.
KEPT = 160
#: So many reach the top, or the most there were: one message that comes and goes is no mountain.
LEAST = 10
#: Size of a curve, in units of its picture.
WIDTH, HEIGHT = 120, 24

#: (when, how many)
Sample = tuple[float, int]


class History:
    """How many messages waited when. Of what is not there any more, nothing is kept."""

    def __init__(self) -> None:
        self._samples: dict[str, deque[Sample]] = {}

    def add(self, backlog: Backlog) -> None:
        at = backlog.at.timestamp()
        counts = {each.name: each.messages for each in backlog.queues}
        counts |= {each.service: waiting(each) for each in backlog.tables}
        self._samples = {name: self._samples.get(name, deque(maxlen=KEPT)) for name in counts}
        for name, count in counts.items():
            self._samples[name].append((at, count))

    def curves(self, now: float) -> dict[str, str]:
        """Queue or service → its curve; "" where there is nothing to see."""
        return {name: points(tuple(samples), now) for name, samples in self._samples.items()}


def waiting(tables: Tables) -> int:
    """What a service keeps that is not done."""
    return tables.unpublished + tables.deferred + tables.dead


def points(samples: Sequence[Sample], now: float) -> str:
    """The points of a line from ``SPAN`` seconds ago to now, the most of it at the top; "" if nothing ever waited."""
    recent = [(at, count) for at, count in samples if now - SPAN <= at <= now]
    most = max((count for _, count in recent), default=0)
    if not most or len(recent) < 2:
        return ""
    most = max(most, LEAST)
    places = ((WIDTH * (1 - (now - at) / SPAN), HEIGHT - 2 - (HEIGHT - 4) * count / most) for at, count in recent)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
