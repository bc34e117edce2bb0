"""Working days and hours of a city: public holidays (package ``holidays``) and the city's own days off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from services.routing.city.model import Calendar, Limit

_DAY = timedelta(days=1)


class WorkingTime:
    """Counts in a city's working time. All moments are aware; answers are in UTC."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.timezone)
        # Of the same few days again and again, and slow to work out.
        self._window = lru_cache(maxsize=1000)(self._working_hours)

    def is_working_day(self, day: date) -> bool:
        calendar = self._calendar
        if day.weekday() not in calendar.hours or day in calendar.leave:
            return False
        return day in calendar.not_holiday or day not in _public_holidays(calendar.country, day.year)

    def end(self, start: datetime, limit: Limit) -> datetime:
        """When a limit that begins at ``start`` is used up.

        A limit in days does not count the day it begins on, and ends when work ends on its last working day. A limit
        in hours runs within working hours alone.
        """
        if limit.unit == "hour":
            return self.after(start, timedelta(hours=limit.amount))
        return self._days(start, limit.amount)

    def after(self, start: datetime, duration: timedelta) -> datetime:
        """The moment at which ``duration`` of working time has gone by since ``start``."""
        left = duration
        for opens, closes in self._windows(start):
            begins = max(opens, start.astimezone(UTC))
            if begins + left <= closes:
                return begins + left
            left -= closes - begins
        raise AssertionError("working days never end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; zero when ``end`` is not later."""
        total = timedelta()
        for opens, closes in self._windows(start):
            if opens >= end:
                return total
            total += max(min(closes, end) - max(opens, start), timedelta())
        raise AssertionError("working days never end")

    def _days(self, start: datetime, count: int) -> datetime:
        day = start.astimezone(self._zone).date()
        while count > 0:
            day += _DAY
            count -= self.is_working_day(day)
        return self._window(day)[1]

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working hours, day by day, that have not ended by ``start``."""
        day = start.astimezone(self._zone).date()
        while True:
            if self.is_working_day(day):
                opens, closes = self._window(day)
                if closes > start:
                    yield opens, closes
            day += _DAY

    def _working_hours(self, day: date) -> tuple[datetime, datetime]:
        hours = self._calendar.hours[day.weekday()]
        opens, closes = (datetime.combine(day, each, self._zone) for each in (hours.opens, hours.closes))
        return opens.astimezone(UTC), closes.astimezone(UTC)


@lru_cache(maxsize=64)
def _public_holidays(country: str | None, year: int) -> frozenset[date]:
    if country is None:
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))
