"""A city as routing knows it: offices, services, areas, calendar and policy. All of it is data; none of it is code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from estafet.events.routing import COORDINATING_KINDS, HOLDING_KINDS


@dataclass(frozen=True, slots=True)
class Office:
    """Who may hold reports, decide on them or be referred to: an office of the city, or an outside agency."""

    code: str
    name: str
    kind: str
    #: The coordinator above it; None at the top of the ladder and for outside agencies.
    parent: str | None = None
    #: The area it answers for.
    area: str | None = None
    competence: tuple[str, ...] = ()
    confidential: bool = False
    email: str | None = None
    #: Outside agencies: what they need in a referral.
    needs: tuple[str, ...] = ()

    @property
    def can_hold(self) -> bool:
        return self.kind in HOLDING_KINDS

    @property
    def can_coordinate(self) -> bool:
        return self.kind in COORDINATING_KINDS

    @property
    def is_external(self) -> bool:
        return self.kind == "external"


@dataclass(frozen=True, slots=True)
class Service:
    """A category a citizen may report under."""

    code: str
    #: By language: ``id``, ``en``.
    name: Mapping[str, str]
    #: Which of the policy's resolve limits applies.
    deadline: str
    #: Handled by the office of the place, not by one office of the whole city.
    local: bool = False
    confidential: bool = False
    emergency: bool = False
    place_required: bool = False
    #: Ordinary handoffs allowed; None: no limit. The policy's own unless the service says otherwise.
    hop_budget: int | None = 3
    #: What people call it, by language: the report form's search finds it by these too.
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the city that a report may name as its place."""

    code: str
    name: str
    #: Who answers for it.
    office: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A working day's hours, in the city's own time."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the city works."""

    timezone: str
    #: By weekday, Monday is 0; a weekday without hours is free.
    hours: Mapping[int, Hours]
    #: ISO 3166 code of the country whose public holidays are kept; None: none are.
    country: str | None = None
    #: Days off beside the public holidays.
    leave: frozenset[date] = frozenset()
    #: Public holidays on which the city works.
    not_holiday: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take."""

    amount: int
    #: ``day``: working days, the first day not counted; ``hour``: hours within working hours.
    unit: str = "day"
    #: What it rests on: a regulation, a published standard, or ``default``.
    basis: str = "default"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many years after it was closed a report keeps what its reporter gave and wrote."""

    years: int
    basis: str = "default"


@dataclass(frozen=True, slots=True)
class Policy:
    """The city's limits.

    Attributes:
        resolve: the citizen's deadline, by the service's deadline class.
        forward: how long the front desk may hold a new report.
        accept: how long an office may leave an offer unanswered.
        hold: how long an office may hold a report.
        referral: how long an outside agency may leave a referral unanswered.
        silence: after how long a resolved report closes when the citizen says nothing.
        loop: how often the citizen hears something even when nothing happened.
        near_percent: a clock warns when this part of its working time is used up.
        hop_budget: ordinary handoffs allowed for each report; None: no limit.
        external_holder: who holds a report for an outside agency when the office of the place cannot.
        retention: after how long a closed report forgets its reporter; None: never.
    """

    resolve: Mapping[str, Limit]
    forward: Limit
    accept: Limit
    hold: Limit
    referral: Limit
    silence: Limit
    loop: Limit
    near_percent: int
    hop_budget: int | None
    external_holder: str
    retention: Retention | None = None


@dataclass(frozen=True, slots=True)
class City:
    """All that routing knows of a city; checked, if :func:`services.routing.city.check.build` made it."""

    name: str
    code_prefix: str
    front_desk: str
    offices: tuple[Office, ...]
    services: tuple[Service, ...]
    areas: tuple[Area, ...]
    calendar: Calendar
    policy: Policy
    emergency_number: str | None = None
    #: The checked data it was made from, as JSON: what is stored, and read again with the same checks.
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
