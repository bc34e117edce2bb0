"""PostgreSQL, ended amid its transactions."""

from __future__ import annotations

import random
import time

from tests.chaos.town import Town


def restart(town: Town, chance: random.Random) -> str:
    """At once, as a crash: what was not committed is rolled back when it comes again."""
    assert town.postgres is not None, "the embedded form has no server"
    with town.alone("database"):
        town.postgres.stop("immediate")
        seconds = chance.uniform(0, 2)
        time.sleep(seconds)
        town.postgres.start()
    return f"PostgreSQL ended at once, started after {seconds:.1f} s"
