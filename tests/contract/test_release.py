"""What breaks with the last release fails the check of CI, and says who suffers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from estafet.events.documents import RELEASED, ROOT, broken
from estafet.events.release import broken as broken_with


def test_no_schema_breaks_with_the_last_release() -> None:
    assert broken() == []


def _contracts(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command, in a copy of the repository."""
    return subprocess.run(
        [sys.executable, "-m", "estafet.cli.main", "contracts", *options],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("docs", "deploy/rabbitmq", "estafet"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _edit(path: Path, before: str, after: str) -> None:
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))


def test_ci_checks_what_the_command_checks() -> None:
    assert "run estafet contracts --check\n" in (ROOT / "dev").read_text()
    assert "./dev check" in (ROOT / ".ci/run").read_text()


def test_a_field_removed_from_a_schema_fails_ci_with_who_reads_it(copy: Path) -> None:
    assert _contracts(copy, "--check").returncode == 0
    schemas = copy / "estafet/events/tickets.py"
    before, offered, rest = schemas.read_text().partition("class HandoffOffered(Contents):")
    schemas.write_text(before + offered + rest.replace("    receiver = slug(required=True)\n", "", 1))
    written = copy / "docs/contracts/schemas/handoff.offered.v1.json"
    there = written.read_text()
    for options in (["--check"], [], ["--release", "9.0.0"]):
        failed = _contracts(copy, *options)
        assert failed.returncode == 1
        assert (
            "handoff.offered.v1 no longer has data.receiver: routing.watch and notify.tell read it, and so may other "
            "apps; keep it as it was, or add handoff.offered.v2 beside it."
        ) in failed.stderr
    assert written.read_text() == there


def test_growth_is_written_and_held_to_from_the_next_release_on(copy: Path) -> None:
    schemas, meanings = copy / "estafet/events/tickets.py", copy / "estafet/events/meanings.py"
    as_it_was = schemas.read_text()
    _edit(schemas, "class TicketResolved(Contents):\n", "class TicketResolved(Contents):\n    mood = slug()\n")
    _edit(meanings, '    "name": ', '    "mood": "How the office feels.",\n    "name": ')
    assert "ticket.resolved.v1.json is stale: run estafet contracts" in _contracts(copy, "--check").stderr
    assert _contracts(copy).returncode == _contracts(copy, "--check").returncode == 0
    assert "How the office feels." in (copy / "docs/contracts/index.html").read_text()
    grown = schemas.read_text()
    schemas.write_text(as_it_was)
    assert _contracts(copy).returncode == 0, "what was never released may be taken back"
    schemas.write_text(grown)
    assert _contracts(copy, "--release", "9.0.0").returncode == 0
    assert json.loads((copy / RELEASED).read_text())["version"] == "9.0.0"
    schemas.write_text(as_it_was)
    assert "ticket.resolved.v1 no longer has data.mood: routing.watch and notify.tell" in _contracts(copy).stderr


def test_the_command_says_where_it_works_and_what_to_choose(copy: Path) -> None:
    assert "choose" in _contracts(copy, "--check", "--release", "1.0.0").stderr
    (copy / RELEASED).unlink()
    assert "is no checkout of the repository" in _contracts(copy).stderr


def test_each_kind_of_break_says_who_suffers() -> None:
    released = json.loads((ROOT / RELEASED).read_text())
    schemas = released["schemas"]
    del schemas["report.submitted.v1"]["properties"]["place"]["pattern"]
    schemas["reporter.given.v1"]["properties"]["nickname"] = {"type": "string"}
    schemas["report.accepted.v1"]["properties"]["queue"] = {"type": "string"}
    schemas["ticket.lost.v1"] = {}
    released["version"] = "0.0.9"
    assert broken_with(released) == [
        "report.submitted.v1 has another pattern for data.place: what other apps send would be refused, and "
        "tickets.submit reads it; keep it as it was, or add report.submitted.v2 beside it.",
        "report.accepted.v1 no longer has data.queue: other apps may read it; keep it as it was, or add "
        "report.accepted.v2 beside it.",
        "reporter.given.v1 no longer has data.nickname: notify.remember reads it; keep it as it was, or add "
        "reporter.given.v2 beside it.",
        "ticket.lost.v1 is gone: services and apps of release 0.0.9 still send it or wait for it; keep it.",
    ]
