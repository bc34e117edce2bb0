"""Many flows between many offices, folded so that they can be drawn: the greatest, and all the others as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.tickets.statistics.flows import Flow


@dataclass(frozen=True, slots=True)
class Band:
    """What goes from one office to another; None: all the others together.

    Attributes:
        went: it changed hands.
        open: it waits for an answer, or was taken back.
        turned: it was refused, not answered or stopped.
    """

    sender: str | None
    receiver: str | None
    went: int
    open: int
    turned: int

    @property
    def total(self) -> int:
        return self.went + self.open + self.turned


def fold(flows: Iterable[Flow], most: int) -> tuple[Band, ...]:
    """At most ``most`` senders and as many receivers, the greatest and then the others as one. Nothing gets lost."""
    known = list(flows)
    senders = _greatest(Counter(), ((each.sender, each.total) for each in known), most)
    receivers = _greatest(Counter(), ((each.receiver, each.total) for each in known), most)
    sums: dict[tuple[str | None, str | None], list[int]] = {}
    for each in known:
        pair = (each.sender if each.sender in senders else None, each.receiver if each.receiver in receivers else None)
        found = sums.setdefault(pair, [0, 0, 0])
        for at, count in enumerate((each.went, each.waiting + each.withdrawn, each.turned)):
            found[at] += count
    return tuple(Band(*pair, *counts) for pair, counts in sums.items() if any(counts))


def _greatest(sums: Counter[str], counts: Iterable[tuple[str, int]], most: int) -> frozenset[str]:
    for office, count in counts:
        sums[office] += count
    ranked = sorted(sums, key=lambda office: (-sums[office], office))
    return frozenset(ranked if len(ranked) <= most else ranked[: most - 1])
