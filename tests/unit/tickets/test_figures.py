"""What an outcome comes to in numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from estafet.events import made_at, new_id
from services.tickets import custody
from services.tickets.figures import Fact, facts
from tests.unit.tickets import scene
from tests.unit.tickets.town import NOW


def test_an_id_says_when_it_was_made() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    made = made_at(new_id())
    assert made is not None
    assert before <= made <= datetime.now(UTC)


def test_an_id_of_others_says_nothing() -> None:
    for id in ("", "m-17", "9c5b94b1-35ad-49bb-b118-8e8fc24abf80", "ffffffff-ffff-7fff-bfff-ffffffffffff"):
        assert made_at(id) is None


def test_an_acceptance_is_measured_from_the_offer() -> None:
    case = scene.offered("jalan")
    assert case.pending is not None
    offered = made_at(case.pending.offered or "")
    assert offered is not None
    later = offered + timedelta(hours=3)
    outcome = custody.accept(case, scene.act("jalan", now=later))
    assert facts(case, outcome, NOW, later) == [Fact("handoff.accepted", "jalan", accepted_after=3 * 3600)]


def test_a_resolution_is_measured_from_the_opening_and_by_its_handoffs() -> None:
    case = scene.held("jalan", "taman")
    later = NOW + timedelta(days=4)
    outcome = custody.resolve(case, scene.act("taman", now=later), reason="fixed")
    assert facts(case, outcome, NOW, later) == [
        Fact("ticket.resolved", "taman", resolved_after=4 * 86400, hops=case.hops)
    ]
    assert case.hops > 0


def test_what_has_no_duration_is_counted_alone() -> None:
    case = scene.request(scene.held("jalan"), "taman")
    withdrawn = custody.withdraw(case, scene.act("jalan"))
    assert facts(case, withdrawn, NOW, NOW) == [Fact("handoff.withdrawn", "jalan")]


def test_a_clock_that_was_set_back_measures_nothing_negative() -> None:
    case = scene.held("jalan")
    outcome = custody.resolve(case, scene.act("jalan"), reason="fixed")
    assert facts(case, outcome, NOW + timedelta(days=900), NOW)[0].resolved_after == 0
