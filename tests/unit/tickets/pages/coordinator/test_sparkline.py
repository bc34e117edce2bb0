"""The small line of a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.pages.coordinator.sparkline import line


def points(drawn):
    return [tuple(map(float, each.split(","))) for each in drawn.points.split()]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_a_line_goes_to_the_right_inside_its_picture_and_higher_is_more(values):
    drawn = line(values)
    found = points(drawn)
    assert len(found) == len(values)
    assert [x for x, _ in found] == sorted(x for x, _ in found)
    assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in found)
    for (_, y), value in zip(found, values, strict=True):
        for (_, other), another in zip(found, values, strict=True):
            assert value <= another or y <= other + 0.1


def test_nothing_happened_is_a_line_at_the_bottom():
    drawn = line([0, 0, 0], height=50, edge=5)
    assert [y for _, y in points(drawn)] == [45, 45, 45]


def test_a_line_of_nothing_cannot_be_drawn():
    with pytest.raises(ValueError, match="at least one"):
        line([])
