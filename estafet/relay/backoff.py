"""How long to wait before the next try."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential, with jitter, so that what failed together does not come back together.

    Attributes:
        first: seconds before the second try.
        factor: by which the wait grows.
        longest: seconds it never exceeds.
        attempts: tries in all; the last failure is final.
    """

    first: float
    factor: float
    longest: float
    attempts: int = 0

    def seconds(self, attempts: int) -> float:
        """The wait after so many failed tries: between half and all of the step."""
        step = min(self.first * self.factor ** min(attempts - 1, 64), self.longest)
        return step * random.uniform(0.5, 1.0)  # noqa: S311  # not a secret


#: A handler failed: about two hours in all.
ORDINARY = Backoff(first=2, factor=4, longest=3600, attempts=8)
#: A fact has not arrived: soon, then for about an hour.
NOT_YET = Backoff(first=0.2, factor=2, longest=300, attempts=24)
#: A person replays what killed its process before.
ONCE = Backoff(first=2, factor=4, longest=3600, attempts=1)
#: A handler hangs, perhaps with the whole process: three more times within some minutes.
HANGING = Backoff(first=5, factor=6, longest=3600, attempts=4)
#: It was in hand when its process ended, which need not be its fault.
SUSPECT = Backoff(first=2, factor=4, longest=3600, attempts=3)
#: Broker or database are away: for ever.
AWAY = Backoff(first=0.2, factor=2, longest=10)
