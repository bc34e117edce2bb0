"""The operator, who looks at what could not be handled and has it tried again."""

from __future__ import annotations

from estafet.relay import triage
from tests.simulation.station import Station
from tests.simulation.world import World

#: Dead messages that are nobody's fault but the processes': worth another try.
_DEAD = "select id from deferred where state = 'dead' and error = 'delivery-limit'"


class Operator:
    def __init__(self, world: World) -> None:
        self._world = world

    def replay(self, station: Station) -> str | None:
        """As ``estafet deferred replay`` does."""
        dead = [id for (id,) in station.database.rows(_DEAD)]
        if not dead:
            return None
        with station.database.begin() as connection:
            triage.replay(connection, dead, "the operator", "mended", self._world.clock.now())
        return f"the operator replays {len(dead)} of {station.name}"
