"""The network between a process and what it depends on: cut, frozen, delayed."""

from __future__ import annotations

import random
import time
from contextlib import nullcontext

from tests.chaos.town import Town


def cut(town: Town, chance: random.Random) -> str:
    chosen = _some(town, chance)
    for name in chosen:
        town.network.links[name].cut()
    return f"cut: {', '.join(chosen)}"


def cut_mail(town: Town, chance: random.Random) -> str:
    """While letters are on their way: held back first, so that what was in flight can be told."""
    chosen = [name for name in town.network.links if name.endswith("mail")]
    with town.alone("mail"):
        for name in chosen:
            town.network.links[name].freeze()
        town.flight.look()
        for name in chosen:
            town.network.links[name].cut()
            town.network.links[name].flow()
    return f"cut with letters on their way: {', '.join(chosen)}"


def freeze(town: Town, chance: random.Random) -> str:
    """Nothing goes through, and nobody is told."""
    chosen, seconds = _some(town, chance, mail=True), chance.uniform(0.2, 1) * town.longest
    mail = any(name.endswith("mail") for name in chosen)
    with town.alone("mail" if mail else "links"), town.flight.watched() if mail else nullcontext():
        for name in chosen:
            town.network.links[name].freeze()
        time.sleep(seconds)
        for name in chosen:
            town.network.links[name].flow()
    return f"frozen for {seconds:.1f} s: {', '.join(chosen)}"


def delay(town: Town, chance: random.Random) -> str:
    chosen, seconds = _some(town, chance, mail=True), chance.uniform(0.2, 1) * town.longest
    wait = chance.uniform(0.01, 0.15)
    for name in chosen:
        town.network.links[name].delay = wait
    time.sleep(seconds)
    for name in chosen:
        town.network.links[name].delay = 0.0
    return f"delayed by {wait * 1000:.0f} ms for {seconds:.1f} s: {', '.join(chosen)}"


def _some(town: Town, chance: random.Random, mail: bool = False) -> list[str]:
    """Up to four links."""
    names = [name for name in town.network.links if mail or not name.endswith("mail")]
    return sorted(chance.sample(names, chance.randint(1, 4)))
