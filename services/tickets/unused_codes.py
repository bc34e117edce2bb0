"""Codes for new reports: drawn until there are as many as are needed that no report has."""

from __future__ import annotations

from secrets import choice

from sqlalchemy import select

from estafet.relay.among import among
from estafet.relay.work import Work
from services.tickets import codes
from services.tickets.directory import Directory
from services.tickets.tables import tickets

_TAKEN = select(tickets.c.code).where(among(tickets.c.code, "codes"))


class Codes:
    """Codes that no report has, drawn for one unit of work."""

    def __init__(self, work: Work) -> None:
        self._connection = work.connection
        self._unused: list[str] = []
        self._taken = 0

    @staticmethod
    def of(work: Work) -> Codes:
        return work.once(Codes, lambda: Codes(work))

    def draw(self, directory: Directory, count: int) -> None:
        """Look for so many at once."""
        while count > len(self._unused):
            drawn = {codes.make(directory.code_prefix, choice) for _ in range(count - len(self._unused))}
            taken = self._connection.execute(_TAKEN, {"codes": drawn}).scalars()
            self._unused += sorted(drawn.difference(taken, self._unused))

    def take(self, directory: Directory) -> str:
        """One that is not given out again. Whoever needs one needs more, as likely as not."""
        if not self._unused:
            self.draw(directory, self._taken + 1)
        self._taken += 1
        return self._unused.pop()
