"""When a message may go: now, when the quiet hours end, or with the next daily digest. Rules alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.notify.preferences.preference import Preference, Quiet

#: The messages that wait for nothing, and why. All about an emergency are among them, whatever they say.
URGENT: Mapping[str, str] = {
    "ticket-opened-reporter": "answers what the reader did this minute, and holds the only key to the report",
    "ticket-convened-coordinator": "nothing moves until the coordinator decides",
    "deadline-passed-office": "a citizen waits for longer than was promised",
    "deadline-passed-coordinator": "a citizen waits for longer than was promised",
    "referral-packaged-agency": "what a reporter let us share is kept no longer than it must be",
}

#: The messages that ask for an answer, and the fact that says by when: told after that, they would be told in vain.
ANSWERED_BY: Mapping[str, str] = {
    "handoff-offered-receiver": "accept_by",
    "deadline-near-office": "due",
    "deadline-near-reporter": "due",
}

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """When a message may go, and whether with the digest of that moment. Moments are in UTC."""

    at: datetime
    in_digest: bool = False


def is_urgent(template: str, *, emergency: bool) -> bool:
    return emergency or template in URGENT


def answered_by(template: str, facts: Mapping[str, Any]) -> datetime | None:
    """By when the reader must have answered; None: nothing is asked, or for no certain time."""
    text = facts.get(ANSWERED_BY.get(template, ""))
    return datetime.fromisoformat(text) if text else None


def turn(preference: Preference, told_at: datetime, now: datetime, zone: ZoneInfo, by: datetime | None = None) -> Turn:
    """When a message that is not urgent may go, never before ``now``.

    Args:
        told_at: when there was first something to tell: the digest is the first one after it.
        by: when it must have been answered. If the digest comes too late for that, it goes without; if the end of the
            quiet hours does, it goes at once.
    """
    awake = after_quiet(now, preference.quiet, zone)
    usual = Turn(awake)
    if preference.digest is not None:
        due = max(now, next_digest(told_at, preference.digest, zone))
        usual = Turn(after_quiet(due, preference.quiet, zone), in_digest=True)
    choices = (usual, Turn(awake), Turn(now))
    return next((each for each in choices if by is None or each.at < by), usual)


def after_quiet(moment: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """The first moment from this one on that is not in the quiet hours."""
    moment = moment.astimezone(UTC)
    while quiet is not None and _local(moment, zone) in quiet:
        moment = _next(moment, quiet.ends, zone)
    return moment


def next_digest(after: datetime, hour: time, zone: ZoneInfo) -> datetime:
    """The first moment later than ``after`` at which clocks show ``hour``."""
    return _next(after.astimezone(UTC), hour, zone)


def _local(moment: datetime, zone: ZoneInfo) -> time:
    return moment.astimezone(zone).time()


def _next(after: datetime, hour: time, zone: ZoneInfo) -> datetime:
    """An hour that comes twice, when clocks are put back, counts both times; one that is skipped, as if it were not."""
    day = after.astimezone(zone).date()
    moments = (
        datetime.combine(each, hour, zone).replace(fold=fold).astimezone(UTC)
        for each in (day, day + _DAY)
        for fold in (0, 1)
    )
    return next(each for each in moments if each > after)
