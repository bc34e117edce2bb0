"""The simulated world as a test: some seeds, those that failed once, and the promise that a seed replays."""

import subprocess
import sys

import pytest

from tests.simulation.faults import fault
from tests.simulation.playing import play

#: Seeds and steps that found something once, with what it was.
ONCE_FAILED: list[tuple[int, int]] = [
    (177, 200),  # letters sent again after a death before they were written down: the audit counted them wrong
    (212, 200),
    (723, 200),  # a client's second attempt answered amid its first: people forgot the same request twice
    (948, 200),
    (949, 200),
    (8254, 200),  # the end waited a second at a time for letters that wait for a contact, and gave up
    (9904, 200),
]


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_whatever_happens_the_rules_hold(first: int) -> None:
    for seed in range(first, first + 20):
        failed = play(seed, steps=120)
        assert failed is None, failed


@pytest.mark.parametrize(("seed", "steps"), ONCE_FAILED)
def test_what_failed_once_holds(seed: int, steps: int) -> None:
    failed = play(seed, steps)
    assert failed is None, failed


def test_a_failing_seed_replays_exactly() -> None:
    with fault("seen-dropped"):
        found = next(failed for seed in range(100) if (failed := play(seed, 150)))
        play(found.seed + 1, 150)
        assert play(found.seed, 150) == found
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(found.seed), "--steps", "150"]
    other = subprocess.run([*command, "--fault", "seen-dropped"], capture_output=True, text=True, check=False)
    assert other.returncode == 1
    assert found.what in other.stdout
    assert found.trace.rpartition("\n")[2] in other.stdout, "another process sees the same steps"
