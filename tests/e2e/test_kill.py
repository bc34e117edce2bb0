"""kill -9 in the middle of the work: when the system is back, nothing is missing and nothing is there twice."""

from __future__ import annotations

import threading

import pytest

from estafet.cli.drawing import data_of
from estafet.client import Client, Problem
from tests.e2e.conftest import Make
from tests.e2e.mailbox import Mailbox
from tests.e2e.system import System, until

REPORTS = 60
KILLS = 3


@pytest.mark.timeout(600)
def test_a_killed_system_loses_nothing(make: Make, form: str, mailbox: Mailbox) -> None:
    system = make(form).prepare().start()
    system.wait_for_city()
    tokens = system.tokens()
    codes: dict[int, str] = {}
    submitting = threading.Thread(target=_submit_all, args=(system, codes))
    submitting.start()
    for kill in range(1, KILLS + 1):
        until(lambda target=kill: len(codes) >= target * REPORTS // (KILLS + 2), "some reports")  # type: ignore[misc]
        system.kill()
        system.start()
    submitting.join()
    assert len(set(codes.values())) == REPORTS
    with system.client(tokens["auditor"]) as auditor:
        for code in codes.values():
            auditor.wait_for(code, lambda each: each["status"] == "offered", timeout=60)
            assert auditor.verify(code)["ok"]
            offered = [each for each in auditor.chain(code) if each["name"] == "handoff.offered"]
            assert len(offered) == 1
            until(lambda code=code: _told(auditor, code), f"somebody to be told of {code}")  # type: ignore[misc]
        for code in codes.values():
            told = _told(auditor, code)
            assert len(told) == len(set(told))
    assert "Nothing is deferred" in system.estafet("deferred", "list", "--state", "dead").stdout


def _submit_all(system: System, codes: dict[int, str]) -> None:
    for number in range(REPORTS):
        report = {"category": "ktp", "text": f"Laporan {number}", "reporter": {"email": f"w{number}@warga.example"}}
        codes[number] = until(lambda report=report, number=number: _submit(system, report, number), "an answer")


def _submit(system: System, report: dict[str, object], number: int) -> str | None:
    """With an idempotency key whoever got no answer may ask again."""
    try:
        with Client(system.url) as client:
            code: str = client.report(report, key=f"report-{number}")["code"]
            return code
    except Problem:
        return None


def _told(auditor: Client, code: str) -> list[str]:
    return [data_of(each)["delivery"] for each in auditor.chain(code) if each["name"] == "notification.sent"]
