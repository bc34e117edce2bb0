"""RabbitMQ stopped, killed, and short of room."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.bed import RabbitMQ
from tests.chaos.town import Town


def stop(town: Town, chance: random.Random) -> str:
    return _without(town, chance, RabbitMQ.stop, "stopped")


def kill(town: Town, chance: random.Random) -> str:
    return _without(town, chance, RabbitMQ.kill, "killed")


def alarm(town: Town, chance: random.Random) -> str:
    """Publishers are blocked while an alarm lasts; consumers are not."""
    which, raised, normal = chance.choice(
        [("disk", ("set_disk_free_limit", "1000TB"), ("set_disk_free_limit", "50MB")),
         ("memory", ("set_vm_memory_high_watermark", "0.00001"), ("set_vm_memory_high_watermark", "0.4"))]
    )  # fmt: skip
    with town.alone("broker"):
        broker = _broker(town)
        broker.ctl(*raised)
        lasts = chance.uniform(2, 4 + town.longest / 3)
        time.sleep(lasts)
        broker.ctl(*normal)
    return f"RabbitMQ's {which} alarm for {lasts:.1f} s"


def _without(town: Town, chance: random.Random, end: Callable[[RabbitMQ], None], how: str) -> str:
    with town.alone("broker"):
        broker = _broker(town)
        end(broker)
        seconds = chance.uniform(0, 3)
        time.sleep(seconds)
        broker.start()
    return f"RabbitMQ {how}, started after {seconds:.1f} s"


def _broker(town: Town) -> RabbitMQ:
    assert town.rabbitmq is not None, "the embedded form has no broker"
    return town.rabbitmq
