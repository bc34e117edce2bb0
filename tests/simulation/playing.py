"""One seed, played from its beginning to quiet."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.faults import fault
from tests.simulation.ground import solid
from tests.simulation.perils import Violation
from tests.simulation.scheduler import Scheduler
from tests.simulation.trace import Trace
from tests.simulation.world import the_world


@dataclass(frozen=True)
class Failed:
    """A seed that ended in a violation."""

    seed: int
    steps: int
    what: str
    trace: str

    def __str__(self) -> str:
        replay = f"./dev simulate --seed {self.seed} --steps {self.steps}"
        return f"seed {self.seed}: {self.what}\n{self.trace}\n  replay: {replay}"


def play(seed: int, steps: int, longest: int = 60) -> Failed | None:
    """None: everything held. Errors of the code under test are violations too: people and messages never cause any."""
    world = the_world()
    trace = Trace(longest)
    with solid(world.chance):
        try:
            Scheduler(world, seed, trace).play(steps)
        except Violation as violation:
            return Failed(seed, steps, str(violation), str(trace))
        except Exception as error:
            return Failed(seed, steps, f"{type(error).__name__}: {error}", str(trace))
    return None


def find(name: str, seeds: range, steps: int) -> Failed | None:
    """The first of these seeds that finds a fault, put into the code by name."""
    with fault(name):
        return next((failed for seed in seeds if (failed := play(seed, steps))), None)
