"""How it went, week by week: counted from the chain, where everything that happened stands with its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, case, func, literal_column, select, union_all

from estafet.events import instant
from services.tickets.tables import COUNTED, chain

_WEEK = timedelta(weeks=1)
_PASSED = "deadline.passed"
#: Of all clocks that pass, the citizen's.
_CITIZENS = chain.c.body.like('%"clock":"resolve"%')
_PLACE = {
    "ticket.opened": "opened",
    "ticket.resolved": "resolved",
    _PASSED: "overdue",
    "handoff.refused": "refused",
    "ticket.convened": "convened",
}


@dataclass(frozen=True, slots=True)
class Week:
    """What happened from a Monday to the next in the city's time.

    Attributes:
        overdue: how many reports' deadlines passed in it.
    """

    monday: date
    opened: int = 0
    resolved: int = 0
    overdue: int = 0
    refused: int = 0
    convened: int = 0


def trend(connection: Connection, now: datetime, zone: ZoneInfo, weeks: int = 12) -> list[Week]:
    """The last so many weeks, the running one included, oldest first."""
    mondays = _mondays(now, zone, weeks)
    begins = [instant(_midnight(monday, zone)) for monday in mondays]
    number = case(*((chain.c.time < end, at) for at, (_, end) in enumerate(pairwise(begins))), else_=weeks - 1)
    since = chain.c.time >= begins[0]
    counted = select(chain.c.name, number.label("week"), func.count()).where(COUNTED, since)
    # In two, because the first part is answered from the index alone.
    others, clocks = counted.where(chain.c.name != _PASSED), counted.where(chain.c.name == _PASSED, _CITIZENS)
    wanted = union_all(*(each.group_by(chain.c.name, literal_column("week")) for each in (others, clocks)))
    sums: list[dict[str, int]] = [{} for _ in mondays]
    for name, week, count in connection.execute(wanted):
        sums[week][_PLACE[name]] = count
    return [Week(monday, **found) for monday, found in zip(mondays, sums, strict=True)]


def _mondays(now: datetime, zone: ZoneInfo, weeks: int) -> list[date]:
    today = now.astimezone(zone).date()
    this = today - timedelta(days=today.weekday())
    return [this - _WEEK * back for back in reversed(range(weeks))]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
