"""A mail server that the scheduler decides about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from services.notify.channel import SENT, Fate, Letter, Outcome, Post
from tests.simulation.perils import Perils

_FATES = (*[SENT] * 16, *[Outcome(Fate.LATER, "busy")] * 2, Outcome(Fate.AWAY, "away"), Outcome(Fate.FAILED, "no-box"))


class Mail:
    name = "email"

    def __init__(self, perils: Perils) -> None:
        self._perils = perils
        self.restart(lambda: SENT)

    def restart(self, fate: Callable[[], Outcome]) -> None:
        self.fate = fate
        #: Letters that arrived, by delivery.
        self.letters: Counter[str] = Counter()
        #: Deliveries sent by a process that died before it could write that down.
        self.in_flight = 0
        self._unrecorded = 0

    def restart_fates(self) -> None:
        """From here on everything arrives."""
        self.fate = lambda: SENT

    def recorded(self) -> None:
        """What was sent so far is written down."""
        self._unrecorded = 0

    def lost(self) -> None:
        """The process died; what it had not written down may be sent again."""
        self.in_flight += self._unrecorded
        self._unrecorded = 0

    def forget(self, ticket: str, letters: Collection[str]) -> None:
        """What was mailed is out of our hands."""

    @contextmanager
    def open(self) -> Iterator[Post]:
        yield self._post

    def _post(self, letter: Letter) -> Outcome:
        outcome = self.fate()
        if outcome is SENT:
            self.letters[letter.id] += 1
            self._unrecorded += 1
            self._perils.pass_by("after a letter")
        return outcome


def fates(choose: Callable[[tuple[Outcome, ...]], Outcome]) -> Callable[[], Outcome]:
    return lambda: choose(_FATES)
