"""Where a service can die or lose its broker, and whether this is the time."""

from __future__ import annotations


class Crash(BaseException):
    """The process is gone. No ``except Exception`` of the code under test sees it, as none sees ``kill -9``."""


class Violation(AssertionError):
    """Something that must always hold does not."""


#: Places that code under test passes; at each, the process can end.
CRASHES = (
    "before the commit",
    "after the commit",
    "before the publish",
    "amid the publish",
    "after the publish",
    "before the ack",
    "after the ack",
    "after a letter",
)
#: Places where the connection to the broker can go.
CUTS = ("cut before the publish", "cut amid the publish", "cut after the publish", "cut before the ack")


class Perils:
    """At most one peril is armed at a time: the place, and how often it is passed unharmed before."""

    def __init__(self) -> None:
        self.armed: str | None = None
        self._left = 0
        self.struck: str | None = None

    def arm(self, place: str, left: int = 0) -> None:
        self.armed, self._left, self.struck = place, left, None

    def disarm(self) -> None:
        self.armed = None

    def strikes(self, place: str) -> bool:
        """Whether the peril strikes here; each strikes once."""
        if self.armed != place:
            return False
        if self._left:
            self._left -= 1
            return False
        self.armed, self.struck = None, place
        return True

    def pass_by(self, place: str) -> None:
        if self.armed is not None and self.strikes(place):
            raise Crash(place)
