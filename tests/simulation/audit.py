"""What is checked after each step, of what the step changed, and once more at the end."""

from __future__ import annotations

from traceback import extract_tb

from tests.simulation.books import Books
from tests.simulation.custodian import Custodian
from tests.simulation.people import People
from tests.simulation.perils import Violation
from tests.simulation.world import World


class Audit:
    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._books = Books(world, people)
        self._custodian = Custodian(world, people)
        world.broker.on_ack = self._books.acknowledged
        self._commits = dict.fromkeys(world.stations, 0)
        self._look()

    def after_step(self) -> None:
        changed = self._look()
        try:
            for station in changed:
                self._books.look(station)
            if "tickets" in changed:
                self._custodian.look()
        except Violation:
            raise
        except AssertionError as error:
            raise Violation(str(error) or _claim(error)) from error

    def at_the_end(self) -> None:
        self._books.close()
        self._custodian.close()

    def _look(self) -> list[str]:
        """The services whose databases changed since the last look."""
        now = {name: station.database.commits for name, station in self._world.stations.items()}
        changed = [name for name, count in now.items() if count != self._commits[name]]
        self._commits = now
        return changed


def _claim(error: AssertionError) -> str:
    """What was claimed, of an assertion without words."""
    return extract_tb(error.__traceback__)[-1].line or "an assertion"
