"""Custody in numbers, on both databases: what is committed is counted once, what waits is read from the tables."""

import contextlib
from datetime import timedelta

from prometheus_client import REGISTRY

from services.tickets import custody, figures
from services.tickets.custody import Act
from services.tickets.store import Cases
from tests.integration.tickets.town import NOW, Town


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def measure(town: Town, now=NOW) -> None:
    with town.works.database.read() as connection:
        figures.measure(connection, now)


def test_what_is_rolled_back_is_not_counted(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    before = value("estafet_custody_total", event="handoff.accepted")
    with contextlib.suppress(RuntimeError), town.works.begin() as work:
        case = Cases.of(work).get(code)
        Cases.of(work).save(custody.accept(case, Act(by="jalan", now=work.now)))
        raise RuntimeError("after all, not")
    assert value("estafet_custody_total", event="handoff.accepted") == before
    town.act(code, lambda case, work: custody.accept(case, Act(by="jalan", now=work.now)))
    assert value("estafet_custody_total", event="handoff.accepted") == before + 1
    assert value("estafet_acceptance_seconds_count", office="jalan") >= 1


def test_a_message_that_comes_twice_is_counted_once(town):
    code = town.submit()
    before = value("estafet_custody_total", event="handoff.offered")
    offer = town.routed(code, "jalan")
    town.deliver(offer)
    town.deliver(offer, offer)
    assert value("estafet_custody_total", event="handoff.offered") == before + 1


def test_a_resolution_is_counted_by_its_office_and_hops(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    town.act(code, lambda case, work: custody.accept(case, Act(by="jalan", now=work.now)))
    town.clock.pass_by(days=2)
    total = value("estafet_resolution_seconds_sum", office="jalan")
    hops = value("estafet_hops_count")
    town.act(code, lambda case, work: custody.resolve(case, Act(by="jalan", now=work.now), reason="fixed"))
    assert value("estafet_resolution_seconds_sum", office="jalan") == total + 2 * 86400
    assert value("estafet_hops_count") == hops + 1


def test_offers_wait_are_overdue_and_are_gone_when_they_are_answered(town):
    codes = [town.submit() for _ in range(3)]
    for code in codes:
        town.deliver(town.routed(code, "jalan", accept_by=NOW + timedelta(hours=1 if code == codes[0] else 9)))
    measure(town)
    assert (value("estafet_offers_pending", office="jalan"), value("estafet_offers_overdue", office="jalan")) == (3, 0)
    measure(town, NOW + timedelta(hours=2))
    assert value("estafet_offers_overdue", office="jalan") == 1
    for code in codes:
        town.act(code, lambda case, work: custody.accept(case, Act(by="jalan", now=work.now)))
    measure(town, NOW + timedelta(hours=2))
    assert REGISTRY.get_sample_value("estafet_offers_overdue", {"office": "jalan"}) is None


def test_what_waits_for_a_coordinator_is_counted_by_coordinator(town):
    town.deliver(town.blocked(town.submit()))
    measure(town)
    assert value("estafet_convened_pending", coordinator="asisten") == 1
