"""The simulation can fail: each fault put into the code on purpose is found, by seeds that are known to find it."""

import pytest

from tests.simulation.faults import FAULTS, fault
from tests.simulation.playing import play

#: The first seed of 150 steps that finds it.
FOUND_BY = {
    "ack-before-commit": 0,
    "inbox-key-without-subscription": 0,
    "inbox-key-without-source": 0,
    "inbox-off": 0,
    "stale-decision-applied": 1,
    "deadline-reset-on-handoff": 3,
    "outbox-skipped-for-one-event": 5,
    "outbox-bypassed": 0,
    "published-before-confirm": 1,
    "seen-dropped": 5,
    "second-offer": 1,
    "chain-entry-not-appended": 0,
    "closes-with-open-referral": 14,
    "holder-changes-at-offer": 0,
    "version-not-checked": 0,
    "binding-forgotten": 1,
}


def test_every_fault_has_a_seed() -> None:
    assert FOUND_BY.keys() == FAULTS.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str) -> None:
    seed = FOUND_BY[name]
    with fault(name):
        assert play(seed, steps=150) is not None
    healthy = play(seed, steps=150)
    assert healthy is None, healthy
