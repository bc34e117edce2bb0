"""What one seed makes likely and another does not: a seed that favours little finds what none finds that favours all.

(Groce and others, "Swarm Testing", ISSTA 2012.)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from estafet.events import CONTRACTS
from tests.simulation.perils import BETWEEN, CRASHES, CUTS, OUTAGES, Perils

Act = TypeVar("Act")

_NAMES = sorted(each.name for each in CONTRACTS if each.listeners)
#: What ends an offer or a report by itself does most when it comes late.
_OFTEN_LATE = ("deadline.passed",) * 6 + ("handoff.routed",) * 2


class Odds:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._risk = chance.choice((0.0, 0.5, 1.0, 1.0, 2.0))
        self._late = set(chance.sample((*_NAMES, *_OFTEN_LATE), chance.choice((0, 0, 1, 2))))

    def weighed(self, acts: Sequence[tuple[int, Act]]) -> list[float]:
        """How likely each act is, in this seed."""
        return [weight * self._chance.choice((0.3, 1, 1, 3)) for weight, _ in acts]

    def lateness(self, name: str) -> int:
        """For how many steps a message of this name does not arrive."""
        return self._chance.randint(10, 120) if name in self._late and self._chance.random() < 0.7 else 0

    def arm(self, perils: Perils, risk: float, meanwhile: Callable[[], None]) -> None:
        """Perhaps something happens in the next step, at some place."""
        chance = self._chance
        if chance.random() >= risk * self._risk:
            return
        after = chance.choice((0, 0, 0, 1, 2))
        kind = chance.choices(("crash", "cut", "outage", "meanwhile"), (50, 15, 15, 20))[0]
        if kind == "crash":
            perils.arm(chance.choice(CRASHES), after)
        elif kind == "cut":
            perils.arm(chance.choice(CUTS), after)
        elif kind == "outage":
            perils.arm(chance.choice(OUTAGES), after, times=chance.choice((1, 1, 2, 5)))
        else:
            perils.arm(chance.choice(BETWEEN), after, meanwhile=meanwhile)
