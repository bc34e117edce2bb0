"""A known town has known figures, on both databases; and many reports are counted as one would count them by hand."""

from __future__ import annotations

import random
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import select, update

from services.tickets import custody
from services.tickets.board import dating, queries, reckoning
from services.tickets.board.figures import Board
from services.tickets.custody import Act
from services.tickets.directory import Directory
from services.tickets.rating.survey import ELEMENTS
from services.tickets.rating.tables import ratings
from services.tickets.tables import handoffs, holdings, tickets
from tests.integration.tickets.board.crowd import Crowd
from tests.integration.tickets.town import DIRECTORY, NOW, Town

PLACED = [each | ({"area": "n-1"} if each["code"] == "hulu" else {}) for each in DIRECTORY["offices"]]
CITY = Directory.of(DIRECTORY | {"offices": PLACED})


def board(town: Town, days: int = 30) -> Board:
    now = town.clock.now()
    with town.works.database.read() as connection:
        since, today = reckoning.since(now, days), reckoning.today(now, CITY)
        counted = queries.count(connection, since, now, today, reckoning.districts(CITY))
    return reckoning.board(counted, CITY, days, now)


def act(town: Town, code: str, by: str | None, rule: Any, **more: Any) -> None:
    town.act(code, lambda case, work: rule(case, Act(by=by, now=work.now), **more))


def accepted(town: Town, code: str, office: str, after: float = 2) -> None:
    town.deliver(town.routed(code, office))
    town.clock.pass_by(hours=after)
    act(town, code, office, custody.accept)


def resolved(town: Town, code: str, office: str, after: float) -> None:
    town.clock.pass_by(hours=after)
    act(town, code, office, custody.resolve, reason="fixed")


def test_a_known_town(town: Town) -> None:
    quick = town.submit(place="n-1")
    accepted(town, quick, "jalan", 2)
    resolved(town, quick, "jalan", 22)
    handed = town.submit(place="n-2")
    accepted(town, handed, "jalan", 4)
    act(town, handed, "jalan", custody.request, directory=CITY, reason="not-our-task", receiver="taman")
    accepted(town, handed, "taman", 8)
    resolved(town, handed, "taman", 36)
    bounced = town.submit(category="warga", place="n-1")
    town.deliver(town.routed(bounced, "hulu"))
    act(town, bounced, "hulu", custody.refuse, directory=CITY, reason="not-our-task", right_office=None)
    town.deliver(town.blocked(bounced))
    town.clock.pass_by(hours=1)
    waiting = town.submit()
    town.clock.pass_by(days=12)

    found = board(town)
    totals = found.totals
    assert (totals.opened, totals.resolved, totals.working, totals.confidential) == (4, 2, 2, None)
    assert totals.median == timedelta(hours=36), "24 and 48 hours"
    assert (totals.hops, totals.hops_mean) == ((1, 1, 0, 0), 0.5)
    assert (totals.first.part, totals.first.whole, totals.stopped) == (2, 3, 1)
    assert [(each.code, each.opened, each.resolved, each.median) for each in found.categories] == [
        ("lubang", 3, 2, timedelta(hours=36)),
        ("warga", 1, 0, None),
    ]
    assert [(each.code, each.opened, each.resolved) for each in found.areas] == [
        ("utara", 2, 1),
        ("n-2", 1, 1),
        (None, 1, 0),
    ]
    assert [each.median for each in found.areas] == [timedelta(hours=24), timedelta(hours=48), None]
    assert [(each.code, each.days, each.office, each.overdue) for each in found.waits] == [
        (bounced, 12, "loket", True),
        (waiting, 12, "loket", False),
    ]
    offices = {each.code: each for each in found.offices}
    assert offices.keys() == {"loket", "jalan", "taman", "hulu"}
    assert (offices["loket"].held, offices["loket"].overdue) == (2, 1)
    assert (offices["jalan"].accepted, offices["jalan"].accept_median) == (2, timedelta(hours=3))
    assert (offices["taman"].accepted, offices["taman"].accept_median) == (1, timedelta(hours=8))
    assert (offices["hulu"].accepted, offices["hulu"].refused) == (0, 1)

    act(town, quick, None, custody.object_to)
    assert board(town).totals.resolved == 1, "reopened is not resolved"
    town.clock.pass_by(days=25)
    assert (board(town).totals.opened, board(town).totals.working, board(town, 90).totals.opened) == (0, 3, 4)


def test_confidential_reports_are_in_no_row_and_few_are_in_no_number(town: Town) -> None:
    shown = town.submit(place="n-1")
    for count in range(1, 12):
        before = board(town)
        hidden = town.submit(category="curang", place="n-1")
        accepted(town, hidden, "taman", after=0)
        assert board(town).totals == before.totals, "nothing shows that somebody reported it just now"
        town.clock.pass_by(days=1)
        found = board(town)
        told = count - count % 5
        assert (found.totals.opened, found.totals.working) == (told + 1, told + 1)
        assert found.totals.confidential == (told or None)
        assert [each.code for each in found.categories] == ["lubang"]
        assert [each.opened for each in found.areas] == [1]
        assert [each.code for each in found.offices] == ["loket"]
        assert [each.code for each in found.waits] == [shown]
        assert found.totals.first.whole == 0


