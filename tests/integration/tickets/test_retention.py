"""Reports closed long ago forget their reporters, by the policy's years, and nothing else is forgotten."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import MetaData, select, update

from services.tickets import custody, recording
from services.tickets.custody import Act
from services.tickets.reporters import retention, secrets
from services.tickets.tables import tickets
from services.tickets.views import _ERASED
from tests.integration.tickets.town import DIRECTORY, NOW, Town, message

WROTE = "Atap rumah Kuswandari bocor"
REPORTER = {"name": "Kuswandari", "email": "kuswandari@contoh.id", "phone": None}
YEARS = 3


@pytest.fixture
def town(bare: Town) -> Town:
    bare.deliver(message("directory.published", DIRECTORY | {"retention_years": YEARS}))
    return bare


def written(town: Town) -> str:
    code = town.submit(text=WROTE, reporter=REPORTER)
    town.deliver(town.routed(code, "taman"))
    act(town, code, custody.accept, "taman")
    act(town, code, custody.note, None)
    return code


def act(town: Town, code: str, rule: Any, by: str | None, **more: Any) -> None:
    town.act(code, lambda case, work: rule(case, Act(by=by, now=work.now), **more))


def closed(town: Town) -> str:
    code = written(town)
    act(town, code, custody.resolve, "taman", reason="fixed")
    act(town, code, custody.confirm, None)
    return code


def rows(town: Town) -> str:
    with town.works.database.read() as connection:
        found = MetaData()
        found.reflect(connection)
        tables = [table for table in found.sorted_tables if table.name in ("texts", "reporters", "notes", "outbox")]
        return str([tuple(row) for table in tables for row in connection.execute(select(table))])


def erased(town: Town) -> dict[str, Any]:
    with town.works.database.read() as connection:
        found = connection.execute(select(tickets.c.code, tickets.c.erased_why).where(tickets.c.erased_at.is_not(None)))
        return {row.code: row.erased_why for row in found}


def test_a_report_is_forgotten_when_its_years_are_over_and_not_a_day_before(town: Town) -> None:
    code, still_open = closed(town), written(town)
    town.clock.time = NOW.replace(year=NOW.year + YEARS)
    assert retention.forget(town.works) == 0
    town.clock.pass_by(days=1)
    assert retention.forget(town.works) == 1
    assert erased(town) == {code: "retention"}
    assert retention.forget(town.works) == 0
    with town.works.database.read() as connection:
        assert [recording.verify(connection, each) for each in (code, still_open)] == [None, None]
        row = connection.execute(select(tickets).where(tickets.c.code == code)).one()
    assert row.secret_hash == secrets.NEVER
    assert [each["subject"] for each in town.said("reporter.erased")] == [code]
    assert _ERASED[row.erased_why]["en"] == "Erased: its time to be kept is over."


def test_what_the_reporter_gave_and_wrote_is_gone_from_every_table(town: Town) -> None:
    closed(town)
    assert "Kuswandari" in rows(town)
    town.clock.pass_by(days=366 * YEARS)
    retention.forget(town.works)
    assert "Kuswandari" not in rows(town)


def test_many_are_forgotten_in_small_batches(town: Town) -> None:
    codes = {closed(town) for _ in range(5)}
    town.clock.pass_by(days=366 * YEARS)
    assert retention.forget(town.works, batch=2) == 5
    assert erased(town).keys() == codes


def test_what_the_release_before_closed_is_found_by_its_chain(town: Town) -> None:
    early = closed(town)
    town.clock.pass_by(days=100)
    late = closed(town)
    with town.works.database.begin() as connection:
        connection.execute(update(tickets).values(closed_at=None))
    town.clock.time = NOW.replace(year=NOW.year + YEARS)
    town.clock.pass_by(days=1)
    assert retention.forget(town.works, batch=1) == 1
    assert erased(town) == {early: "retention"}
    town.clock.pass_by(days=100)
    assert retention.forget(town.works) == 1
    assert erased(town).keys() == {early, late}


def test_two_replicas_forget_each_report_once(town: Town) -> None:
    codes = sorted(closed(town) for _ in range(8))
    town.clock.pass_by(days=366 * YEARS)
    threads = [threading.Thread(target=retention.forget, args=(town.works, 2)) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(each["subject"] for each in town.said("reporter.erased")) == codes


def test_without_a_policy_everything_is_kept(bare: Town) -> None:
    bare.deliver(message("directory.published", DIRECTORY))
    closed(bare)
    bare.clock.pass_by(days=366 * 50)
    assert retention.forget(bare.works) == 0
    assert "Kuswandari" in rows(bare)
