"""The simulation can fail: each fault put into the code on purpose is found, and soon."""

from itertools import chain

import pytest

from tests.simulation.faults import FAULTS, fault
from tests.simulation.playing import play

#: A fault that more seeds than these do not find counts as not found.
WITHIN = 1000
STEPS = 200
#: Where to look first for those that take more than a few seeds: near one that found them once.
NEAR = {
    "inbox-key-without-source": 23,
    "retried-past-the-inbox": 27,
    "closes-with-open-referral": 19,
    "binding-forgotten": 13,
    "late-deadline-lapses-another-offer": 445,
    "message-lost-when-the-database-is-away": 107,
    "letter-claimed-twice": 211,
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str) -> None:
    near = NEAR.get(name, 0)
    seeds = chain(range(near, near + 5), range(WITHIN))
    with fault(name):
        found = next((failed for seed in seeds if (failed := play(seed, STEPS))), None)
    assert found is not None, f"{name} is not found within {WITHIN} seeds"
    healthy = play(found.seed, STEPS)
    assert healthy is None, healthy
