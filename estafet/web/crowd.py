"""How many may be served at once, and how many connections may be open: beyond that one is told, or closed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from estafet.web.problems import Problem


class Turns:
    """The requests in work. More than ``most`` would only wait for each other: the next one is told to come again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    def require(self) -> None:
        """Raises Problem: ``busy``, with the seconds to wait."""
        if self._taken >= self._most:
            raise Problem("busy", "Try again in a second.", headers={"Retry-After": "1"})

    @contextmanager
    def take(self) -> Iterator[None]:
        """Raises Problem: ``busy``."""
        self.require()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


class Room:
    """The bytes that forms with files take up from when they are read until they are answered: at most ``most``."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    @contextmanager
    def share(self) -> Iterator[Callable[[int], None]]:
        """For one request: a function to call before so many bytes more are kept, which raises Problem ``busy``."""
        mine = 0

        def take(size: int) -> None:
            nonlocal mine
            if self._taken + size > self._most:
                sentence = "Many send files just now. Send it again in a moment."
                raise Problem("busy", sentence, headers={"Retry-After": "10", "Connection": "close"})
            self._taken += size
            mine += size

        try:
            yield take
        finally:
            self._taken -= mine


class Connections:
    """The open connections, at most ``most``.

    Nobody is turned away at the door, or whoever holds all of them idle would keep everybody out. The connection that
    has kept us waiting longest, for a request or for the rest of one, is closed instead.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = 0
        #: Those that wait for their client, the longest waiting first.
        self._waiting: dict[int, socket.socket] = {}

    def opened(self, connection: socket.socket) -> bool:
        """Note a new connection; True: another had to be closed for it."""
        self._open += 1
        self._waiting[id(connection)] = connection
        if self._open <= self._most:
            return False
        oldest = self._waiting.pop(next(iter(self._waiting)))
        with suppress(OSError):  # its client was faster
            oldest.shutdown(socket.SHUT_RDWR)  # whoever reads from it sees its end
        return True

    def closed(self, connection: socket.socket) -> None:
        self._open -= 1
        self._waiting.pop(id(connection), None)

    @contextmanager
    def serving(self, connection: socket.socket) -> Iterator[None]:
        """While its request is in work a connection keeps nobody waiting."""
        self._waiting.pop(id(connection), None)
        try:
            yield
        finally:
            self._waiting[id(connection)] = connection
