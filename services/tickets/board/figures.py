"""What the board says: the city, its categories, areas and offices, and what waits longest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.tickets.directory import Directory
from services.tickets.rating.ikm import Ikm

#: Hops from which on reports are counted together.
MANY_HOPS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A category or an area.

    Attributes:
        code: None: no area was given.
        opened: reports that came in the period.
        resolved: reports that an office said are done in the period, and have stayed so.
        median: from report to resolution, of these.
    """

    code: str | None
    name: Mapping[str, str]
    opened: int
    resolved: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class Area(Row):
    """A district, or an area that belongs to none, with the areas in it."""

    within: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.part / self.whole) if self.whole else None


@dataclass(frozen=True, slots=True)
class Wait:
    """A report that is worked on and waits longest."""

    code: str
    category: str
    name: Mapping[str, str]
    office: str
    office_name: str
    days: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Office:
    """What an office has in hand now, and how it answered in the period.

    Attributes:
        overdue: of what it holds, past the citizen's deadline.
        accepted, accept_median: how often it took what it was asked to take, and how long it thought about it.
        refused: how often it refused.
        ikm: of the reports that it resolved.
    """

    code: str
    name: str
    held: int
    overdue: int
    accepted: int
    accept_median: timedelta | None
    refused: int
    ikm: Ikm


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole city.

    Attributes:
        confidential: of the reports that came, so many at least are confidential; None: too few to say.
        hops: resolved reports by ordinary handoffs they had; the last: so many or more.
        first: of the offices asked first that answered, those that accepted.
        stopped: times that a coordinator decided, where the report would else have been sent on.
    """

    opened: int
    resolved: int
    working: int
    confidential: int | None
    median: timedelta | None
    hops: tuple[int, ...]
    hops_mean: float | None
    first: Share
    stopped: int


@dataclass(frozen=True, slots=True)
class Contacted:
    """How many offices reporters say they had to contact; nothing while too few say it."""

    answers: int | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class Board:
    """All of it, as it was counted at one moment."""

    city: Directory = field(repr=False)
    days: int
    time: datetime
    totals: Totals
    categories: tuple[Row, ...]
    areas: tuple[Area, ...]
    waits: tuple[Wait, ...]
    offices: tuple[Office, ...]
    ikm: Ikm
    contacted: Contacted
