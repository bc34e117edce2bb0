"""In which state a message is, by what is written down of it; and how that is drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from estafet.cli.messages.finding import Trace
from estafet.cli.messages.tracedrawing import LAST, chosen, document, tree
from estafet.cli.messages.whereabouts import Committed, Hearing, Message, Setback, State, finished, judge

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOW = START + timedelta(minutes=3)
PUBLISHED = Committed(START, START + timedelta(seconds=0.02))
MESSAGE = Message("m1", "ticket.opened", "/estafet/tickets", PUBLISHED)
UNHEARD = Hearing("notify.tell")
WAITING = Setback("d1", "waiting", "SomeError", "services/notify/store.py:31", 3, NOW + timedelta(seconds=20))
DEAD = replace(WAITING, state="dead", attempts=8, due_at=None)
DISCARDED, REPLAYED = replace(DEAD, state="discarded"), replace(DEAD, state="replayed")
AWAY = "The database cannot be used: it is away."


@pytest.mark.parametrize(
    ("committed", "hearing", "state"),
    [
        (Committed(START), UNHEARD, State.UNPUBLISHED),
        (Committed(START, returned_at=NOW), UNHEARD, State.RETURNED),
        # Offered again, it was taken.
        (replace(PUBLISHED, returned_at=START), UNHEARD, State.ON_ITS_WAY),
        (PUBLISHED, UNHEARD, State.ON_ITS_WAY),
        (PUBLISHED, replace(UNHEARD, handled_at=NOW), State.HANDLED),
        (PUBLISHED, replace(UNHEARD, recorded=True), State.HANDLED),
        (PUBLISHED, replace(UNHEARD, setbacks=(WAITING,)), State.DEFERRED),
        (PUBLISHED, replace(UNHEARD, setbacks=(DEAD,)), State.DEAD),
        (PUBLISHED, replace(UNHEARD, setbacks=(DISCARDED,)), State.DISCARDED),
        (PUBLISHED, replace(UNHEARD, setbacks=(REPLAYED,)), State.HANDLED),
        (PUBLISHED, replace(UNHEARD, setbacks=(REPLAYED, WAITING, DEAD, DISCARDED)), State.DEAD),
        # Embedded, what is not settled counts as unpublished again at a start, handled or not.
        (Committed(START), replace(UNHEARD, handled_at=NOW), State.HANDLED),
        (Committed(START), replace(UNHEARD, setbacks=(DEAD,)), State.DEAD),
        # The outbox forgets after days; the inbox does not.
        (None, UNHEARD, State.UNKNOWN),
        (None, replace(UNHEARD, handled_at=NOW), State.HANDLED),
        (PUBLISHED, replace(UNHEARD, unreachable=AWAY), State.UNKNOWN),
    ],
)
def test_the_state_of_a_message(committed: Committed | None, hearing: Hearing, state: State) -> None:
    assert judge(replace(MESSAGE, committed=committed), hearing).state == state


def test_why_nobody_can_tell() -> None:
    assert judge(MESSAGE, replace(UNHEARD, unreachable=AWAY)).why == AWAY
    assert judge(replace(MESSAGE, committed=None, unreachable=AWAY), UNHEARD).why == AWAY
    assert "outbox is gone" in judge(replace(MESSAGE, committed=None), UNHEARD).why


def test_another_message_under_the_same_id_does_not_hide_that_this_one_was_handled() -> None:
    collision = replace(DEAD, error="collision")
    verdict = judge(MESSAGE, replace(UNHEARD, handled_at=NOW, setbacks=(collision,)))
    assert (verdict.state, verdict.setback) == (State.HANDLED, collision)
    assert verdict.why == "another message with its id is dead"


@pytest.mark.parametrize(
    ("committed", "hearings", "done"),
    [
        (PUBLISHED, (), True),
        (Committed(START), (), False),
        (PUBLISHED, (replace(UNHEARD, handled_at=NOW), replace(UNHEARD, setbacks=(DISCARDED,))), True),
        (PUBLISHED, (replace(UNHEARD, handled_at=NOW), UNHEARD), False),
        (PUBLISHED, (replace(UNHEARD, setbacks=(DEAD,)),), False),
        (None, (replace(UNHEARD, handled_at=NOW),), True),
    ],
)
def test_when_a_message_is_finished(committed: Committed | None, hearings: tuple[Hearing, ...], done: bool) -> None:
    assert finished(replace(MESSAGE, committed=committed, hearings=hearings)) is done


TIMES = st.none() | st.just(NOW)
SETBACKS = st.lists(st.sampled_from([WAITING, DEAD, DISCARDED, REPLAYED]), max_size=3).map(tuple)


@given(
    st.none() | st.builds(Committed, st.just(START), TIMES, TIMES),
    st.builds(Hearing, st.just("notify.tell"), TIMES, st.booleans(), SETBACKS, st.sampled_from(["", AWAY])),
)
def test_what_is_written_down_is_believed(committed: Committed | None, hearing: Hearing) -> None:
    """A message counts as handled exactly when its service says so, and as dead only when that has a dead row."""
    state = judge(replace(MESSAGE, committed=committed), hearing).state
    states = {each.state for each in hearing.setbacks}
    heard = hearing.handled_at is not None or hearing.recorded or states == {"replayed"}
    assert (state == State.HANDLED) == (heard and not hearing.unreachable)
    assert state != State.DEAD or "dead" in states
    assert (state == State.UNKNOWN) == (bool(hearing.unreachable) or (committed is None and not heard and not states))


def drawn(trace: Trace, every: bool = False) -> list[str]:
    console = Console(file=StringIO(), width=300, color_system=None)
    console.print(tree(trace, chosen(trace, every), NOW))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def one(*hearings: Hearing, committed: Committed | None = PUBLISHED, away: bool = False) -> Trace:
    message = replace(MESSAGE, committed=committed, hearings=hearings)
    return Trace("m1", False, [message], {"notify": AWAY} if away else {})


def test_one_message_has_a_line_for_each_handler_that_says_what_to_do() -> None:
    hearings = [
        replace(UNHEARD, handler="routing.route", handled_at=START + timedelta(seconds=1.2)),
        UNHEARD,
        replace(UNHEARD, setbacks=(WAITING,)),
        replace(UNHEARD, setbacks=(DEAD,)),
        replace(UNHEARD, setbacks=(DISCARDED,)),
    ]
    lines = drawn(one(*hearings))
    assert lines[0] == "m1  1 message, 1 not finished"
    assert lines[1].endswith("ticket.opened m1 2026-03-02 08:00:00 published +20 ms")
    assert [line.split("── ")[1] for line in lines[2:]] == [
        "routing.route handled +1.2 s",
        "notify.tell on its way for 2 min",
        "notify.tell deferred after 3 attempts: SomeError at services/notify/store.py:31, again in 20.0 s "
        "(estafet deferred show d1)",
        "notify.tell dead after 8 attempts: SomeError at services/notify/store.py:31; mend it, then: "
        "estafet deferred replay d1 --why ...",
        "notify.tell discarded (estafet deferred show d1)",
    ]


def test_what_did_not_leave_the_outbox_says_since_when() -> None:
    assert "notify.tell unpublished for 3 min" in drawn(one(UNHEARD, committed=Committed(START)))[2]
    returned = Committed(START, returned_at=START + timedelta(minutes=1))
    assert "notify.tell returned 2 min ago: nobody is bound" in drawn(one(UNHEARD, committed=returned))[2]
    assert "not published" in drawn(one(committed=Committed(START)))[1]
    assert "nobody must hear of it" in drawn(one())[2]


def test_why_a_service_was_not_asked_is_not_said_once_a_line() -> None:
    line = drawn(one(replace(UNHEARD, unreachable=AWAY), away=True))[2]
    assert line.endswith("notify.tell unknown")


def test_of_a_report_what_is_not_finished_and_the_last_that_is() -> None:
    done = [replace(MESSAGE, id=f"m{number}", hearings=(replace(UNHEARD, recorded=True),)) for number in range(1, 10)]
    first = replace(MESSAGE, id="m0", hearings=(UNHEARD, replace(UNHEARD, handler="routing.route", recorded=True)))
    trace = Trace("KDR-1", True, [first, *done], {})
    lines = drawn(trace)
    assert lines[0] == f"KDR-1  10 messages, 1 not finished  {9 - LAST} finished ones are not shown (--all)"
    assert lines[1].endswith("notify.tell on its way for 2 min · routing.route handled")
    assert [line.split()[2] for line in lines[2:]] == ["m5", "m6", "m7", "m8", "m9"]
    assert len(drawn(trace, every=True)) == 11


def test_names_cannot_command_the_terminal() -> None:
    strange = Message("[bold]m[/]", "", "/[red]app", None, [replace(UNHEARD, handled_at=NOW)])
    assert "an event [bold]m[/] from /[red]app" in drawn(Trace("[b]x", False, [strange], {}))[1]


def test_programs_are_told_the_same() -> None:
    trace = one(replace(UNHEARD, setbacks=(WAITING,)), UNHEARD)
    told = json.loads(json.dumps(document(trace, trace.messages)))
    assert (told["wanted"], told["is_report"], told["found"], told["unfinished"]) == ("m1", False, 1, 1)
    [message] = told["messages"]
    assert message["committed_at"] == "2026-03-02T08:00:00+00:00"
    assert [each["state"] for each in message["handlers"]] == ["deferred", "on its way"]
    assert message["handlers"][0]["deferred"] == {
        "id": "d1",
        "error": "SomeError",
        "place": "services/notify/store.py:31",
        "attempts": 3,
        "due_at": "2026-03-02T08:03:20+00:00",
    }
