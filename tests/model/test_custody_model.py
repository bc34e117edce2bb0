"""Spin on the custody protocol: what has to hold is proved, and a protocol that is broken on purpose is refuted."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.bed.install import ensure

MODEL = Path(__file__).parents[2] / "docs" / "model" / "custody.pml"
#: Properties, and whether they need each process to go on where it can (weak fairness).
PROPERTIES = {"one_holder": False, "offers_counted": False, "offers_end": True, "questions_end": True}


def verify(folder: Path, claim: str, *definitions: str) -> tuple[int, int, str]:
    """Search every state for a violation of a claim: errors, states, and what spin says."""
    found = ensure(("spin", "gcc"))
    defined = [f"-D{each}" for each in definitions]
    _run(folder, str(found["spin"] / "spin"), "-a", *defined, str(MODEL))
    _run(folder, str(found["gcc"] / "gcc"), "-O2", "-w", "-DNFAIR=3", "-o", "pan", "pan.c")
    fair = ["-f"] if PROPERTIES[claim] else []
    said = _run(folder, "./pan", "-a", *fair, "-m1000000", "-N", claim)
    errors = re.search(r"errors: (\d+)", said)
    states = re.search(r"(\d+) states, stored", said)
    assert errors, said
    assert states, said
    return int(errors[1]), int(states[1]), said


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("claim", PROPERTIES)
@pytest.mark.parametrize("bounds", [("FAULTS=1", "ACTS=3"), ("FAULTS=2", "ACTS=1")], ids="-".join)
def test_the_protocol_is_proved(tmp_path: Path, claim: str, bounds: tuple[str, ...]) -> None:
    errors, states, said = verify(tmp_path, claim, *bounds)
    assert errors == 0, said
    assert "Search not completed" not in said, said
    assert "max search depth too small" not in said, said
    assert states > 100_000, "a space this small has lost something of the protocol"


@pytest.mark.parametrize(
    ("claim", "mutation"),
    [
        ("one_holder", "HOLDER_AT_OFFER"),  # the holder changes when the report is offered
        ("one_holder", "ANY_VERSION"),  # a decision on a version that is gone is obeyed: it breaks an assertion
        ("questions_end", "PUBLISH_ONCE"),  # commit, then publish: what is cut in between is gone
    ],
)
def test_a_broken_protocol_is_refuted(tmp_path: Path, claim: str, mutation: str) -> None:
    errors, _, said = verify(tmp_path, claim, "FAULTS=1", "ACTS=3", mutation)
    assert errors > 0, said
