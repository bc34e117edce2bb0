"""What the database counts for a board: numbers by code, before anybody has looked whether they may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.tickets.rating.ikm import Answers


@dataclass(frozen=True, slots=True)
class Count:
    """Reports, and the median of how long they took."""

    opened: int = 0
    resolved: int = 0
    working: int = 0
    median: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Of one period. But for ``confidential``, ``ratings`` and ``contacted``, of reports that are not confidential.

    Attributes:
        opened: reports that came, by category and area.
        all, by_category, by_area, by_district: reports resolved, and how long they took.
        confidential: reports that came, were resolved and are worked on.
        hops: resolved reports by ordinary handoffs they had.
        first_answered, first_accepted: of the offices asked first.
        stopped: handoffs that went to a coordinator instead of the next office.
        held: by office, what it holds now, and what of it is past the citizen's deadline.
        accepted: by office, offers accepted (as ``resolved``), and how long it took to.
        refused: by office.
        waits: code, category, holder, when it came and when it was due, the longest first.
        ratings: by office, and in it by element; under ``""`` how many rated.
        contacted: how many offices reporters had to contact.
    """

    opened: Mapping[tuple[str, str | None], int]
    all: Count
    by_category: Mapping[str, Count]
    by_area: Mapping[str | None, Count]
    by_district: Mapping[str | None, Count]
    confidential: Count
    hops: Mapping[int, int]
    first_answered: int
    first_accepted: int
    stopped: int
    held: Mapping[str, tuple[int, int]]
    accepted: Mapping[str, Count]
    refused: Mapping[str, int]
    waits: tuple[tuple[str, str, str, datetime, datetime | None], ...] = ()
    ratings: Mapping[str, Mapping[str, Answers]] = field(default_factory=dict)
    contacted: Answers = field(default_factory=Answers)
