"""A report as the rules of custody see it: one frozen value, and what a transition answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from estafet.events import new_id

#: How a report stands while offices work on it: it is neither resolved nor closed.
WORKED_ON = ("held", "requested", "offered", "convened")
#: The outcomes that end a referral: a receipt (``received``) is no answer yet.
ANSWERED = ("settled", "declined")


class Refused(Exception):
    """A person asked for what the rules do not allow.

    Attributes:
        slug: the problem, as in ``urn:estafet:problem:<slug>``.
        sentence: what is wrong, and what to do next.
        field: the field of the request at fault, if one is.
    """

    def __init__(self, slug: str, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.slug = slug
        self.sentence = sentence
        self.field = field


class Unlawful(Exception):
    """A decision of routing that breaks the rules it should have applied. Never obeyed; somebody has to look."""


class Unlisted(Exception):
    """A decision about an office that no directory has told of yet: it can be applied when one has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something happens, and where its messages get their ids."""

    now: datetime
    new_id: Callable[[], str] = new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Moment):
    """A person's act."""

    #: The acting office; None: the reporter.
    by: str | None
    #: The version of the report they decided on; None: whichever.
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """One try at changing hands. Its id is that of the message that began it."""

    id: str
    sender: str
    #: None: routing finds the competent office, or none was found before it ended.
    receiver: str | None
    reason: str
    words: str | None = None
    #: requested, offered, accepted, refused, blocked, withdrawn, lapsed, assigned or superseded.
    state: str
    #: How it was decided on: first, requested, redirected or assigned; None: not yet.
    decision: str | None = None
    #: The holder asked for a coordinator instead of an office.
    convene: bool = False
    accept_by: datetime | None = None
    #: The ``handoff.offered`` that the receiver answers.
    offered: str | None = None
    #: What the receiver said when it refused, and whose the report is in its judgement.
    refusal: str | None = None
    refusal_words: str | None = None
    right_office: str | None = None
    #: The coordinator it went to, and what the decision rests on, for whoever watches it.
    coordinator: str | None = None
    because: tuple[Mapping[str, Any], ...] = ()

    @property
    def under_way(self) -> bool:
        """Whether it may still come about."""
        return self.state in ("requested", "offered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A question to an outside agency: a child case with its own end. Its id is that of its ``referral.opened``."""

    id: str
    agency: str
    #: The city's office that asked, and stays answerable.
    office: str
    #: Names of the fields shared with the agency.
    shared: tuple[str, ...]
    opened: datetime
    receipt: str | None = None
    #: received, settled or declined; None: no answer yet.
    outcome: str | None = None

    @property
    def open(self) -> bool:
        return self.outcome not in ANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A stretch of custody that begins."""

    office: str
    since: datetime
    #: opened, accepted or assigned.
    how: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the rules need to know of a report. Nothing of the reporter but whether they can be reached."""

    code: str
    #: The first message of its chain.
    correlation: str
    category: str
    place: str | None
    confidential: bool
    reachable: bool
    front_desk: str
    status: str
    version: int
    holder: str
    held_since: datetime
    #: The message that gave the holder custody, or gave it back: what the holder's acts answer.
    custody_message: str
    guardian: str | None = None
    #: Offices that held it before, the front desk not counted.
    former: tuple[str, ...] = ()
    bound_by: str | None = None
    coordinator: str | None = None
    #: The ``ticket.convened`` that an assignment answers.
    convened_message: str | None = None
    hops: int = 0
    hop_budget: int | None = None
    seen: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    refusals: int = 0
    objections: int = 0
    #: The handoff under way, or the refused or lapsed one that routing has still to answer.
    pending: Handoff | None = None
    referrals: tuple[Referral, ...] = ()
    #: What the reporter lets us share with an outside agency.
    consent: tuple[str, ...] = ()
    #: The outside agency it should be referred to as soon as there is consent.
    refer_to: str | None = None
    resolve_by: datetime | None = None
    paused_until: datetime | None = None
    resolved_by: str | None = None
    #: The ``ticket.resolved`` that the reporter answers.
    resolved_message: str | None = None

    @property
    def referrals_open(self) -> int:
        return sum(each.open for each in self.referrals)

    @property
    def offered_to(self) -> str | None:
        return self.pending.receiver if self.pending and self.status == "offered" else None

    def snapshot(self) -> dict[str, Any]:
        """The ``ticket`` block of every event."""
        return {
            "category": self.category,
            "place": self.place,
            "confidential": self.confidential,
            "reachable": self.reachable,
            "status": self.status,
            "holder": self.holder,
            "guardian": self.guardian,
            "bound_by": self.bound_by,
            "coordinator": self.coordinator,
            "hops": self.hops,
            "hop_budget": self.hop_budget,
            "seen": list(self.seen),
            "named": list(self.named),
            "refusals": self.refusals,
            "objections": self.objections,
            "referrals_open": self.referrals_open,
            "resolve_by": self.resolve_by,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event to emit."""

    name: str
    data: Mapping[str, Any]
    id: str
    #: The ticket's version after it.
    version: int
    #: The message a person's act answers; None: the message being handled, if any.
    answers: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a transition made true: the case now, the events that say so, and the rows it touched."""

    case: Case
    said: tuple[Said, ...] = ()
    #: Handoffs and referrals that are new or changed.
    handoffs: tuple[Handoff, ...] = ()
    referrals: tuple[Referral, ...] = ()
    #: A new stretch of custody; it ends the one before.
    holding: Holding | None = None
    #: The message decided on another version: it is kept in the chain and has no effect on custody.
    superseded: bool = False

    def then(self, after: Outcome) -> Outcome:
        """This, and what followed from it."""
        return Outcome(
            case=after.case,
            said=self.said + after.said,
            handoffs=self.handoffs + after.handoffs,
            referrals=self.referrals + after.referrals,
            holding=after.holding or self.holding,
            superseded=self.superseded,
        )


def changed(case: Case, **changes: Any) -> Case:
    """The case after a custody change: the version grows by one."""
    return replace(case, version=case.version + 1, **changes)


def say(case: Case, name: str, id: str, answers: str | None = None, **data: Any) -> Said:
    """An event about the case as it stands now."""
    return Said(name=name, data={"ticket": case.snapshot(), **data}, id=id, version=case.version, answers=answers)


def joined(offices: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """The offices, each once, in the order in which they came."""
    return tuple(dict.fromkeys((*offices, *more)))
