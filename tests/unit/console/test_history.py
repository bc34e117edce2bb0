"""The curves of the last minutes, and the look that all share."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from estafet.cli.messages.backlog import Backlog, Queue, Tables
from estafet.console.history import HEIGHT, KEPT, SPAN, WIDTH, History, points
from estafet.console.looks import FRESH, Looks

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
samples = st.lists(st.tuples(st.floats(-2 * SPAN, SPAN), st.integers(0, 10**9)), max_size=50)


def backlog(seconds: float, ready: int) -> Backlog:
    queue = Queue("evt-a-b--notify.tell", "notify", ready=ready)
    return Backlog(NOW + timedelta(seconds=seconds), [queue], [Tables("notify", 0, None, 0, 0)])


@given(samples)
def test_a_curve_stays_in_its_picture(given: list[tuple[float, int]]) -> None:
    for point in points(given, 0.0).split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


def test_a_curve_goes_up_where_more_waits_and_ends_now() -> None:
    assert points([(-SPAN, 0), (-SPAN / 2, 10), (0, 5)], 0.0) == f"0.0,{HEIGHT - 2}.0 60.0,2.0 {WIDTH}.0,12.0"


def test_where_nothing_ever_waited_there_is_none() -> None:
    assert points([(-2, 0), (0, 0)], 0.0) == ""
    assert points([(0, 5)], 0.0) == ""
    assert points([(-SPAN - 1, 9), (-1, 0), (0, 0)], 0.0) == ""


def test_memory_is_bounded_and_what_is_gone_is_forgotten() -> None:
    history = History()
    for at in range(3 * KEPT):
        history.add(backlog(at, 1))
    last = (NOW + timedelta(seconds=3 * KEPT - 1)).timestamp()
    assert len(history.curves(last)["evt-a-b--notify.tell"].split()) == KEPT
    history.add(Backlog(NOW, [], []))
    assert history.curves(last) == {}


def test_two_who_ask_at_once_share_a_look() -> None:
    """The second comes while the first is being taken."""
    taken: list[int] = []
    begun, asked = threading.Event(), threading.Event()

    def take() -> Backlog:
        taken.append(1)
        begun.set()
        assert asked.wait(10)
        return backlog(0, 1)

    looks = Looks(take, clock=lambda: 0.0)
    seen: list[object] = []
    tabs = [threading.Thread(target=lambda: seen.append(looks.latest())) for _ in range(2)]
    tabs[0].start()
    assert begun.wait(10)
    tabs[1].start()
    asked.set()
    for each in tabs:
        each.join(10)
    assert len(taken) == 1
    assert seen[0] is seen[1]


def test_a_look_is_good_for_a_second() -> None:
    time = [0.0]
    taken: list[int] = []

    def take() -> Backlog:
        taken.append(1)
        return backlog(len(taken), 1)

    looks = Looks(take, clock=lambda: time[0])
    for now, expected in ((0.0, 1), (FRESH - 0.01, 1), (FRESH, 2), (FRESH + 0.5, 2)):
        time[0] = now
        looks.latest()
        assert len(taken) == expected
