"""When which fault happens: worked out from the seed before anything runs, so that a seed replays."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault to come. ``seed`` decides what it strikes and for how long."""

    at: float
    fault: str
    seed: int


def plan(seed: int, seconds: float, faults: Sequence[str], every: float) -> tuple[Planned, ...]:
    """Faults at random moments, ``every`` so many seconds on average.

    They are dealt like cards: each comes once before any comes again, and no long run misses one.
    """
    chance = random.Random(seed)
    dealt: list[str] = []
    planned: list[Planned] = []
    at = chance.uniform(0.3, 1.0) * every
    while at < seconds:
        if not dealt:
            dealt = chance.sample(list(faults), len(faults))
        planned.append(Planned(at, dealt.pop(), chance.getrandbits(32)))
        at += chance.uniform(0.5, 1.5) * every
    return tuple(planned)
