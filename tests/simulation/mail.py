"""A mail server that the scheduler decides about, and that remembers what came twice without a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from services.notify.channels.channel import SENT, Fate, Letter, Outcome, Post
from services.notify.channels.failover import FEW
from tests.simulation.perils import Perils

_FATES = (*[SENT] * 16, *[Outcome(Fate.LATER, "busy")] * 2, Outcome(Fate.AWAY, "away"), Outcome(Fate.FAILED, "no-box"))


class Mail:
    def __init__(self, perils: Perils) -> None:
        self._perils = perils
        self.restart(lambda: SENT)

    def restart(self, fate: Callable[[], Outcome]) -> None:
        self.fate = fate
        #: Letters that arrived, by delivery.
        self.letters: Counter[str] = Counter()
        #: Deliveries sent by somebody who could not write that down: each may be sent once more.
        self.excused: Counter[str] = Counter()
        self.twice: list[str] = []

    def restart_fates(self) -> None:
        """From here on everything arrives."""
        self.fate = lambda: SENT

    def took(self, id: str) -> None:
        self.letters[id] += 1
        if self.letters[id] > 1 + self.excused[id]:
            self.twice.append(id)
        self._perils.pass_by("after a letter")


class Counterpart:
    """One process's way to the mail server."""

    name = "email"
    few = FEW

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        #: What it sent in the claim under way.
        self.sent: list[str] = []

    def forget(self, ticket: str, letters: Collection[str]) -> None:
        """What was mailed is out of our hands."""

    @contextmanager
    def open(self) -> Iterator[Post]:
        self.sent.clear()
        yield self._post

    def _post(self, letter: Letter) -> Outcome:
        outcome = self._mail.fate()
        if outcome is SENT:
            self.sent.append(letter.id)
            self._mail.took(letter.id)
        return outcome


def fates(choose: Callable[[tuple[Outcome, ...]], Outcome]) -> Callable[[], Outcome]:
    return lambda: choose(_FATES)
