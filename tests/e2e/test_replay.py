"""A small log, replayed on both forms: it comes to what the log says, can be cut off, and changes nothing again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from estafet.cli.replay import handofflog
from tests.e2e.conftest import Make
from tests.e2e.system import ROOT, System, until

#: Holders of each case: straight, with one return, with two, longer than the hop budget, and never handed on.
CASES = ("ab", "abc", "aba", "abab", "abcde", "abcdefa", "a", "bcb", "cdefgh", "bab", "defd", "gh")


def write_log(path: Path) -> None:
    rows = ["case,activity,time,resource"]
    for case, holders in enumerate(CASES):
        rows += [f"{case},0,2012-05-{case + 1:02}T08:00:{at:02}+00:00,{who}" for at, who in enumerate(holders)]
        rows.append(f"{case},1,2012-05-{case + 1:02}T09:00:00+00:00,5")
    path.write_text("\n".join(rows) + "\n")


@pytest.mark.parametrize("budget", ["off", "3"])
def test_it_comes_to_what_the_log_says(make: Make, form: str, budget: str, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    write_log(log)
    system = make(form).prepare(city=None).start()
    arguments = [
        "replay",
        str(log),
        "--hop-budget",
        budget,
        "--workers",
        "4",
        "--summary",
        str(tmp_path / "summary.json"),
    ]
    cut_off(system, arguments)
    system.estafet(*arguments)
    summary = json.loads((tmp_path / "summary.json").read_text())
    expected = handofflog.expected(handofflog.read(log, ["5"]), None if budget == "off" else int(budget))
    assert summary["system"] == summary["log"] == asdict(expected)
    before = fingerprint(system, log)
    system.estafet(*arguments)
    assert fingerprint(system, log) == before
    assert " 0 broken" in system.estafet("chain", "--verify").stdout


def cut_off(system: System, arguments: list[str]) -> None:
    """Start a replay and kill it as soon as it has done something."""
    process = subprocess.Popen(
        [sys.executable, "-m", "estafet.cli.main", *arguments],
        cwd=ROOT,
        env=system.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: process.poll() is not None or _held(system), "the replay to begin")
    finally:
        process.kill()
        process.wait()


def fingerprint(system: System, log: Path) -> dict[str, Any]:
    """Every report of the log with its version and its custody messages, once routing has decided on the last of them.

    A case that the log never hands on is offered by nobody but routing, for which the replay does not wait.
    """
    found = handofflog.read(log, ["5"])
    with system.client(_tokens(system)["auditor"]) as auditor:
        seen = {}
        for case in found.cases:
            code = auditor.using(None).report(
                {"category": f"c-{case.holders[0]}", "text": f"Case {case.name}"}, key=found.key(case)
            )
            ticket = auditor.wait_for(code["code"], lambda each: each["status"] != "requested")
            seen[case.name] = (ticket["code"], ticket["version"], ticket["holders"], ticket["handoffs"])
    return seen


def _held(system: System) -> bool:
    tokens = _tokens(system)
    if not tokens:
        return False
    with system.client(tokens["ta"]) as client:
        return bool(client.desk("held")["items"])


def _tokens(system: System) -> dict[str, str]:
    """The tokens the replay works with; none before it has made them."""
    found: dict[str, str] = {}
    for file in (system.folder / "data" / "replay").glob("*/tokens.json"):
        found |= json.loads(file.read_text())
    return found
