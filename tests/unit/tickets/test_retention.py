from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.tickets.reporters.retention import before

YEARS = st.integers(1, 100)


def test_a_leap_day_is_the_day_before_where_there_is_none() -> None:
    assert before(datetime(2028, 2, 29, 12, tzinfo=UTC), 1) == datetime(2027, 2, 28, 12, tzinfo=UTC)
    assert before(datetime(2028, 2, 29, tzinfo=UTC), 4) == datetime(2024, 2, 29, tzinfo=UTC)


@given(st.integers(0, 130 * 366).map(lambda days: datetime(2020, 1, 1, 7, tzinfo=UTC) + timedelta(days=days)), YEARS)
def test_so_many_years_lie_between(now: datetime, years: int) -> None:
    then = before(now, years)
    assert then.year == now.year - years
    assert (then.month, then.time()) == (now.month, now.time())
    assert 0 <= now.day - then.day <= 1
