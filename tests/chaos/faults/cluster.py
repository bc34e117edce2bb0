"""A node of the broker killed, and a container of a service."""

from __future__ import annotations

import random
import time

from tests.chaos.town import Town


def kill_node(town: Town, chance: random.Random) -> str:
    """One after another: the next when the last is back with every copy."""
    assert town.nodes is not None, "only a cluster has nodes"
    with town.alone("broker"):
        return town.nodes.kill_one(chance, chance.uniform(3, 12))


def kill_one(town: Town, chance: random.Random) -> str:
    """kill -9, and started again as docker does with what ends by itself."""
    unit = chance.choice(town.fleet.units)
    with town.alone(unit.name):
        unit.kill()
        if "notify" in unit.services:
            town.flight.look()
        time.sleep(0.5)
        unit.start()
    return f"kill -9 of {unit.name}"
