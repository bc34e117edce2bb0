"""Every state has a meaning, in the code and on the operator's page; what ended for good stays."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from estafet.events.notify import STATES
from services.notify import states
from services.notify.channels.channel import Fate, Outcome

PAGE = Path(__file__).parents[3] / "docs" / "operator.md"


def test_every_state_is_on_the_operators_page_as_it_is_meant() -> None:
    page = PAGE.read_text()
    for state, meaning in states.MEANINGS.items():
        assert f"| `{state}` | {meaning} |" in page


def test_events_say_the_states_in_which_a_delivery_ends() -> None:
    assert set(STATES) == states.ENDED - {states.SUPERSEDED, states.FAILED}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome(Fate.FAILED, "smtp-550"), "permanent-failure"),
        (Outcome(Fate.FAILED, "no-contact"), "permanent-failure"),
        (Outcome(Fate.LATER, "smtp-451"), "temporary-failure"),
        (Outcome(Fate.AWAY, "unreachable"), "technical-failure"),
        (Outcome(Fate.UNSURE, "unanswered"), "technical-failure"),
        (Outcome(Fate.LATER, "unforeseen"), "technical-failure"),
        (Outcome(Fate.FAILED, "wording"), "technical-failure"),
    ],
)
def test_whose_fault_it_was(outcome: Outcome, state: str) -> None:
    assert states.of_failure(outcome) == state


def test_in_whatever_order_a_provider_speaks_the_first_word_stays() -> None:
    for words in permutations(states.SAID):
        state = states.SENT
        for said in (*words, *words):
            state = said if states.may_follow(state, said) else state
        assert state == words[0]


def test_no_provider_says_that_we_are_sending() -> None:
    assert not states.may_follow("sent", "created")
    assert not states.may_follow("failed", "delivered")
