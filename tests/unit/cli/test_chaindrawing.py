"""The drawn chain: every message once, under its cause, the baton's way straight down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.tree import Tree

from estafet.cli.chaindrawing import forest, tree
from estafet.cli.wording import pretty

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def entry(
    id: str, name: str, cause: str | None, after: float = 0, publisher: str = "tickets", **data: Any
) -> dict[str, Any]:
    time = (START + timedelta(seconds=after)).isoformat()
    return {"id": id, "name": name, "causationid": cause, "publisher": publisher, "time": time, "body": {"data": data}}


def drawn(entries: list[dict[str, Any]]) -> list[str]:
    console = Console(file=StringIO(), width=200, color_system=None)
    console.print(tree("KDR-1", entries))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_who_when_why_and_how_long() -> None:
    lines = drawn(
        [
            entry("1", "ticket.opened", None, ticket={"holder": "loket"}),
            entry(
                "2", "handoff.routed", "1", 0.05, "routing", receiver="bujel", because=[{"en": "The place is Bujel."}]
            ),
            entry("3", "handoff.offered", "2", 0.1, sender="loket", receiver="bujel", reason="new-report"),
            entry("4", "handoff.accepted", "3", 3700, sender="loket", receiver="bujel"),
        ]
    )
    assert "ticket.opened loket" in lines[1]
    assert "The place is Bujel." in lines[2]
    assert "loket → bujel" in lines[3]
    assert "new-report" in lines[3]
    assert "+50 ms" in lines[3]
    assert "+1 h 1 min" in lines[4]


def test_the_baton_goes_straight_down_and_what_hangs_on_it_is_indented() -> None:
    lines = drawn(
        [
            entry("1", "ticket.opened", None),
            entry("n", "notification.sent", "1", 1, "notify", recipient="reporter"),
            entry("2", "handoff.offered", "1", 2),
            entry("3", "handoff.accepted", "2", 3),
        ]
    )
    indent = {line.split("── ")[1].split()[0]: line.index("── ") for line in lines[1:]}
    assert indent["ticket.opened"] == indent["handoff.offered"] == indent["handoff.accepted"]
    assert indent["notification.sent"] > indent["ticket.opened"]


def test_words_cannot_command_the_terminal() -> None:
    lines = drawn([entry("1", "handoff.refused", None, office="bujel", words="[bold]x[/] [link=http://bad]y")])
    assert "[bold]x[/] [link=http://bad]y" in lines[1]


def test_a_public_chain_has_no_bodies() -> None:
    hidden = entry("1", "ticket.opened", None)
    del hidden["body"]
    assert "ticket.opened" in drawn([hidden])[1]


@given(st.lists(st.integers(-1, 60), min_size=1, max_size=60))
def test_every_message_is_drawn_once(causes: list[int]) -> None:
    entries = [
        entry(str(number), "note.added", str(cause) if cause in range(number) else None, number)
        for number, cause in enumerate(causes)
    ]
    assert _count(tree("x", entries)) == len(entries) + 1
    assert sum(root.weight for root in forest(entries)) == len(entries)


def test_a_very_long_chain_is_drawn() -> None:
    entries = [entry(str(number), "handoff.accepted", str(number - 1), number) for number in range(3000)]
    assert _count(tree("x", entries)) == 3001


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(-1, "0 ms"), (0.0124, "12 ms"), (59.94, "59.9 s"), (61, "1 min"), (7260, "2 h 1 min"), (90000, "1 d 1 h")],
)
def test_how_long_in_words(seconds: float, says: str) -> None:
    assert pretty(timedelta(seconds=seconds)) == says


def _count(drawing: Tree) -> int:
    return 1 + sum(_count(child) for child in drawing.children)
