"""The board, from what the database counted: pure, and with nobody in it who could be recognised.

A confidential report is in no row: it is counted with all others, and by :data:`LEAST` at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.tickets.board.counted import Count, Counted
from services.tickets.board.figures import MANY_HOPS, Area, Board, Contacted, Office, Row, Share, Totals, Wait
from services.tickets.directory import Directory
from services.tickets.rating.ikm import LEAST, Answers, Ikm, ikm, shown
from services.tickets.rating.survey import ELEMENTS


def board(counted: Counted, city: Directory, days: int, now: datetime) -> Board:
    """The board of the ``days`` before ``now``."""
    return Board(
        city=city,
        days=days,
        time=now,
        totals=_totals(counted),
        categories=tuple(_categories(counted, city)),
        areas=tuple(_areas(counted, city)),
        waits=tuple(_wait(each, city, now) for each in counted.waits),
        offices=tuple(_offices(counted, city)),
        ikm=_ikm(counted.ratings.values()),
        contacted=_contacted(counted),
    )


def since(now: datetime, days: int) -> datetime:
    """When a period begins."""
    return now - timedelta(days=days)


def today(now: datetime, city: Directory) -> datetime:
    """When the city's day began."""
    return now.astimezone(ZoneInfo(city.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)


def districts(city: Directory) -> dict[str, str]:
    """The district (its office's code) of each area: that of the office that answers for it."""
    found = {}
    for office in city.offices.values():
        above = city.office(office.parent) if office.parent else None
        district = next((each for each in (office, above) if each is not None and each.kind == "kecamatan"), None)
        if office.area is not None and district is not None:
            found[office.area] = district.code
    return found


def _totals(counted: Counted) -> Totals:
    hidden = counted.confidential if counted.confidential.opened >= LEAST else Count()
    confidential = Count(_in_fives(hidden.opened), _in_fives(hidden.resolved), _in_fives(hidden.working))
    opened = sum(counted.opened.values())
    hops = [0] * (MANY_HOPS + 1)
    for count, reports in counted.hops.items():
        hops[min(count, MANY_HOPS)] += reports
    resolved = sum(counted.hops.values())
    told = confidential.opened or None
    return Totals(
        opened=opened + confidential.opened,
        resolved=counted.all.resolved + confidential.resolved,
        working=sum(held for held, _ in counted.held.values()) + confidential.working,
        confidential=told,
        median=counted.all.median,
        hops=tuple(hops),
        hops_mean=sum(count * n for count, n in counted.hops.items()) / resolved if resolved else None,
        first=Share(counted.first_accepted, counted.first_answered),
        stopped=counted.stopped,
    )


def _in_fives(reports: int) -> int:
    return reports - reports % LEAST


def _categories(counted: Counted, city: Directory) -> Iterable[Row]:
    came: dict[str, int] = {}
    for (category, _), reports in counted.opened.items():
        came[category] = came.get(category, 0) + reports
    rows = (
        _row(code, _category(code, city), came.get(code, 0), counted.by_category.get(code, Count()))
        for code in came.keys() | counted.by_category.keys()
    )
    return sorted(rows, key=_busiest)


def _areas(counted: Counted, city: Directory) -> Iterable[Area]:
    """Districts with their areas; an area that is in none stands alone."""
    came: dict[str | None, int] = {}
    for (_, place), reports in counted.opened.items():
        came[place] = came.get(place, 0) + reports
    above, within = districts(city), dict[str | None, list[Row]]()
    for code in came.keys() | counted.by_area.keys():
        name = {"": city.areas.get(code, code)} if code is not None else {}
        row = _row(code, name, came.get(code, 0), counted.by_area.get(code, Count()))
        within.setdefault(above.get(code or "", code), []).append(row)
    return sorted((_area(code, rows, counted, city) for code, rows in within.items()), key=_busiest)


def _area(code: str | None, rows: list[Row], counted: Counted, city: Directory) -> Area:
    if code not in counted.by_district and [each.code for each in rows] == [code]:
        (alone,) = rows
        return Area(alone.code, alone.name, alone.opened, alone.resolved, alone.median)
    count = counted.by_district.get(code or "", Count())
    opened = sum(each.opened for each in rows)
    return Area(
        code, {"": city.name(code or "")}, opened, count.resolved, count.median, tuple(sorted(rows, key=_busiest))
    )


def _row(code: str | None, name: Mapping[str, str], opened: int, count: Count) -> Row:
    return Row(code, name, opened, count.resolved, count.median)


def _busiest(row: Row) -> tuple[bool, int, str]:
    """The most reports first; those without an area last."""
    return row.code is None, -row.opened, row.code or ""


def _category(code: str, city: Directory) -> Mapping[str, str]:
    service = city.services.get(code)
    return service.name if service else {"": code}


def _wait(waiting: tuple[str, str, str, datetime, datetime | None], city: Directory, now: datetime) -> Wait:
    code, category, office, opened_at, due = waiting
    return Wait(
        code=code,
        category=category,
        name=_category(category, city),
        office=office,
        office_name=city.name(office),
        days=max((now - opened_at).days, 0),
        overdue=due is not None and due < now,
    )


def _offices(counted: Counted, city: Directory) -> Iterable[Office]:
    known = (counted.held.keys() | counted.accepted.keys() | counted.refused.keys() | counted.ratings.keys()) - {""}
    found = []
    for code in known:
        held, overdue = counted.held.get(code, (0, 0))
        accepted = counted.accepted.get(code, Count())
        rated = counted.ratings.get(code, {})
        office = Office(
            code=code,
            name=city.name(code),
            held=held,
            overdue=overdue,
            accepted=accepted.resolved,
            accept_median=accepted.median,
            refused=counted.refused.get(code, 0),
            ikm=_ikm([rated]),
        )
        if held or office.accepted or office.refused or office.ikm.ratings:
            found.append(office)
    return sorted(found, key=lambda each: (-each.held, each.name))


def _ikm(ratings: Iterable[Mapping[str, Answers]]) -> Ikm:
    """Of offices together. Under ``""`` stands how many rated."""
    together: dict[str, Answers] = {}
    for rated in ratings:
        for name, answers in rated.items():
            together[name] = together.get(name, Answers()) + answers
    count = together.get("", Answers()).count
    return ikm(count, {each: together.get(each, Answers()) for each in ELEMENTS})


def _contacted(counted: Counted) -> Contacted:
    mean = shown(counted.contacted)
    return Contacted(None, None) if mean is None else Contacted(counted.contacted.count, float(mean))
