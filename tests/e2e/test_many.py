"""Many reports at once, by event, through the deployed form: each is offered, and each reader is told once of it."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from estafet.settings import SERVICES
from tests.e2e.publishing import report, submit
from tests.e2e.system import Deployed, System, until

pytestmark = pytest.mark.alone

REPORTS = int(os.environ.get("ESTAFET_TEST_REPORTS", "1000"))

#: What a new report in a department's category comes to, without anybody's doing.
TOLD = {"ticket-opened-reporter": 1, "handoff-offered-receiver": 1, "handoff-offered-reporter": 1}


@pytest.mark.timeout(1500)
def test_every_report_is_offered_and_every_notification_recorded_once(running: Callable[[str], System]) -> None:
    system = running("deployed")
    assert isinstance(system, Deployed)
    references = [f"many-{uuid.uuid4().hex}" for _ in range(REPORTS)]
    deferred_before = _deferred(system)  # others' tests may have left some
    submit(system.amqp("intake"), map(report, references))

    def offered() -> Mapping[str, int]:
        return dict(system.rows("tickets", _STANDING))

    until(lambda: offered().get("offered", 0) >= REPORTS, "every report to be offered", timeout=600)
    until(lambda: _told(system) >= REPORTS * len(TOLD), "everybody to be told", timeout=600)

    assert offered() == {"offered": REPORTS}
    codes = dict(system.rows("tickets", "select reference, code from tickets where reference like 'many-%'"))
    assert set(codes) == set(references)
    deliveries = Counter[tuple[str, str]](
        (row[0], row[1]) for row in system.rows("notify", "select ticket, template from deliveries")
    )
    for reference in references:
        assert {name: deliveries[codes[reference], name] for name in TOLD} == TOLD
    recorded = Counter(row[0] for row in system.rows("tickets", _RECORDED))
    assert all(recorded[codes[reference]] == len(TOLD) for reference in references)
    assert _deferred(system) == deferred_before


_STANDING = "select status, count(*) from tickets where reference like 'many-%' group by status"
_RECORDED = (
    "select chain.code from chain join tickets on tickets.code = chain.code"
    " where chain.name = 'notification.sent' and tickets.reference like 'many-%'"
)


def _deferred(system: Deployed) -> list[int]:
    query = "select count(*) from deferred where state in ('waiting', 'dead')"
    return [int(system.rows(service, query)[0][0]) for service in SERVICES]


def _told(system: Deployed) -> int:
    """How many notifications the chains of these reports hold; other tests' reports are not counted."""
    return len(system.rows("tickets", _RECORDED))
