"""Several messages about one report in one batch: each sees what those before it did, and all or nothing is kept."""

import random
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from estafet.events import new_id
from estafet.relay.errors import Hopeless
from services.tickets import custody, recording
from services.tickets.custody import Act
from services.tickets.store import Cases
from services.tickets.tables import chain, holdings
from services.tickets.tables import tickets as reports
from tests.integration.tickets.town import REPORT, Town, message


def positions(town: Town, code: str) -> list[int]:
    with town.works.database.read() as connection:
        assert recording.verify(connection, code) is None
        return [each.position for each in recording.entries(connection, code)]


def test_messages_of_a_batch_see_each_others_effects(town):
    code = town.submit()
    before = len(positions(town, code))
    routed = town.routed(code, "jalan")
    town.deliver(routed, town.notified(code), town.routed(code, "taman"), routed)
    case = town.case(code)
    assert (case.status, case.offered_to) == ("offered", "jalan")
    # routed, its offer, notified, and the second decision, which came too late
    assert positions(town, code) == list(range(1, before + 5))
    with town.works.database.read() as connection:
        last = list(recording.entries(connection, code))[-1]
    assert (last.name, last.superseded) == ("handoff.routed", True)


def test_custody_that_changes_twice_in_one_transaction_has_no_gap(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    with town.works.begin() as work:
        cases = Cases.of(work)
        cases.save(custody.accept(cases.get(code), Act(by="jalan", now=work.now)))
        held = cases.get(code)
        again = custody.Holding(office="taman", since=work.now, how="assigned", message=new_id())
        cases.save(custody.Outcome(case=replace(held, holder="taman"), holding=again))
    with town.works.database.read() as connection:
        rows = connection.execute(select(holdings).where(holdings.c.code == code).order_by(holdings.c.number)).all()
    assert [(row.number, row.office) for row in rows][1:] == [(2, "jalan"), (3, "taman")]
    assert [row.until for row in rows] == [*(row.since for row in rows[1:]), None]


def test_a_failure_in_the_middle_keeps_nothing_of_the_batch(town):
    code = town.submit()
    before, said = positions(town, code), town.names()
    with pytest.raises(Hopeless):
        town.deliver(
            message("report.submitted", REPORT, source="/app"),
            town.routed(code, "jalan"),
            town.notified("CTH-0000-0000"),
            town.notified(code),
        )
    assert (positions(town, code), town.names()) == (before, said)
    assert town.case(code).status == "requested"
    with town.works.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(reports)).scalar_one() == 1


@pytest.mark.parametrize("seed", range(3))
def test_doubled_and_shuffled_in_one_batch_is_once(town, seed):
    codes = [town.submit() for _ in range(3)]
    before = sum(len(positions(town, code)) for code in codes)
    bodies = [body for code in codes for body in (town.routed(code, "jalan"), town.notified(code), town.notified(code))]
    doubled = bodies * 2
    random.Random(seed).shuffle(doubled)
    town.deliver(*doubled)
    assert {town.case(code).offered_to for code in codes} == {"jalan"}
    # each message once, and an offer for each report
    assert sum(len(positions(town, code)) for code in codes) == before + len(bodies) + len(codes)


def test_a_batch_needs_as_many_statements_as_a_message(town):
    def statements(count: int) -> int:
        bodies = [town.notified(town.submit()) for _ in range(count)]
        seen: list[str] = []

        def note(connection, cursor, statement, *more):
            seen.append(statement)

        event.listen(town.works.database.engine, "before_cursor_execute", note)
        town.deliver(*bodies)
        event.remove(town.works.database.engine, "before_cursor_execute", note)
        return len(seen)

    assert statements(12) == statements(1)


def test_reports_and_their_chains_are_opened_together(town):
    with town.works.database.read() as connection:
        empty = connection.execute(select(func.count()).select_from(chain)).scalar_one()
    town.deliver(*(message("report.submitted", REPORT, source="/app") for _ in range(20)))
    codes = [each["data"]["code"] for each in town.said("report.accepted")]
    assert len(set(codes)) == 20
    assert empty == 0
    assert all(positions(town, code) == [1, 2] for code in codes)
