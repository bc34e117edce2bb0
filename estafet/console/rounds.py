"""Decisions on many messages: each goes on behind the page, a batch at a time, and can be watched."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from estafet.cli.failure import Failure, of_database
from estafet.cli.messages.bulk import walk

#: Of those that ended, so many can still be looked at.
KEPT = 50


@dataclass(frozen=True, slots=True)
class Round:
    """How far a decision is.

    Attributes:
        number: counts from 1 in this run.
        done: what the messages are called that it changed.
        service: whose they are.
        group: which.
        total: how many there were at its beginning.
        seen: how many were met.
        changed: how many of them it changed.
        ended: whether that is all.
        failure: why it ended before; "" when it did not.
    """

    number: int
    done: str
    service: str
    group: Any
    total: int
    seen: int = 0
    changed: int = 0
    ended: bool = False
    failure: str = ""


class Rounds:
    """Those of this run of the command. What they did stays done when it is stopped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rounds: dict[int, Round] = {}
        self._last = 0

    def of(self, number: int) -> Round:
        """Raises LookupError: there is none, or it is long over."""
        with self._lock:
            return self._rounds[number]

    def begin(self, done: str, service: str, group: Any, database: Any, decide: Callable[..., int]) -> Round:
        """Begin to decide on a group, which knows its ``count``; ``database`` is closed when it is over."""
        with self._lock:
            self._last += 1
            begun = self._rounds[self._last] = Round(self._last, done, service, group, group.count)
            over = [number for number, each in self._rounds.items() if each.ended]
            for number in over[:-KEPT]:
                del self._rounds[number]
        threading.Thread(target=self._go, args=(begun, database, decide), daemon=True).start()
        return begun

    def _go(self, now: Round, database: Any, decide: Callable[..., int]) -> None:
        failure = ""
        try:
            for changed, seen in walk(database, now.group, decide):
                now = self._keep(replace(now, seen=now.seen + seen, changed=now.changed + changed))
        except Failure as error:
            failure = str(error)
        except Exception as error:
            failure = of_database(error) or f"It ended by a mistake of the console ({type(error).__name__})."
        finally:
            self._keep(replace(now, ended=True, failure=failure))
            database.engine.dispose()

    def _keep(self, now: Round) -> Round:
        with self._lock:
            self._rounds[now.number] = now
        return now
