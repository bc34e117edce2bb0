"""What can go wrong, by what has to happen next."""

from __future__ import annotations


class NotYet(Exception):
    """Raised by a handler: a fact this message builds on has not arrived. It is tried again soon."""


class Hopeless(Exception):
    """Raised by a handler: trying again cannot help. The message is dead at once, and kept."""


class HandlerTimeout(Exception):
    """A handler took longer than it may. Its message is deferred."""

    #: The message it was at, once that is known.
    message: object = None


class Unreadable(Exception):
    """A message that is not what its queue is for. Kept as it came, byte for byte."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        #: A short word to group by, such as ``malformed``, ``too-large``, ``foreign``, ``forged`` or ``invalid``.
        self.reason = reason


class BrokerAway(Exception):
    """The broker cannot be reached, or left. Tried again, for ever."""


class BrokerRefused(Exception):
    """The broker answered, and said no. Trying again cannot help: the message says what a person has to change."""


class Stopping(Exception):
    """The service is asked to end while it waits: what is in hand goes back to the broker."""
