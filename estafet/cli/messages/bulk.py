"""Deciding on many deferred messages: a few hundred in a transaction, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from estafet.cli.failure import needs_serve
from estafet.cli.terminal import console

#: Messages in one transaction.
BATCH = 300


def walk(database: Any, group: Any, decide: Callable[..., int]) -> Iterator[tuple[int, int]]:
    """Decide on a group, a batch at a time; yields of each, once it is committed, how many it changed and how many it
    had. No message is met twice, not even one that was replayed and is dead again.
    """
    triage = needs_serve("estafet.relay.triage")
    after = ""
    while True:
        with database.begin() as connection:
            ids = triage.some_of(connection, group, after, BATCH)
            changed = decide(connection, ids, now=datetime.now(UTC)) if ids else 0
        if not ids:
            return
        yield changed, len(ids)
        after = ids[-1]


class Steps:
    """How far it is: a bar on a terminal, elsewhere a line for each batch of what needs several."""

    def __init__(self, done: str, total: int) -> None:
        self._done, self._total, self._seen = done, total, 0
        columns = (TextColumn(done), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task(done, total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def advance(self, seen: int) -> None:
        """So many more were decided on."""
        self._seen += seen
        self._progress.advance(self._task, seen)
        if not console.is_terminal and self._total > BATCH:
            self.say(f"{self._seen} of {self._total}")

    def say(self, line: str) -> None:
        """Above the bar."""
        self._progress.console.print(line, markup=False)
