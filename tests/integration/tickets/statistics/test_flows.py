"""Who hands to whom and where it bounces, of reports that went known ways; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.tickets import custody
from services.tickets.custody import Act
from services.tickets.directory import Directory
from services.tickets.statistics.flows import Bounce, Flow, bounces, flows
from services.tickets.tables import handoffs
from tests.integration.tickets.town import DIRECTORY, NOW, Town

CITY = Directory.of(DIRECTORY)


def asked(town: Town, rule: Any, by: str, code: str, **options: Any) -> None:
    town.act(code, lambda case, work: rule(case, Act(by=by, now=work.now), **options))


def request(town: Town, code: str, by: str, receiver: str | None, **options: Any) -> None:
    asked(town, custody.request, by, code, directory=CITY, receiver=receiver, reason="not-our-task", **options)


def refuse(town: Town, code: str, by: str, right_office: str | None) -> None:
    asked(town, custody.refuse, by, code, directory=CITY, right_office=right_office, reason="not-our-task")


def accepted(town: Town, code: str, by: str) -> None:
    town.deliver(town.routed(code, by))
    asked(town, custody.accept, by, code)


@pytest.fixture
def went(town: Town) -> Town:
    """Three reports: refused twice and assigned; sent back and stopped; on its way. The second was a month ago."""
    bounced, back, waits = (town.submit() for _ in range(3))
    accepted(town, bounced, "jalan")
    request(town, bounced, "jalan", "taman")
    town.deliver(town.routed(bounced, "taman"))
    refuse(town, bounced, "taman", "hulu")
    town.deliver(town.routed(bounced, "hulu"))
    refuse(town, bounced, "hulu", "taman")
    town.deliver(town.blocked(bounced))
    asked(
        town,
        custody.assign,
        "asisten",
        bounced,
        directory=CITY,
        receiver="taman",
        reason="competent-office",
    )
    accepted(town, back, "jalan")
    request(town, back, "jalan", "taman")
    accepted(town, back, "taman")
    request(town, back, "taman", "jalan")
    town.deliver(town.blocked(back))
    accepted(town, waits, "jalan")
    request(town, waits, "jalan", "taman")
    town.deliver(town.routed(waits, "taman"))
    with town.works.database.begin() as connection:
        earlier = update(handoffs).where(handoffs.c.code == back)
        connection.execute(earlier.values(began_at=NOW - timedelta(days=31)))
    return town


def read(town: Town, question: Any, *options: Any) -> Any:
    with town.works.database.read() as connection:
        return question(connection, *options)


def test_flows_are_counted_by_what_became_of_them(went):
    assert read(went, flows) == [
        Flow("jalan", "taman", passed=1, assigned=1, waiting=1, refused=1),
        Flow("loket", "jalan", passed=3),
        Flow("jalan", "hulu", refused=1),
        Flow("taman", "jalan", stopped=1),
    ]
    jalan_taman = read(went, flows)[0]
    assert (jalan_taman.total, jalan_taman.went, jalan_taman.turned) == (4, 2, 1)


def test_of_a_period_and_of_an_office(went):
    month = NOW - timedelta(days=30)
    assert read(went, flows, month) == [
        Flow("jalan", "taman", assigned=1, waiting=1, refused=1),
        Flow("loket", "jalan", passed=2),
        Flow("jalan", "hulu", refused=1),
    ]
    assert read(went, flows, month, "hulu") == [Flow("jalan", "hulu", refused=1)]


def test_a_bounce_is_two_offices_that_said_of_one_report_that_it_is_the_others(went):
    assert read(went, bounces) == [Bounce("hulu", "taman", 1, 0, 1), Bounce("jalan", "taman", 0, 1, 1)]
    assert read(went, bounces, NOW - timedelta(days=30)) == [Bounce("hulu", "taman", 1, 0, 1)]
    assert read(went, bounces, None, "jalan") == [Bounce("jalan", "taman", 0, 1, 1)]


def test_what_was_stopped_without_the_other_having_said_anything_is_no_bounce(town):
    code = town.submit()
    accepted(town, code, "jalan")
    request(town, code, "jalan", "taman")
    town.deliver(town.blocked(code))
    assert read(town, bounces) == []
    assert Flow("jalan", "taman", stopped=1) in read(town, flows)


def test_every_state_of_a_handoff_is_counted(town):
    code = town.submit()
    accepted(town, code, "jalan")
    request(town, code, "jalan", "taman")
    for state in ("superseded", "withdrawn", "lapsed", "requested"):
        with town.works.database.begin() as connection:
            connection.execute(update(handoffs).where(handoffs.c.sender == "jalan").values(state=state))
        (found,) = (each for each in read(town, flows) if each.sender == "jalan")
        assert found.total == 1
