"""What is late, what waits, and how it went by week; on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text, update

from estafet.events import instant
from services.tickets.statistics.convened import between, convened, count_convened, since
from services.tickets.statistics.overdue import Late, Waiting, overdue, waiting
from services.tickets.statistics.trend import Week, trend
from services.tickets.tables import chain, tickets
from tests.integration.tickets.statistics.test_flows import accepted, refuse, request
from tests.integration.tickets.town import NOW, Town

JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.fixture
def late(town: Town) -> Town:
    """jalan holds three: 3 and 1 days late, and in time; taman has one that waits for asisten; one is closed."""
    for days in (-3, -1, 2):
        accepted(town, town.submit(), "jalan")
        with town.works.database.begin() as connection:
            fresh = update(tickets).where(tickets.c.resolve_by == NOW + timedelta(days=10))
            connection.execute(fresh.values(resolve_by=NOW + timedelta(days=days)))
    code = town.submit()
    accepted(town, code, "taman")
    request(town, code, "taman", None, convene=True)
    town.deliver(town.blocked(code))
    closed = town.submit()
    accepted(town, closed, "taman")
    with town.works.database.begin() as connection:
        ended = update(tickets).where(tickets.c.code == closed)
        connection.execute(ended.values(status="closed", resolve_by=NOW - timedelta(days=9)))
    return town


def test_what_is_late_by_office_with_the_oldest_and_the_median(late):
    with late.works.database.read() as connection:
        assert overdue(connection, NOW) == [
            Late("jalan", 3, 2, NOW - timedelta(days=3), 2.0),
            Late("taman", 1, 0, None, 0.0),
        ]
        assert waiting(connection) == [Waiting("asisten", 1, NOW)]


def test_what_waits_for_a_coordinator_and_between_whom(town):
    code = town.submit()
    accepted(town, code, "jalan")
    request(town, code, "jalan", "taman")
    town.deliver(town.routed(code, "taman"))
    refuse(town, code, "taman", "hulu")
    town.deliver(town.blocked(code))
    with town.works.database.read() as connection:
        (row,) = convened(connection, "asisten", 5)
        assert row["code"] == code
        assert between(connection, [row]) == {code: ("jalan", "taman", "hulu")}
        assert since(row) > NOW  # its id was made by the machine's clock
        assert convened(connection, "bupati", 5) == []
        assert [each["code"] for each in convened(connection, None, 5)] == [code]
        assert (count_convened(connection, None), count_convened(connection, "utara")) == (1, 0)


def test_weeks_begin_on_monday_in_the_citys_time(town):
    """NOW is a Monday, 09.00 in Jakarta; that week began on Sunday at 17.00 by UTC."""
    town.clock.time = NOW - timedelta(hours=10)
    before = town.submit()
    town.clock.time = NOW
    code = town.submit()
    accepted(town, code, "jalan")
    town.deliver(town.deadline(code, "resolve"))
    request(town, code, "jalan", "taman")
    town.deliver(town.routed(code, "taman"))
    town.deliver(town.deadline(code, "hold"))
    refuse(town, code, "taman", None)
    town.deliver(town.blocked(code))
    _move_chain_of(town, before, NOW - timedelta(hours=10))
    _move_chain_of(town, code, NOW)
    with town.works.database.read() as connection:
        weeks = trend(connection, NOW, JAKARTA, weeks=3)
    assert weeks == [
        Week(date(2026, 2, 16)),
        Week(date(2026, 2, 23), opened=1),
        Week(date(2026, 3, 2), opened=1, overdue=1, refused=1, convened=1),
    ]


def _move_chain_of(town: Town, code: str, time) -> None:
    """Events are stamped by the machine's clock."""
    stamp = instant(time)
    with town.works.database.begin() as connection:
        connection.execute(update(chain).where(chain.c.code == code).values(time=stamp))


def test_the_weeks_are_counted_by_the_index_made_for_it(town):
    """Both databases must see that what is asked for is what the index holds."""
    said = []
    with town.works.database.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *each: said.append(each[2:4]))
        trend(connection, NOW, JAKARTA)
        statement, parameters = said[-1]
        if town.works.database.is_postgresql:
            connection.execute(text("set enable_seqscan = off"))
            plan = connection.exec_driver_sql(f"explain {statement}", parameters)
        else:
            plan = connection.exec_driver_sql(f"explain query plan {statement}", parameters)
        assert "chain_counted" in str(plan.all())
