"""Who is asked: the first that is not known to be away, and nobody after one that may have taken it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

from services.notify.channels.channel import SENT, Fate, Letter, Outcome, Post
from services.notify.channels.failover import ASIDE, Failover, Provider, Rate
from tests.integration.notify.mailing import letter

AWAY = Outcome(Fate.AWAY, "unreachable")
UNSURE = Outcome(Fate.UNSURE, "unanswered")


class Line:
    def __init__(self, answer: Outcome = SENT) -> None:
        self.answer = answer
        self.asked = 0

    @contextmanager
    def open(self) -> Iterator[Post]:
        def post(letter: Letter) -> Outcome:
            self.asked += 1
            return self.answer

        yield post


class Two:
    """A channel of two providers, and its clock."""

    def __init__(self, rate: Rate | None = None) -> None:
        self.time = 0.0
        self.first, self.second = Line(), Line()
        providers = [Provider("sms-1", self.first, rate), Provider("sms-2", self.second)]
        self.channel = Failover("sms", providers, monotonic=lambda: self.time)

    def send(self, provider: str | None = None) -> Outcome:
        with self.channel.open() as post:
            return post(replace(letter(), provider=provider))

    def asked(self) -> tuple[int, int]:
        return self.first.asked, self.second.asked


def test_the_first_is_asked_alone() -> None:
    two = Two()
    assert two.send() == replace(SENT, provider="sms-1")
    assert two.asked() == (1, 0)


def test_when_it_is_away_the_next_is_asked_at_once_and_it_is_left_aside() -> None:
    two = Two()
    two.first.answer = AWAY
    assert two.send() == replace(SENT, provider="sms-2")
    assert two.send() == replace(SENT, provider="sms-2")
    assert two.asked() == (1, 2)
    two.time = ASIDE
    two.send()
    assert two.asked() == (2, 3), "one letter is the probe"
    two.send()
    assert two.asked() == (2, 4)
    two.first.answer = SENT
    two.time = 2 * ASIDE
    assert [two.send().provider, two.send().provider] == ["sms-1", "sms-1"]


def test_who_may_have_taken_it_is_followed_by_nobody() -> None:
    two = Two()
    two.first.answer = UNSURE
    assert two.send() == replace(UNSURE, provider="sms-1")
    assert two.asked() == (1, 0)
    assert two.send().provider == "sms-2", "which is another message: that one it was not given"


def test_and_is_the_only_one_who_is_asked_again_whatever_is_known_of_it() -> None:
    two = Two()
    two.first.answer = AWAY
    two.send()
    assert two.send("sms-1") == Outcome(Fate.UNSURE, "unreachable", "sms-1")
    two.first.answer = SENT
    assert two.send("sms-1") == replace(SENT, provider="sms-1")
    assert two.asked() == (3, 1)


def test_unless_it_is_not_there_any_more() -> None:
    assert Two().send("sms-9").provider == "sms-1"


def test_when_all_are_aside_all_are_asked() -> None:
    two = Two()
    two.first.answer = two.second.answer = AWAY
    assert two.send().fate is Fate.AWAY
    assert two.send() == replace(AWAY, provider="sms-2")
    assert two.asked() == (2, 2)


def test_more_than_its_rate_is_held_and_goes_to_nobody_else() -> None:
    two = Two(Rate(2))
    fates = [two.send() for _ in range(3)]
    assert [each.fate for each in fates] == [Fate.SENT, Fate.SENT, Fate.HELD]
    assert 0 < fates[2].wait <= 1
    assert two.asked() == (2, 0)


def test_of_a_backlog_each_has_a_turn_of_its_own() -> None:
    rate = Rate(10)
    waits = [wait for _ in range(110) if (wait := rate.wait())]
    assert len(waits) == 100
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert 9 < waits[-1] < 11


def test_what_a_refusal_of_one_reader_says_is_not_that_it_is_away() -> None:
    two = Two()
    two.first.answer = Outcome(Fate.FAILED, "http-400")
    assert two.send().fate is Fate.FAILED
    assert two.asked() == (1, 0)
    assert two.send().provider == "sms-1"
