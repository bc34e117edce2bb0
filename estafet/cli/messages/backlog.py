"""What waits, in the queues and in the services' tables: what of it needs a person, and in which order it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

#: Seconds that a message may wait before somebody should look.
LONG = 30.0


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of ours.

    Attributes:
        name: as the broker knows it.
        service: who must read it.
        ready: messages that nobody was given yet.
        unacked: messages in a consumer's hands.
        consumers: how many read it; a service fetches its dead letters one by one, and counts as none.
        in_per_second: what came in; None where the broker keeps no rates.
        out_per_second: what was acknowledged.
        oldest_seconds: age of its oldest message, an estimate; None where it is empty or nobody can tell.
        there: whether the broker knows it.
    """

    name: str
    service: str
    ready: int = 0
    unacked: int = 0
    consumers: int = 0
    in_per_second: float | None = None
    out_per_second: float | None = None
    oldest_seconds: float | None = None
    there: bool = True

    @property
    def messages(self) -> int:
        return self.ready + self.unacked

    @property
    def dead_letters(self) -> bool:
        return not self.name.startswith("evt-")


@dataclass(frozen=True, slots=True)
class Tables:
    """What a service's database keeps: events not yet published, and messages that could not be handled."""

    service: str
    unpublished: int
    unpublished_oldest_seconds: float | None
    deferred: int
    dead: int


@dataclass(frozen=True, slots=True)
class Need:
    """Why a person should look, the most urgent ``rank`` being the highest; 0 and nothing to say when nobody need."""

    rank: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True)
class Backlog:
    """One look. ``unreachable``: what could not be looked at (``broker``, or a service) → why, in a sentence."""

    at: datetime
    queues: Sequence[Queue]
    tables: Sequence[Tables]
    unreachable: dict[str, str] = field(default_factory=dict)


def need_of_queue(queue: Queue) -> Need:
    """What a person has to do about a queue."""
    if not queue.there:
        return Need(5, "not there: import the definitions")
    if queue.dead_letters:
        return Need(3, f"dead letters: start {queue.service}") if queue.messages else Need()
    if not queue.consumers:
        return Need(4 if queue.messages else 1, f"nobody reads it: start {queue.service}")
    if queue.oldest_seconds is not None and queue.oldest_seconds > LONG:
        return Need(2, f"slow: look at {queue.service}")
    return Need()


def need_of_tables(tables: Tables) -> Need:
    """What a person has to do about what a service keeps."""
    if tables.dead:
        return Need(2, "decide: estafet deferred list --groups")
    if (tables.unpublished_oldest_seconds or 0) > LONG:
        return Need(1, f"not published: look at the broker, and whether {tables.service} runs")
    return Need()


def in_order(backlog: Backlog) -> Backlog:
    """What needs a person comes first, then what waits longest, then what is most."""
    queues = sorted(
        backlog.queues,
        key=lambda each: (-need_of_queue(each).rank, -(each.oldest_seconds or 0), -each.messages, each.name),
    )
    tables = sorted(
        backlog.tables,
        key=lambda each: (
            -need_of_tables(each).rank,
            -each.dead,
            -(each.unpublished_oldest_seconds or 0),
            -each.deferred,
        ),
    )
    return Backlog(backlog.at, queues, tables, backlog.unreachable)


def document(backlog: Backlog) -> dict[str, Any]:
    """For programs: what docs/operator.md lists."""
    return {
        "at": backlog.at.isoformat(),
        "queues": [{**asdict(each), "needs": need_of_queue(each).says or None} for each in backlog.queues],
        "services": [{**asdict(each), "needs": need_of_tables(each).says or None} for each in backlog.tables],
        "unreachable": backlog.unreachable,
    }
