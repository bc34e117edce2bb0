"""Chaos, briefly: nothing lost and nothing twice; and the audit that says so finds it when something is."""

from __future__ import annotations

import random
import sys

import pytest

from tests.chaos.faults import DEPLOYED
from tests.chaos.plan import plan
from tests.chaos.run import Chaos, Result, run
from tests.chaos.telling import lines

pytestmark = pytest.mark.alone

#: Seconds that heal, quiet and audit may take at most.
_PATIENCE = 150.0


def _ran(chaos: Chaos) -> Result:
    result = run(chaos)
    print("\n".join(lines(result)))
    return result


def _sabotaged(what: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.chaos.sabotage", what)


@pytest.mark.timeout(420)
def test_the_deployed_form_loses_nothing_and_does_nothing_twice() -> None:
    seed = random.randrange(10**6)
    every = 66 / (len(DEPLOYED) + 3)  # three to spare: the intervals between them are random
    chaos = Chaos(seed, seconds=70, per_second=8, every=every, longest=6, patience=_PATIENCE)
    result = _ran(chaos)
    assert not result.failed, "\n".join(lines(result))
    assert len(result.record.accepted) > 300
    assert set(result.struck) == set(DEPLOYED), "each fault strikes at least once"


@pytest.mark.timeout(240)
def test_the_embedded_form_loses_nothing_and_does_nothing_twice() -> None:
    chaos = Chaos(random.randrange(10**6), 25, "embedded", per_second=6, every=5, patience=_PATIENCE)
    result = _ran(chaos)
    assert not result.failed, "\n".join(lines(result))
    assert len(result.record.accepted) > 75
    assert len(result.struck) == 2


@pytest.mark.timeout(240)
def test_the_audit_finds_what_is_lost_without_an_outbox() -> None:
    """As services work that commit and then publish: what a kill finds between the two is never published."""
    kills = ("kill all", "broker killed")
    chaos = Chaos(1, 24, per_second=6, every=6, only=kills, patience=20, program=_sabotaged("outbox"))
    result = _ran(chaos)
    assert result.count("a subscriber never saw") > 0
    assert result.count("accepted by us and missing") == 0
    assert result.count("handled twice") == 0


@pytest.mark.timeout(240)
def test_the_audit_finds_what_is_done_twice_without_an_inbox() -> None:
    """The courier brings every message twice, as a broker may."""
    chaos = Chaos(1, 15, per_second=5, every=60, only=("links cut",), patience=40, program=_sabotaged("inbox"))
    result = _ran(chaos)
    assert result.count("reports made twice") > 0
    assert result.count("handled twice with effect") > 0
    assert result.count("ghosts") == 0


def test_a_plan_is_the_seeds_alone() -> None:
    faults = list(DEPLOYED)
    assert plan(7, 600, faults, 8) == plan(7, 600, faults, 8)
    assert plan(7, 600, faults, 8) != plan(8, 600, faults, 8)


def test_every_minute_has_its_faults_and_every_fault_its_turn() -> None:
    for seed in range(50):
        planned = plan(seed, 600, list(DEPLOYED), 8)
        assert len(planned) >= 40
        assert {each.fault for each in planned} == set(DEPLOYED)
        assert all(sum(minute <= each.at < minute + 60 for each in planned) >= 4 for minute in range(0, 600, 60))
