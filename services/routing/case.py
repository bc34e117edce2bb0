"""What routing remembers of a report, to time it: built from its events in any order, each any number of times.

Every part keeps the newest of what it was told, by ticket version; so a late or doubled event changes nothing, and the
same events lead to the same case however they arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from estafet.events import Event
from services.routing.deadlines import Pause

#: Events after which the report has a new holder, or its holder begins again.
_TAKINGS = frozenset({"ticket.opened", "handoff.accepted", "ticket.assigned", "ticket.reopened"})
#: Events that leave the ticket's version, and with it custody, as they were.
_BESIDE_CUSTODY = frozenset({"ticket.paused", "referral.opened", "referral.answered"})
#: A receipt says that the agency has the referral, not that it has answered it.
_RECEIPT = "received"


@dataclass(frozen=True, slots=True)
class Step:
    """How custody stands since an event."""

    version: int
    #: Whether the event itself changed custody; if not, it only repeats how custody stood.
    custody: bool
    time: datetime
    event: str
    status: str
    holder: str
    offered_to: str | None = None
    handoff: str | None = None
    accept_by: datetime | None = None

    @property
    def rank(self) -> tuple[int, bool, datetime, str]:
        """The newest has the highest, in whatever order they come."""
        return self.version, self.custody, self.time, self.event


@dataclass(frozen=True, slots=True)
class Taking:
    """Since when the holder holds it."""

    version: int
    time: datetime
    event: str
    office: str


@dataclass(frozen=True, slots=True)
class Referral:
    """An outside agency's part. ``since`` is None while only its end has been heard of."""

    since: datetime | None = None
    version: int = 0
    event: str = ""
    office: str = ""
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A report, as its clocks need it.

    Attributes:
        correlation: the first message of its chain.
        named: offices that the report is about.
        latest: how custody stands.
        resolve_by: the citizen's deadline, once it is set.
        opened: what began the citizen's clock.
        taken: what began the holder's.
    """

    ticket: str
    correlation: str
    confidential: bool
    named: frozenset[str]
    latest: Step
    resolve_by: datetime | None = None
    opened: Taking | None = None
    taken: Taking | None = None
    pauses: tuple[Pause, ...] = ()
    referrals: Mapping[str, Referral] = field(default_factory=dict)


def after(case: Case | None, event: Event, promised: datetime | None = None) -> Case:
    """The case after an event about it.

    Args:
        case: None when this is the first event heard of.
        promised: the citizen's deadline as routing's own decision on this event sets it.
    """
    step = _step(event)
    stand = event.data["ticket"]
    if case is None:
        case = Case(
            ticket=event.subject or "",
            correlation=event.correlationid,
            confidential=stand["confidential"],
            named=frozenset(stand["named"]),
            latest=step,
        )
    return replace(
        case,
        latest=max(case.latest, step, key=lambda each: each.rank),
        resolve_by=stand["resolve_by"] or case.resolve_by or promised,
        opened=_taking(event, step) if event.name == "ticket.opened" else case.opened,
        taken=_taken(case.taken, event, step),
        pauses=_pauses(case, event),
        referrals=_referrals(case.referrals, event, step),
    )


def _step(event: Event) -> Step:
    data, stand = event.data, event.data["ticket"]
    offered = event.name == "handoff.offered"
    return Step(
        version=event.subjectversion or 0,
        custody=event.name not in _BESIDE_CUSTODY,
        time=event.time,
        event=event.id,
        status=stand["status"],
        holder=stand["holder"],
        offered_to=data["receiver"] if offered else None,
        handoff=data["handoff"] if offered else None,
        accept_by=data["accept_by"] if offered else None,
    )


def _taken(taken: Taking | None, event: Event, step: Step) -> Taking | None:
    if event.name not in _TAKINGS or (taken is not None and taken.version >= step.version):
        return taken
    return _taking(event, step)


def _taking(event: Event, step: Step) -> Taking:
    return Taking(step.version, event.time, event.id, step.holder)


def _pauses(case: Case, event: Event) -> tuple[Pause, ...]:
    if event.name != "ticket.paused":
        return case.pauses
    return tuple(sorted({*case.pauses, Pause(event.time, event.data["until"])}))


def _referrals(referrals: Mapping[str, Referral], event: Event, step: Step) -> Mapping[str, Referral]:
    if event.name not in ("referral.opened", "referral.answered"):
        return referrals
    code = event.data["referral"]
    known = referrals.get(code, Referral())
    if event.name == "referral.opened":
        known = replace(known, since=event.time, version=step.version, event=event.id, office=event.data["office"])
    elif event.data["outcome"] != _RECEIPT:
        known = replace(known, answered=True)
    return {**referrals, code: known}
