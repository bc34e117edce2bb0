"""``replay --speed``: each step no sooner than the log says, and as fast as it goes without it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from estafet.cli.replay.handofflog import LoggedCase
from estafet.cli.replay.player import Outcome, Play
from estafet.cli.replay.schedule import Schedule

START = datetime(2012, 5, 1, tzinfo=UTC)


class Player:
    """Takes every step at once, and writes down when."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.taken: dict[str, list[float]] = {}

    def step(self, play: Play) -> float:
        self.taken.setdefault(play.case.name, []).append(time.monotonic() - self.began)
        play.code = play.code or "RPL-0000-000"
        play.position += 1
        return 0.0

    def audit(self, play: Play) -> Outcome:
        return Outcome(play.position - 1, 0, 0, 0, play.case.holders[-1])


def case(name: str, *minutes: int) -> LoggedCase:
    holders = tuple("abcdef"[number] for number in range(len(minutes)))
    return LoggedCase(name, holders, tuple(START + timedelta(minutes=each) for each in minutes))


def play(speed: float | None) -> tuple[list[Play], Player]:
    plays = [Play(each, each.name) for each in (case("first", 0, 10, 30), case("second", 20))]
    player: Any = Player()
    Schedule(plays, speed, 4).run(player, lambda steps: None)
    return plays, player


def test_at_a_speed_no_step_is_taken_before_its_time() -> None:
    plays, player = play(60 * 100)  # 100 minutes of the log in a second
    assert all(each.outcome for each in plays)
    for name, due in (("first", (0.0, 0.1, 0.3)), ("second", (0.2,))):
        assert player.taken[name] == pytest.approx(due, abs=0.5)
        assert all(at >= wanted - 0.001 for at, wanted in zip(player.taken[name], due, strict=True))


def test_without_a_speed_nothing_waits_for_the_log() -> None:
    plays, player = play(None)
    assert all(each.outcome for each in plays)
    assert max(at for taken in player.taken.values() for at in taken) < 0.1
