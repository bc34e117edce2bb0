"""Who hands to whom, what became of it, and where it bounces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, or_, select, union_all

from services.tickets.tables import handoffs, tickets

#: What a handoff that stands so counts as. One without a receiver asked for a coordinator, or is not decided.
_COUNTED = {
    "accepted": "passed",
    "assigned": "assigned",
    "requested": "waiting",
    "offered": "waiting",
    "refused": "refused",
    "lapsed": "lapsed",
    "blocked": "stopped",
    "withdrawn": "withdrawn",
    "superseded": "withdrawn",
}
#: What a flow counts, in the order in which it is told.
COUNTS = tuple(dict.fromkeys(_COUNTED.values()))


@dataclass(frozen=True, slots=True)
class Flow:
    """The handoffs from one office to another, by what became of them.

    Attributes:
        assigned: given by a coordinator, who asked neither.
        lapsed: offered, and not answered in time.
        stopped: not offered at all: a coordinator was convened instead.
        withdrawn: taken back, or overtaken by a coordinator.
    """

    sender: str
    receiver: str
    passed: int = 0
    assigned: int = 0
    waiting: int = 0
    refused: int = 0
    lapsed: int = 0
    stopped: int = 0
    withdrawn: int = 0

    @property
    def total(self) -> int:
        return self.went + self.waiting + self.turned + self.withdrawn

    @property
    def went(self) -> int:
        """The report changed hands."""
        return self.passed + self.assigned

    @property
    def turned(self) -> int:
        """It did not, against the sender's wish."""
        return self.refused + self.lapsed + self.stopped


@dataclass(frozen=True, slots=True)
class Bounce:
    """Two offices that each said of the same report that it was the other's, until a coordinator was convened.

    Attributes:
        to_second, to_first: how often it would have gone there, and was stopped.
        reports: how many reports it happened to.
    """

    first: str
    second: str
    to_second: int
    to_first: int
    reports: int


def flows(
    connection: Connection, since: datetime | None = None, office: str | None = None, confidential: bool = False
) -> list[Flow]:
    """By sender and receiver, those that began since then (None: all); only those of one office, if one is named.

    ``confidential``: those of confidential reports too.
    """
    counted = select(handoffs.c.sender, handoffs.c.receiver, handoffs.c.state, func.count())
    counted = _within(counted, since, confidential).where(handoffs.c.receiver.is_not(None))
    if office is not None:
        counted = counted.where(or_(handoffs.c.sender == office, handoffs.c.receiver == office))
    found: dict[tuple[str, str], dict[str, int]] = {}
    for sender, receiver, state, count in connection.execute(counted.group_by(*counted.selected_columns[:3])):
        sums = found.setdefault((sender, receiver), {})
        kind = _COUNTED[state]
        sums[kind] = sums.get(kind, 0) + count
    return sorted((Flow(sender, receiver, **sums) for (sender, receiver), sums in found.items()), key=_most_first)


def bounces(
    connection: Connection, since: datetime | None = None, office: str | None = None, confidential: bool = False
) -> list[Bounce]:
    """By pair of offices, what was stopped on its way back, of handoffs that began since then; most reports first.

    ``confidential``: of confidential reports too.
    """
    parts = (_stopped_requests(), _stopped_refusals())
    stopped = union_all(*(_within(each, since, confidential) for each in parts)).subquery()
    forward = stopped.c.speaker < stopped.c.other
    pair = (
        case((forward, stopped.c.speaker), else_=stopped.c.other).label("first"),
        case((forward, stopped.c.other), else_=stopped.c.speaker).label("second"),
    )
    sums = (
        func.sum(case((forward, 1), else_=0)),
        func.sum(case((forward, 0), else_=1)),
        func.count(stopped.c.code.distinct()),
    )
    wanted = select(*pair, *sums).where(_said_before_by_the_other(stopped)).group_by(*pair)
    if office is not None:
        wanted = wanted.where(or_(stopped.c.speaker == office, stopped.c.other == office))
    found = [Bounce(*row) for row in connection.execute(wanted)]
    return sorted(found, key=lambda each: (-each.reports, each.first, each.second))


def _stopped_requests() -> Select[Any]:
    """The holder wanted another office to have it, and a coordinator was convened instead."""
    wanted = select(handoffs.c.code, handoffs.c.sender.label("speaker"), handoffs.c.receiver.label("other"))
    convened = (handoffs.c.coordinator.is_not(None), handoffs.c.state == "blocked")
    return wanted.where(*convened, handoffs.c.receiver.is_not(None))


def _stopped_refusals() -> Select[Any]:
    """An office refused and said whose it is, and a coordinator was convened instead of asking that one."""
    wanted = select(handoffs.c.code, handoffs.c.receiver.label("speaker"), handoffs.c.right_office.label("other"))
    convened = (handoffs.c.coordinator.is_not(None), handoffs.c.state == "refused")
    return wanted.where(*convened, handoffs.c.right_office.is_not(None))


def _said_before_by_the_other(stopped: Any) -> Any:
    """The other office handed it to this one, or asked it to take it; or named it when it refused."""
    said = handoffs.alias()
    asked = and_(said.c.sender == stopped.c.other, said.c.receiver == stopped.c.speaker)
    named = and_(said.c.receiver == stopped.c.other, said.c.right_office == stopped.c.speaker)
    return exists().where(said.c.code == stopped.c.code, or_(asked, named))


def _within(wanted: Select[Any], since: datetime | None, confidential: bool) -> Select[Any]:
    if not confidential:
        wanted = wanted.join(tickets, tickets.c.code == handoffs.c.code).where(tickets.c.confidential.is_(False))
    return wanted if since is None else wanted.where(handoffs.c.began_at >= since)


def _most_first(flow: Flow) -> tuple[int, str, str]:
    return -flow.total, flow.sender, flow.receiver


def of_offices(found: Iterable[Flow], offices: frozenset[str]) -> list[Flow]:
    """Those that one of the offices sent or was asked to take."""
    return [each for each in found if each.sender in offices or each.receiver in offices]
