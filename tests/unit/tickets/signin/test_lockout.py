"""How long is waited after wrong passwords."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.signin.lockout import FREE, LAST, LONGEST, SHORTEST, waiting

counts = st.integers(min_value=0, max_value=10**9)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (11, 60), (12, 60)]
)
def test_it_doubles_from_a_minute_to_an_hour(failures: int, minutes: int) -> None:
    assert waiting(failures) == timedelta(minutes=minutes)


@given(counts)
def test_more_failures_never_wait_less(failures: int) -> None:
    assert waiting(failures) <= waiting(failures + 1) <= LONGEST


@given(counts)
def test_nobody_waits_before_the_fifth_and_everybody_from_then_on(failures: int) -> None:
    assert (waiting(failures) == timedelta(0)) == (failures < FREE)
    assert failures < FREE or waiting(failures) >= SHORTEST


@given(counts)
def test_from_the_last_step_on_it_is_the_longest(failures: int) -> None:
    assert waiting(LAST + failures) == LONGEST
    assert waiting(LAST - 1) < LONGEST


@given(st.integers(min_value=1, max_value=60 * 24 * 7))
def test_a_guesser_gets_few_tries_in_any_time(minutes: int) -> None:
    """Whoever tries as soon as it is allowed: five at once, six while it doubles, then one an hour."""
    tried, clock = 0, timedelta(0)
    while clock <= timedelta(minutes=minutes):
        tried += 1
        clock += waiting(tried)
    assert tried <= FREE + 6 + minutes / 60