def test_the_index_of_the_city_and_of_an_office(town: Town) -> None:
    for number in range(6):
        code = town.submit()
        accepted(town, code, "jalan" if number else "taman")
        resolved(town, code, "jalan" if number else "taman", 1)
        scores = dict.fromkeys(ELEMENTS, 4 if number else 1)
        with town.works.begin() as work:
            row = {
                "code": code,
                "at": work.now,
                "office": "jalan" if number else "taman",
                "offices_contacted": number % 3,
            }
            work.connection.execute(ratings.insert().values(**row, **scores))
    assert board(town).ikm.ratings is None, "what is rated today is shown tomorrow, with all others of the day"
    town.clock.pass_by(days=1)
    found = board(town)
    assert (found.ikm.ratings, str(found.ikm.index), found.ikm.grade) == (6, "87.50", "B")
    assert {each.code: each.ikm.grade for each in found.offices} == {"jalan": "A", "taman": None}
    assert (found.contacted.answers, found.contacted.mean) == (6, 1.0)
    town.clock.pass_by(days=31)
    assert board(town).ikm.ratings is None


@pytest.mark.parametrize("days", [30, 365])
def test_many_are_counted_as_by_hand(town: Town, days: int) -> None:
    """The same once more, without a database's help."""
    with town.works.database.begin() as connection:
        Crowd(CITY, NOW, seed=random.randrange(10**6)).fill(connection, 300)
        rows = connection.execute(select(tickets)).mappings().all()
        tried = connection.execute(select(handoffs)).mappings().all()
        held = connection.execute(select(holdings)).mappings().all()
    found, since = board(town, days), NOW - timedelta(days=days)
    listed = {row["code"]: row for row in rows if not row["confidential"]}
    done = [each for each in listed.values() if each["resolved_at"] and each["resolved_at"] >= since]
    took = {each["code"]: (each["resolved_at"] - each["opened_at"]).total_seconds() for each in done}
    until = reckoning.today(NOW, CITY)
    hidden = [
        each for each in rows if each["confidential"] and until - timedelta(days=days) <= each["opened_at"] < until
    ]
    came = [each for each in listed.values() if each["opened_at"] >= since]
    assert found.totals.opened == len(came) + len(hidden) - len(hidden) % 5
    assert abs(found.totals.median.total_seconds() - median(took.values())) < 1
    for row in found.categories:
        these = [took[each["code"]] for each in done if each["category"] == row.code]
        assert (row.resolved, row.opened) == (len(these), sum(each["category"] == row.code for each in came))
        assert row.median is None or abs(row.median.total_seconds() - median(these)) < 1
    for area in found.areas:
        inside = {each.code for each in area.within} or {area.code}
        these = [took[each["code"]] for each in done if each["place"] in inside]
        assert (area.resolved, area.opened) == (len(these), sum(each["place"] in inside for each in came))
        assert area.median is None or abs(area.median.total_seconds() - median(these)) < 1
    asked = [each for each in tried if each["began_at"] >= since and each["code"] in listed]
    for office in found.offices:
        waited = [
            (stint["since"] - each["began_at"]).total_seconds()
            for each in asked
            for stint in held
            if each["receiver"] == office.code == stint["office"]
            and each["state"] == "accepted"
            and stint["code"] == each["code"]
        ]
        assert office.accepted == len(waited)
        assert office.accept_median is None or abs(office.accept_median.total_seconds() - median(waited)) < 1
        assert office.refused == sum((each["receiver"], each["state"]) == (office.code, "refused") for each in asked)
        working = [
            each for each in listed.values() if each["holder"] == office.code and each["status"] in ("held", "offered")
        ]
        assert (office.held, office.overdue) == (len(working), sum(each["resolve_by"] < NOW for each in working))


def test_what_an_older_release_resolved_is_dated_by_its_message(town: Town) -> None:
    codes = [town.submit() for _ in range(5)]
    for code in codes:
        accepted(town, code, "jalan")
        resolved(town, code, "jalan", 1)
    with town.works.database.begin() as connection:
        connection.execute(update(tickets).values(resolved_at=None))
        connection.execute(update(tickets).where(tickets.c.code == codes[0]).values(resolved_message="not ours"))
    assert board(town).totals.resolved == 0
    assert dating.note(town.works, batch=2) == 4
    assert dating.note(town.works, batch=2) == 0
    with town.works.database.read() as connection:
        noted = connection.execute(select(tickets.c.code).where(tickets.c.resolved_at.is_not(None))).scalars().all()
    assert sorted(noted) == sorted(codes[1:])
