from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.city.model import Calendar, Limit
from services.routing.city.workdays import WorkingTime
from tests.cities import KEDIRI, WATU, city

WIB = ZoneInfo("Asia/Jakarta")
FOLDERS = (KEDIRI, WATU)

moments = st.timedeltas(timedelta(), timedelta(days=540)).map(lambda each: datetime(2026, 1, 1, tzinfo=UTC) + each)
limits = st.builds(Limit, st.integers(1, 70), st.sampled_from(["day", "hour"]))
calendars = st.sampled_from([city(folder).calendar for folder in FOLDERS])


def kediri() -> WorkingTime:
    return WorkingTime(city(KEDIRI).calendar)


def test_five_days_over_nyepi_and_lebaran() -> None:
    start = datetime(2026, 3, 17, 16, 0, tzinfo=WIB)
    assert kediri().end(start, Limit(5)) == datetime(2026, 3, 31, 15, 30, tzinfo=WIB)


def test_the_day_a_limit_begins_on_is_not_counted() -> None:
    before_work = datetime(2026, 3, 2, 6, 0, tzinfo=WIB)
    assert kediri().end(before_work, Limit(1)) == datetime(2026, 3, 3, 15, 30, tzinfo=WIB)


def test_a_friday_ends_earlier() -> None:
    thursday = datetime(2026, 3, 5, 9, 0, tzinfo=WIB)
    assert kediri().end(thursday, Limit(1)) == datetime(2026, 3, 6, 14, 30, tzinfo=WIB)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02T09:00", "2026-03-02T12:00"),
        ("2026-03-02T12:30", "2026-03-02T15:30"),
        ("2026-03-02T14:30", "2026-03-03T09:30"),
        ("2026-03-02T20:00", "2026-03-03T10:30"),
        ("2026-03-06T14:00", "2026-03-09T10:00"),
        ("2026-03-17T15:00", "2026-03-25T10:00"),
    ],
)
def test_hours_run_within_working_hours(start: str, end: str) -> None:
    begins = datetime.fromisoformat(start).replace(tzinfo=WIB)
    assert kediri().end(begins, Limit(3, "hour")) == datetime.fromisoformat(end).replace(tzinfo=WIB)


def test_the_citys_days_off_are_the_joint_holidays_of_the_country() -> None:
    joint = holidays.country_holidays("ID", years=2026, categories=("government",))
    assert city(KEDIRI).calendar.leave == set(joint)
    assert len(holidays.country_holidays("ID", years=2026)) == 17


def test_a_city_may_work_on_a_public_holiday() -> None:
    calendar = city(KEDIRI).calendar
    open_day = date(2026, 8, 17)
    working = Calendar(calendar.timezone, calendar.hours, calendar.country, calendar.leave, frozenset({open_day}))
    assert not WorkingTime(calendar).is_working_day(open_day)
    assert WorkingTime(working).is_working_day(open_day)


def test_days_without_hours_and_own_days_off_are_free_elsewhere_too() -> None:
    watu = WorkingTime(city(WATU).calendar)
    days = [date(2026, 3, day) for day in range(21, 32)]
    assert [day.day for day in days if watu.is_working_day(day)] == [21, 23, 25, 30]


def test_hours_follow_the_clock_on_the_wall_through_summer_time() -> None:
    watu, zone = WorkingTime(city(WATU).calendar), ZoneInfo("Atlantic/Azores")
    start = datetime(2026, 3, 25, 16, 0, tzinfo=zone)  # the clocks go forward on the 29th
    assert watu.end(start, Limit(2, "hour")) == datetime(2026, 3, 30, 10, 0, tzinfo=zone)


@given(calendars, moments, limits)
def test_a_limit_ends_later_than_it_begins_within_working_hours(
    calendar: Calendar, start: datetime, limit: Limit
) -> None:
    time = WorkingTime(calendar)
    end = time.end(start, limit)
    local = end.astimezone(ZoneInfo(calendar.timezone))
    assert end > start
    assert time.is_working_day(local.date())
    hours = calendar.hours[local.weekday()]
    assert hours.opens < local.time() <= hours.closes
    if limit.unit == "day":
        assert local.time() == hours.closes


@given(calendars, moments, st.integers(1, 40))
def test_a_limit_of_days_counts_working_days(calendar: Calendar, start: datetime, amount: int) -> None:
    time, zone = WorkingTime(calendar), ZoneInfo(calendar.timezone)
    first, last = start.astimezone(zone).date(), time.end(start, Limit(amount)).astimezone(zone).date()
    between = [first + timedelta(days=step) for step in range(1, (last - first).days + 1)]
    assert sum(map(time.is_working_day, between)) == amount


@given(calendars, st.lists(moments, min_size=2, max_size=5), limits)
def test_who_begins_later_ends_no_earlier(calendar: Calendar, starts: list[datetime], limit: Limit) -> None:
    ends = [WorkingTime(calendar).end(start, limit) for start in sorted(starts)]
    assert all(earlier <= later for earlier, later in pairwise(ends))


@given(calendars, moments, st.integers(1, 40), st.sampled_from(["day", "hour"]))
def test_a_longer_limit_ends_later(calendar: Calendar, start: datetime, amount: int, unit: str) -> None:
    time = WorkingTime(calendar)
    assert time.end(start, Limit(amount, unit)) < time.end(start, Limit(amount + 1, unit))


@given(calendars, moments, st.timedeltas(timedelta(seconds=1), timedelta(hours=200)))
def test_after_and_between_agree(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    time = WorkingTime(calendar)
    assert time.between(start, time.after(start, duration)) == duration
