"""What chance and time stand on while a seed is played: nothing comes from the machine, so a seed replays exactly."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

import structlog

from estafet.events import envelope
from estafet.relay import backoff, consumer
from services.tickets import unused_codes

#: A Monday morning.
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """Time stands still until the scheduler moves it."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        # A microsecond for each look, so that no two moments are the same.
        self.time += timedelta(microseconds=1)
        return self.time

    def pass_by(self, how_long: timedelta) -> None:
        self.time += how_long

    def reach(self, moment: datetime) -> None:
        self.time = max(self.time, moment)


class Stop:
    """In the place of the event that ends a process: nothing ends it so, and waiting takes no time but the clock's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def is_set(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        self._clock.pass_by(timedelta(seconds=seconds))
        return False


class Chance:
    """Ids in the order in which they are made, and every other random choice of the code under test."""

    def __init__(self) -> None:
        self.restart(0)

    def restart(self, seed: int) -> None:
        self._count = 0
        self._random = random.Random(seed)

    def uuid7(self) -> str:
        self._count += 1
        digits = f"{self._count:012x}"
        return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"

    def choice(self, among: str) -> str:
        return self._random.choice(among)

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


@contextmanager
def solid(chance: Chance) -> Iterator[None]:
    """The code under test takes its ids and its chance from here, and is silent."""
    former = structlog.get_config()
    with ExitStack() as stack:
        stack.enter_context(patch.object(envelope, "uuid_utils", SimpleNamespace(uuid7=chance.uuid7)))
        stack.enter_context(patch.object(unused_codes, "choice", chance.choice))
        # So that each look into the queue of the dead is its time.
        stack.enter_context(patch.object(consumer, "time", SimpleNamespace(monotonic=lambda: math.inf)))
        stack.enter_context(patch.object(backoff, "random", SimpleNamespace(uniform=chance.uniform)))
        stack.callback(structlog.configure, **former)
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        yield
