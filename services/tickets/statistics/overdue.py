"""What is late, by office, and what waits for each coordinator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import Connection, Select, func, select

from services.tickets.custody.case import WORKED_ON
from services.tickets.tables import tickets


@dataclass(frozen=True, slots=True)
class Late:
    """An office and what it holds past the citizen's deadline.

    Attributes:
        held: how many reports it holds that are worked on, late or not.
        oldest: the deadline that passed first.
        days: how many days late half of them are at least, as a fraction.
    """

    office: str
    held: int
    overdue: int
    oldest: datetime | None
    days: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a coordinator's decision, and since when the longest has been with its holder."""

    coordinator: str
    reports: int
    oldest: datetime


def overdue(connection: Connection, now: datetime, confidential: bool = False) -> list[Late]:
    """Every office that holds something that is worked on; the one with most that is late first.

    ``confidential``: confidential reports count too.
    """
    held = _counted(select(tickets.c.holder, func.count()), confidential).where(tickets.c.status.in_(WORKED_ON))
    late = _counted(select(tickets.c.holder, tickets.c.resolve_by), confidential).where(
        tickets.c.status.in_(WORKED_ON), tickets.c.resolve_by < now
    )
    passed: dict[str, list[datetime]] = {}
    for holder, due in connection.execute(late):
        passed.setdefault(holder, []).append(due)
    sums = connection.execute(held.group_by(tickets.c.holder))
    found = [_late(holder, count, passed.get(holder, []), now) for holder, count in sums]
    return sorted(found, key=lambda each: (-each.overdue, -each.days, each.office))


def waiting(connection: Connection, confidential: bool = False) -> list[Waiting]:
    """By coordinator, the one for whom most waits first. ``confidential``: confidential reports count too."""
    wanted = select(
        tickets.c.coordinator, func.count(), func.min(tickets.c.held_since, type_=tickets.c.held_since.type)
    )
    convened = _counted(wanted, confidential).where(tickets.c.coordinator.is_not(None), tickets.c.status == "convened")
    rows = connection.execute(convened.group_by(tickets.c.coordinator))
    return sorted((Waiting(*row) for row in rows), key=lambda each: (-each.reports, each.coordinator))


def _counted(wanted: Select[Any], confidential: bool) -> Select[Any]:
    return wanted if confidential else wanted.where(tickets.c.confidential.is_(False))


def _late(office: str, held: int, passed: Iterable[datetime], now: datetime) -> Late:
    ages = sorted((now - due).total_seconds() / 86400 for due in passed)
    if not ages:
        return Late(office, held, 0, None, 0.0)
    return Late(office, held, len(ages), min(passed), median(ages))
