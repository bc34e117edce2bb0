"""What of what waits needs a person, in which order it is shown, and what programs are told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from estafet.cli.messages.backlog import Backlog, Queue, Tables, document, in_order, need_of_queue, need_of_tables
from estafet.cli.queues import drawn

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
READ = Queue("evt-tickets-ticket.opened--notify.tell", "notify", consumers=1)
LETTERS = Queue("notify.dead", "notify")
KEPT = Tables("notify", 0, None, 0, 0)


@pytest.mark.parametrize(
    ("queue", "says"),
    [
        (READ, ""),
        (replace(READ, ready=5000, oldest_seconds=2), ""),
        (replace(READ, ready=1, oldest_seconds=31), "slow: look at notify"),
        (replace(READ, consumers=0), "nobody reads it: start notify"),
        (replace(READ, there=False), "not there: import the definitions"),
        (LETTERS, ""),  # read one at a time, by nobody who stays
        (replace(LETTERS, ready=1), "dead letters: start notify"),
    ],
)
def test_what_a_queue_needs(queue: Queue, says: str) -> None:
    assert need_of_queue(queue).says == says


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        (KEPT, ""),
        (replace(KEPT, deferred=7), ""),  # tried again by itself
        (replace(KEPT, unpublished=9, unpublished_oldest_seconds=29), ""),
        (
            replace(KEPT, unpublished=9, unpublished_oldest_seconds=31),
            "not published: look at the broker, and whether notify runs",
        ),
        (replace(KEPT, dead=1), "decide: estafet deferred list --groups"),
    ],
)
def test_what_a_service_needs(tables: Tables, says: str) -> None:
    assert need_of_tables(tables).says == says


def test_what_needs_a_person_comes_first() -> None:
    gone, alone = replace(READ, name="evt-gone", there=False), replace(READ, name="evt-alone", consumers=0)
    waiting, slow = replace(alone, name="evt-waiting", unacked=1), replace(READ, name="evt-slow", oldest_seconds=60)
    letters, full = replace(LETTERS, ready=1), replace(READ, name="evt-full", ready=10)
    mixed = [READ, alone, full, slow, letters, waiting, gone]
    ordered = in_order(Backlog(NOW, mixed, [KEPT, replace(KEPT, dead=1)])).queues
    assert list(ordered) == [gone, waiting, letters, slow, alone, full, READ]
    assert [each.dead for each in in_order(Backlog(NOW, [], [KEPT, replace(KEPT, dead=1)])).tables] == [1, 0]


QUEUES = st.builds(
    Queue,
    name=st.sampled_from(["evt-tickets-note.added--notify.tell", "notify.dead"]),
    service=st.just("notify"),
    ready=st.integers(0, 9),
    consumers=st.integers(0, 2),
    oldest_seconds=st.none() | st.floats(0, 90),
    there=st.booleans(),
)


@given(st.lists(QUEUES))
def test_order_keeps_every_queue_and_no_quiet_one_stands_before_a_needy_one(queues: list[Queue]) -> None:
    ordered = in_order(Backlog(NOW, queues, [])).queues
    assert sorted(map(repr, ordered)) == sorted(map(repr, queues))
    ranks = [need_of_queue(each).rank for each in ordered]
    assert ranks == sorted(ranks, reverse=True)


def test_programs_are_told_the_same() -> None:
    told = json.loads(json.dumps(document(Backlog(NOW, [replace(READ, ready=3)], [KEPT], {"routing": "It is away."}))))
    assert told["at"] == "2026-03-02T08:00:00+00:00"
    assert told["unreachable"] == {"routing": "It is away."}
    [queue], [service] = told["queues"], told["services"]
    assert (queue["ready"], queue["out_per_second"], queue["oldest_seconds"], queue["needs"]) == (3, None, None, None)
    assert (service["service"], service["unpublished"], service["dead"], service["needs"]) == ("notify", 0, 0, None)


def test_a_person_is_told_what_cannot_be_reached_once_and_sees_the_rest() -> None:
    away = {"tickets": "They are [away].", "routing": "They are [away]."}
    console = Console(file=StringIO(), width=200, color_system=None)
    console.print(drawn(Backlog(NOW, [replace(READ, ready=2, oldest_seconds=61.0, in_per_second=1.25)], [KEPT], away)))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0].strip() == "tickets, routing: They are [away]."
    assert lines[2].split() == ["notify", "0", "-", "0", "0"]
    assert lines[-1].split()[:9] == [READ.name, "2", "0", "1", "1.2", "-", "1", "min", "slow:"]
