"""Where a service can die, lose its broker or its database, or be overtaken; and whether this is the time."""

from __future__ import annotations

from collections.abc import Callable


class Crash(BaseException):
    """The process is gone. No ``except Exception`` of the code under test sees it, as none sees ``kill -9``."""


class Violation(AssertionError):
    """Something that must always hold does not."""


#: Places that code under test passes outside of any transaction: there others can do something meanwhile.
BETWEEN = (
    "after the commit",
    "before the publish",
    "amid the publish",
    "after the publish",
    "before the ack",
    "after the ack",
    "after a letter",
)
#: At each of these the process can end.
CRASHES = ("before the commit", *BETWEEN)
#: Places where the connection to the broker can go.
CUTS = ("cut before the publish", "cut amid the publish", "cut after the publish", "cut before the ack")
#: Places where the database can go: it does not answer, it keeps nothing, or it keeps all and does not say so.
OUTAGES = ("the database is away", "the database is away at the commit", "the commit is not answered")


class Perils:
    """At most one peril is armed at a time: the place, how often it is passed unharmed before, and what happens."""

    def __init__(self) -> None:
        self.armed: str | None = None
        self.struck: str | None = None

    def arm(self, place: str, after: int = 0, times: int = 1, meanwhile: Callable[[], None] | None = None) -> None:
        """``times`` in a row; ``meanwhile`` is done in the place of dying."""
        self.armed, self._left, self._times, self._meanwhile = place, after, times, meanwhile

    def disarm(self) -> None:
        self.armed = None

    def strikes(self, place: str) -> bool:
        """Whether the peril strikes here."""
        if self.armed != place:
            return False
        if self._left:
            self._left -= 1
            return False
        self._times -= 1
        if not self._times:
            self.armed = None
        self.struck = place
        return True

    def pass_by(self, place: str) -> None:
        if self.armed is None or not self.strikes(place):
            return
        if self._meanwhile is None:
            raise Crash(place)
        self._meanwhile()
