"""The two clocks: the citizen's, set once, and each office's own, never later than what is left of the citizen's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.routing.city.model import Limit, Policy
from services.routing.city.workdays import WorkingTime


@dataclass(frozen=True, slots=True, order=True)
class Pause:
    """A stretch in which the holder's own clock stands still. The citizen's does not."""

    begins: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A city's limits, applied to moments."""

    policy: Policy
    time: WorkingTime

    def resolve_by(self, opened: datetime, deadline_class: str | None) -> datetime:
        """The citizen's deadline, counted from the report. The latest there is when the class is not known."""
        limits = self.policy.resolve
        chosen = [limits[deadline_class]] if deadline_class else limits.values()
        return max(self.time.end(opened, limit) for limit in chosen)

    def accept_by(self, offered: datetime, resolve_by: datetime) -> datetime:
        return within(self.time.end(offered, self.policy.accept), resolve_by, offered)

    def hold_until(
        self, since: datetime, limit: Limit, resolve_by: datetime | None, pauses: tuple[Pause, ...] = ()
    ) -> datetime:
        """When the holder's time is up. What was left at the beginning of a pause is left at its end."""
        due = self.time.end(since, limit)
        for pause in sorted(pauses):
            if since <= pause.begins < due and pause.until > pause.begins:
                due = self.time.after(pause.until, self.time.between(pause.begins, due))
        return within(due, resolve_by, since)

    def near(self, since: datetime, due: datetime) -> datetime:
        """When a clock warns: at the policy's part of the working time between its start and its end."""
        return min(self.time.after(since, self.time.between(since, due) * self.policy.near_percent / 100), due)


def within(due: datetime, resolve_by: datetime | None, since: datetime) -> datetime:
    """Cap an office's clock by the citizen's deadline.

    Once that has passed nothing is left to protect: the office gets its ordinary time, because an offer that lapses
    before it can be read would only move the report away from whoever can still help.
    """
    return min(due, resolve_by) if resolve_by is not None and resolve_by > since else due
