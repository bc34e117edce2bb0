"""Processes killed with kill -9, and exchanged as a deployment does. The supervisor starts what was killed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack

from estafet.settings import SERVICES
from tests.chaos.town import Town
from tests.chaos.unit import Unit


def kill_one(town: Town, chance: random.Random) -> str:
    return _kill(town, [chance.choice(town.fleet.units)])


def kill_several(town: Town, chance: random.Random) -> str:
    return _kill(town, chance.sample(town.fleet.units, chance.randint(2, 4)))


def kill_service(town: Town, chance: random.Random) -> str:
    """Both replicas: nobody is left to do its work."""
    return _kill(town, town.fleet.of(chance.choice(SERVICES)))


def kill_all(town: Town, chance: random.Random) -> str:
    return _kill(town, town.fleet.units)


def roll(town: Town, chance: random.Random) -> str:
    unit, new_first = chance.choice(town.fleet.units), chance.random() < 0.5
    with town.alone(unit.name):
        unit.roll(new_first)
        if "notify" in unit.services:
            town.flight.look()  # it may have been cut off: ten seconds are enough, unless its database is away
    return f"{unit.name} rolled, {'the new process first' if new_first else 'the old process ended first'}"


def restart(town: Town, chance: random.Random) -> str:
    """The one process of the embedded form, asked to end."""
    (unit,) = town.fleet.units
    unit.roll(new_first=False)
    return f"{unit.name} restarted"


def _kill(town: Town, units: Sequence[Unit]) -> str:
    with ExitStack() as held:  # until it is known which letters they had in hand, nobody starts them again
        for unit in units:
            held.enter_context(unit.lock)
        for unit in units:
            unit.kill()
        if any("notify" in unit.services for unit in units):
            town.flight.look()
    return f"kill -9 of {', '.join(unit.name for unit in units)}"
