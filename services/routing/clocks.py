"""Which clocks run for a report, and until when: worked out anew from the case after each of its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from services.routing.case import Case
from services.routing.city.directory import Directory, NobodyLeft
from services.routing.deadlines import within


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that runs.

    Attributes:
        version: the ticket version it was set at.
        since: when it began.
        near: when it warns; None: it does not.
        cause: id of the event that set it.
    """

    name: str
    version: int
    since: datetime
    due: datetime
    cause: str
    near: datetime | None = None
    office: str | None = None
    coordinator: str | None = None
    handoff: str | None = None
    referral: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.referral or ""

    @property
    def mark(self) -> str:
        """What tells this setting of the clock from another: at the same mark it does not begin again.

        ``loop`` begins again by itself each time it ran out, so it is not told by when it is due.
        """
        return self.cause if self.name == "loop" else f"{self.cause} {self.due.astimezone(UTC).isoformat()}"


def clocks(case: Case, directory: Directory) -> list[Clock]:
    """The clocks of a report as it stands."""
    if case.latest.status == "closed":
        return []
    if case.latest.status == "resolved":
        return [_silence(case, directory), _loop(case, directory)]
    return [
        *_resolve(case, directory),
        *_accept(case, directory),
        *_hold(case, directory),
        *_referrals(case, directory),
        _loop(case, directory),
    ]


def _resolve(case: Case, directory: Directory) -> Iterator[Clock]:
    """The citizen's clock: set when the report was opened, and the same at every version."""
    if case.resolve_by is None or case.opened is None:
        return
    opened = case.opened
    yield Clock(
        "resolve",
        opened.version,
        opened.time,
        case.resolve_by,
        opened.event,
        near=directory.deadlines.near(opened.time, case.resolve_by),
        coordinator=_above(case, case.latest.holder, directory),
    )


def _accept(case: Case, directory: Directory) -> Iterator[Clock]:
    step = case.latest
    if step.accept_by is None or step.offered_to is None:
        return
    yield Clock(
        "accept",
        step.version,
        step.time,
        step.accept_by,
        step.event,
        near=directory.deadlines.near(step.time, step.accept_by),
        office=step.offered_to,
        coordinator=_above(case, step.offered_to, directory),
        handoff=step.handoff,
    )


def _hold(case: Case, directory: Directory) -> Iterator[Clock]:
    taken = case.taken
    if taken is None:
        return
    policy = directory.city.policy
    limit = policy.forward if taken.office == directory.front_desk else policy.hold
    due = directory.deadlines.hold_until(taken.time, limit, case.resolve_by, case.pauses)
    yield Clock(
        "hold",
        taken.version,
        taken.time,
        due,
        taken.event,
        near=directory.deadlines.near(taken.time, due),
        office=taken.office,
        coordinator=_above(case, taken.office, directory),
    )


def _referrals(case: Case, directory: Directory) -> Iterator[Clock]:
    for code, referral in case.referrals.items():
        if referral.since is None or referral.answered:
            continue
        end = directory.deadlines.time.end(referral.since, directory.city.policy.referral)
        due = within(end, case.resolve_by, referral.since)
        yield Clock(
            "referral",
            referral.version,
            referral.since,
            due,
            referral.event,
            near=directory.deadlines.near(referral.since, due),
            office=referral.office,
            coordinator=_above(case, referral.office, directory),
            referral=code,
        )


def _silence(case: Case, directory: Directory) -> Clock:
    step = case.latest
    due = directory.deadlines.time.end(step.time, directory.city.policy.silence)
    return Clock("silence", step.version, step.time, due, step.event, near=directory.deadlines.near(step.time, due))


def _loop(case: Case, directory: Directory) -> Clock:
    step = case.latest
    due = directory.deadlines.time.end(step.time, directory.city.policy.loop)
    return Clock("loop", step.version, step.time, due, step.event)


def _above(case: Case, office: str, directory: Directory) -> str | None:
    """Who is told when the office's time is up: never somebody the report is about."""
    try:
        return directory.coordinator_above({office}, skipping=case.named)
    except NobodyLeft:
        return None
