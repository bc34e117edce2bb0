"""However many look, the database is asked once a minute; and nobody waits for a newer board where there is one."""

import threading

import pytest

from services.tickets.board.keeping import PERIODS, Boards


class Counting:
    def __init__(self):
        self.time, self.times = 0.0, 0

    def count(self):
        self.times += 1
        return f"board {self.times}"


def test_a_minute_is_counted_once_for_all():
    it = Counting()
    boards = Boards(60, lambda: it.time)
    assert {boards.board(30, it.count) for _ in range(100)} == {"board 1"}
    it.time = 59.9
    assert boards.board(30, it.count) == "board 1"
    it.time = 60.0
    assert boards.board(30, it.count) == "board 2"
    assert boards.board(90, it.count) == "board 3", "another period is another board"
    assert it.times == 3


def test_while_one_counts_the_others_see_the_one_before():
    it, begun, go_on = Counting(), threading.Event(), threading.Event()
    boards = Boards(60, lambda: it.time)
    assert boards.board(30, it.count) == "board 1"
    it.time = 61

    def slowly():
        begun.set()
        assert go_on.wait(10)
        return it.count()

    counted = []
    counting = threading.Thread(target=lambda: counted.append(boards.board(30, slowly)))
    counting.start()
    assert begun.wait(10)
    assert boards.board(30, it.count) == "board 1"
    go_on.set()
    counting.join(10)
    assert (counted, it.times) == (["board 2"], 2)


def test_the_first_ones_wait_for_the_one_who_counts():
    it, found = Counting(), []
    boards = Boards()
    everybody = [threading.Thread(target=lambda: found.append(boards.board(30, it.count))) for _ in range(8)]
    for each in everybody:
        each.start()
    for each in everybody:
        each.join(10)
    assert (set(found), it.times) == ({"board 1"}, 1)


@pytest.mark.parametrize("days", PERIODS)
def test_what_cannot_be_counted_now_can_be_later(days):
    it = Counting()
    boards = Boards(60, lambda: it.time)

    def broken():
        raise ConnectionError

    with pytest.raises(ConnectionError):
        boards.board(days, broken)
    assert boards.board(days, it.count) == "board 1"
