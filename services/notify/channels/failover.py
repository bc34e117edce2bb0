"""A channel of several providers: the first is asked, and the next when it is away.

Only who certainly did not take a letter is followed by another. Who may have taken it is asked again, and nobody else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from services.notify.channels.channel import Fate, Letter, Line, Outcome, Post

#: Letters until what became of them is recorded.
FEW = 10
#: Seconds that a provider which was away, or did not answer, is left aside. Then a letter is its probe.
ASIDE = 60.0
#: Seconds that a message waits at most until it is looked at again.
LONGEST = 300.0


class Rate:
    """Messages a second that a provider takes from this process."""

    def __init__(self, most: int) -> None:
        self._item = RateLimitItemPerSecond(most)
        self._window = MovingWindowRateLimiter(MemoryStorage())
        #: When the turn of the last message is that had to wait.
        self._last = 0.0

    def wait(self) -> float:
        """0, and one is counted; or the seconds until this one's turn.

        Turns are one behind the other, so that of a long backlog few come back too early, to be put off again.
        """
        if self._window.hit(self._item):
            return 0.0
        now = time.monotonic()
        self._last = min(max(self._last, now) + 1 / self._item.amount, now + LONGEST)
        return self._last - now


@dataclass(frozen=True, slots=True)
class Provider:
    name: str
    line: Line
    rate: Rate | None = None


class Failover:
    """The providers in the order in which they are asked. What is known of who is away belongs to this process."""

    few = FEW

    def __init__(
        self, name: str, providers: Sequence[Provider], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self._providers = {each.name: each for each in providers}
        self._monotonic = monotonic
        #: Provider -> until when it is left aside.
        self._aside: dict[str, float] = {}

    def forget(self, ticket: str, letters: Collection[str]) -> None:
        """Nothing is kept here; what a provider was given cannot be taken back."""

    @contextmanager
    def open(self) -> Iterator[Post]:
        with ExitStack() as stack:
            posts = {name: stack.enter_context(each.line.open()) for name, each in self._providers.items()}
            yield lambda letter: self._post(letter, posts)

    def _post(self, letter: Letter, posts: Mapping[str, Post]) -> Outcome:
        if letter.provider in self._providers:
            outcome = self._ask(letter.provider, letter, posts)
            # That it is away is one letter's trouble: the others have other providers.
            return replace(outcome, fate=Fate.UNSURE) if outcome.fate in (Fate.AWAY, Fate.LATER) else outcome
        for name in self._in_order():
            outcome = self._ask(name, letter, posts)
            if outcome.fate is not Fate.AWAY:
                break
        return outcome

    def _in_order(self) -> list[str]:
        """Those that are not aside; everybody, when all are: then there is nobody to spare them for."""
        now = self._monotonic()
        there = [name for name in self._providers if self._aside.get(name, now) <= now]
        return there or list(self._providers)

    def _ask(self, name: str, letter: Letter, posts: Mapping[str, Post]) -> Outcome:
        rate = self._providers[name].rate
        if rate and (wait := rate.wait()):
            return Outcome(Fate.HELD, "rate", letter.provider, wait=wait)
        outcome = posts[name](letter)
        if outcome.fate in (Fate.AWAY, Fate.UNSURE):
            self._aside[name] = self._monotonic() + ASIDE
        else:
            self._aside.pop(name, None)
        return replace(outcome, provider=name)
