"""kill -9 in the middle of the work: when the system is back, nothing is missing and nothing is there twice."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from estafet.cli.drawing import data_of
from estafet.client import Client, Problem
from estafet.relay.database import connect
from estafet.settings import from_environment
from services.notify.tables import deliveries
from tests.e2e.conftest import Make
from tests.e2e.system import System, until

REPORTS = 60
KILLS = 3


@pytest.mark.timeout(600)
def test_a_killed_system_loses_nothing(make: Make, form: str) -> None:
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
            told = [data_of(each)["delivery"] for each in auditor.chain(code) if each["name"] == "notification.sent"]
            assert len(told) == len(set(told))
    # What was being sent when the process died waits until its claim on it ends; that it is kept is what counts.
    until(lambda: _to_be_told(system) >= set(codes.values()), "an office to be told of each report")
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


def _to_be_told(system: System) -> set[str]:
    """The reports that notify tells, or has told, the office asked of."""
    database = connect(from_environment(system.environment).database("notify"))
    wanted = select(deliveries.c.ticket).where(deliveries.c.template == "handoff-offered-receiver")
    with database.read() as connection:
        found = connection.execute(wanted).scalars().all()
    database.engine.dispose()
    assert len(found) == len(set(found)), "an office is told of the same offer twice"
    return set(found)
