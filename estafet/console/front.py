"""What the first page shows of a look: what needs a person, then what the services keep, then the queues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from estafet.cli.messages.backlog import Need, Queue, Tables, need_of_queue, need_of_tables
from estafet.console.looks import Seen

#: A full bar is the deepest queue, or this many messages: one that waits is not much, even if it is the only one.
FULL = 100


@dataclass(frozen=True, slots=True)
class Want:
    """Something that needs a person, and all that need the same. ``dead``: deferred messages are decided on."""

    need: Need
    names: Sequence[str]
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a service keeps."""

    tables: Tables
    need: Need
    curve: str


@dataclass(frozen=True, slots=True)
class Line:
    """A queue. ``bar``: how deep, in hundredths of the deepest; ``quiet``: empty, with nothing to see."""

    queue: Queue
    need: Need
    curve: str
    bar: int
    quiet: bool


@dataclass(frozen=True, slots=True)
class Front:
    wants: Sequence[Want]
    shelves: Sequence[Shelf]
    lines: Sequence[Line]


def front(seen: Seen) -> Front:
    """The first page of a look; the look has its order already."""
    backlog = seen.backlog
    shelves = [Shelf(each, need_of_tables(each), seen.curves.get(each.service, "")) for each in backlog.tables]
    deepest = max((each.messages for each in backlog.queues), default=0)
    lines = [_line(each, max(deepest, FULL), seen.curves.get(each.name, "")) for each in backlog.queues]
    return Front(_wants(shelves, lines), shelves, lines)


def _wants(shelves: Sequence[Shelf], lines: Sequence[Line]) -> list[Want]:
    """The most urgent first; a service that is down is one thing to do, not one for each of its queues."""
    needs = [*((each.queue.name, each.need) for each in lines), *((each.tables.service, each.need) for each in shelves)]
    dead = {each.tables.service for each in shelves if each.tables.dead}
    alike: dict[str, list[tuple[str, Need]]] = {}
    for name, need in needs:
        if need.rank:
            alike.setdefault(need.says, []).append((name, need))
    wants = [
        Want(max((need for _, need in each), key=lambda need: need.rank), names, not dead.isdisjoint(names))
        for each in alike.values()
        for names in [[name for name, _ in each]]
    ]
    return sorted(wants, key=lambda each: -each.need.rank)


def _line(queue: Queue, full: int, curve: str) -> Line:
    need = need_of_queue(queue)
    bar = -(-100 * queue.messages // full)
    flow = (queue.in_per_second or 0) + (queue.out_per_second or 0)
    return Line(queue, need, curve, bar, quiet=need.rank < 2 and not (queue.messages or curve or round(flow, 1)))
