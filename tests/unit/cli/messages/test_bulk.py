"""How far a decision on many messages is: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from estafet.cli.messages import bulk
from estafet.cli.messages.bulk import BATCH, Steps


def said(monkeypatch: pytest.MonkeyPatch, batches: list[int], terminal: bool) -> str:
    written = StringIO()
    monkeypatch.setattr(bulk, "console", Console(file=written, force_terminal=terminal, width=100, color_system=None))
    with Steps("replayed", sum(batches)) as steps:
        for each in batches:
            steps.advance(each)
        steps.say(f"replayed {sum(batches)} (tickets)")
    return written.getvalue()


def test_elsewhere_each_batch_of_many_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = said(monkeypatch, [BATCH, BATCH, 100], terminal=False).splitlines()
    assert lines == ["300 of 700", "600 of 700", "700 of 700", "replayed 700 (tickets)"]


def test_few_are_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, [BATCH], terminal=False) == "replayed 300 (tickets)\n"


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    written = said(monkeypatch, [BATCH, BATCH], terminal=True)
    assert "600/600" in written
    assert "300 of" not in written
    assert "replayed 600 (tickets)" in written
