"""What the load knows: which reports we accepted, by which door, and which acts we answered with success."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Accepted:
    """A report that we took: its reference is the sender's own. By event nobody is told the code."""

    reference: str
    door: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """An act that we answered with 2xx, and the event it became."""

    code: str
    act: str
    event: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """What its reporter may confirm."""

    code: str
    version: int


@dataclass
class Record:
    """Kept in memory of the load alone, and written to by several threads."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    acts: list[Acted] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    resolved: deque[Resolved] = field(default_factory=deque)
    #: (what was asked, what came back) → how often.
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: Requests and messages that were sent again because nobody had said yes.
    repeated: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, report: Accepted, secret: str | None = None) -> None:
        with self.lock:
            self.accepted[report.reference] = report
            if report.code and secret:
                self.secrets[report.code] = secret

    def count(self, asked: str, came: str) -> None:
        with self.lock:
            self.answers[asked, came] += 1

    def again(self, times: int = 1) -> None:
        with self.lock:
            self.repeated += times

    def by_door(self) -> Counter[str]:
        with self.lock:
            return Counter(each.door for each in self.accepted.values())
