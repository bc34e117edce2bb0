"""A dead message in the operator's hands: listed, shown, discarded, replayed: alone, with its like, by error, all."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e.conftest import Make, Running
from tests.e2e.system import System, until

DEAD = 5
#: Each command is a process of its own.
PATIENT = pytest.mark.timeout(300)


@pytest.fixture
def system(make: Make, form: str) -> System:
    """One without other tests' dead messages."""
    started = make(form).prepare().start()
    started.wait_for_city()
    return started


def states(system: System) -> list[str]:
    return sorted(row.state for row in system.deferred("tickets"))


@PATIENT
def test_dead_messages_are_decided_on(system: System) -> None:
    for number in range(DEAD):
        system.publish("intake.events", "report.submitted", b"not JSON: %d" % number)
    foreign: dict[str, Any] = {"specversion": "1.0", "id": "1", "source": "/app", "type": "id.estafet.x.y.v1"}
    system.publish("intake.events", "report.submitted", json.dumps({**foreign, "data": {}}).encode())
    until(lambda: states(system) == ["dead"] * (DEAD + 1), "all to be dead")

    listed = system.estafet("deferred", "list", "--state", "dead").stdout
    assert len(re.findall("malformed", listed)) == DEAD
    grouped = system.estafet("deferred", "list", "--groups").stdout
    assert len(grouped.splitlines()) == 3, grouped
    assert re.search(rf"tickets +{DEAD} +tickets.submit +malformed", grouped)

    one = next(row.id for row in system.deferred("tickets") if row.error == "malformed")
    shown = system.estafet("deferred", "show", one).stdout
    assert "malformed" in shown
    assert "not JSON: " not in shown
    assert "not JSON: " in system.estafet("deferred", "show", one, "--body").stdout

    ask = ("--who", "Rini", "--why", "a sender of tests")
    assert f"discarded {one} (tickets)" in system.estafet("deferred", "discard", one, *ask).stdout
    again = system.estafet("deferred", "discard", one, *ask, check=False)
    assert again.returncode == 1
    assert "cannot be discarded now" in again.stderr
    assert f"discarded {DEAD - 1} (tickets)" in system.estafet("deferred", "discard", "--like", one, *ask).stdout
    assert states(system) == ["dead"] + ["discarded"] * DEAD

    # What cannot be read cannot be read again: replayed, it is dead once more, with who and why.
    assert "Nothing is dead as malformed." in system.estafet("deferred", "replay", "--error", "malformed", *ask).stdout
    assert "replayed 1 (tickets)" in system.estafet("deferred", "replay", "--error", "foreign", *ask).stdout
    until(lambda: _ended(system, "foreign") == ("dead", "Rini"), "the replayed to be dead again")
    assert "discarded 1 (tickets)" in system.estafet("deferred", "discard", "--all", *ask).stdout
    assert "Nothing is dead." in system.estafet("deferred", "discard", "--all", *ask).stdout
    assert states(system) == ["discarded"] * (DEAD + 1)


@PATIENT
def test_a_decision_says_which_who_and_why(running: Running, form: str) -> None:
    """Nothing is decided here, so that the shared system will do."""
    system = running(form)
    for arguments in (["replay", "--why", "x"], ["discard", "some-id", "--error", "x", "--why", "x"]):
        done = system.estafet("deferred", *arguments, check=False)
        assert (done.returncode, "Say which" in done.stderr) == (1, True)
    done = system.estafet("deferred", "replay", "--all", "--why", " ", check=False)
    assert (done.returncode, "Say who decides this" in done.stderr) == (1, True)
    assert system.estafet("deferred", "replay", "some-id", check=False).returncode == 2


def _ended(system: System, error: str) -> tuple[str, str]:
    (row,) = (row for row in system.deferred("tickets") if row.error == error)
    return row.state, row.ended_by
