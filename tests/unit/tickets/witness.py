"""A witness who reads nothing but the events, keeps its own history, and holds them against the eight rules.

It shares no code with the rules it checks. Whoever acted, and the message that was handled, are told to it beside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from estafet.events import Event
from estafet.events.reasons import REASONS
from tests.unit.tickets.town import BUDGETS, HOLDERS, PARENTS

SYSTEM = "(a message)"
REPORTER = None
FRONT_DESK = "loket"

#: Events that change no custody: the version stays.
QUIET = {"note.added", "referral.opened", "referral.answered", "ticket.paused"}
#: The acts whose reasons an event may give. An offer passes on what its sender or a refuser said.
REASONED = {
    "handoff.requested": {"handoff", "convene"},
    "handoff.offered": {"first", "handoff", "refuse"},
    "handoff.refused": {"refuse"},
    "ticket.assigned": {"assign"},
    "ticket.resolved": {"resolve"},
    "ticket.paused": {"pause"},
}
#: Never in an event that other apps can read.
IDENTITY = {"email", "phone", "contact", "reporter", "secret", "name", "text"}


@dataclass(frozen=True)
class Town:
    """What the witness knows of the city: who can hold a report, who stands above whom, and the hop budgets."""

    holders: tuple[str, ...]
    parents: Mapping[str, str | None]
    budgets: Mapping[str, int | None]
    front_desk: str


CONTOH = Town(HOLDERS, PARENTS, BUDGETS, FRONT_DESK)


def above(office: str, parents: Mapping[str, str | None] = PARENTS) -> list[str]:
    ladder: list[str] = []
    while (parent := parents.get(office)) is not None:
        ladder.append(parent)
        office = parent
    return ladder


@dataclass
class Witness:
    town: Town = CONTOH
    holder: str = ""
    version: int = 0
    guardian: str | None = None
    offer: str | None = None
    offer_version: int = 0
    #: What a decision of routing is owed for: opened, requested, refused, lapsed or reopened.
    awaited: str | None = None
    must_convene: bool = False
    bound_by: str | None = None
    coordinator: str | None = None
    gone: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    refusals: int = 0
    objections: int = 0
    hops: int = 0
    resolve_by: datetime | None = None
    resolver: str | None = None
    resolved_version: int = 0
    open_referrals: set[str] = field(default_factory=set)
    opened: bool = False
    closed: bool = False
    messages: set[str] = field(default_factory=set)

    def see(self, event: Event, data: dict[str, Any], actor: str | None) -> None:
        assert not self.closed, "nothing follows the end"
        self._envelope(event, data)
        getattr(self, event.name.replace(".", "_"))(data, data["ticket"], actor)
        self._snapshot(data["ticket"])
        self.messages.add(event.id)

    def _envelope(self, event: Event, data: dict[str, Any]) -> None:
        self.version += event.name not in QUIET
        assert event.subjectversion == self.version, "each change of custody is one version"
        assert (event.causationid in self.messages) or event.name == "ticket.opened", "each message names its cause"
        if event.name in REASONED:
            reason = REASONS[data["reason"]]
            assert reason.acts & REASONED[event.name], "rule 7: a reason, and one for such an act"
            assert reason.id, "rule 7: readable"
            assert reason.en, "rule 7: readable"
        assert not IDENTITY & (set(data) | set(data["ticket"])), "identity stays private"

    def _snapshot(self, ticket: dict[str, Any]) -> None:
        assert ticket["holder"] == self.holder, "rule 1: only an acceptance or an assignment changes the holder"
        assert ticket["holder"] in (*self.town.holders, self.town.front_desk), "rule 1: one holder, always"
        assert ticket["guardian"] == self.guardian, "rule 1: the first to accept stays the guardian"
        assert ticket["bound_by"] == self.bound_by
        assert ticket["coordinator"] == self.coordinator
        assert self.gone <= set(ticket["seen"]), "rule 4: the offices seen travel in the event"
        assert ticket["refusals"] == self.refusals
        assert ticket["objections"] == self.objections
        assert ticket["hops"] == self.hops, "rule 4: every ordinary handoff is counted, and no other"
        assert ticket["referrals_open"] == len(self.open_referrals)
        assert set(ticket["named"]) == self.named
        if self.resolve_by is not None:
            assert ticket["resolve_by"] == self.resolve_by, "rule 6: the citizen's deadline is set once"
        self.resolve_by = ticket["resolve_by"]

    # What routing said

    def decided(self, deadline: datetime) -> None:
        """A decision arrived, in time or not: the first one sets the citizen's deadline."""
        self.resolve_by = self.resolve_by or deadline

    def rang(self, clock: str, version: int) -> None:
        """A deadline that passed had an effect: it was set by the offer, or the resolution, that still stands."""
        assert version == self.version
        assert version == (self.offer_version if clock == "accept" else self.resolved_version), f"{clock} rang late"

    def handoff_offered(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        receiver = data["receiver"]
        assert actor == SYSTEM, "rule 2: offered by a decision of routing"
        assert self.offer is None, "rule 2: at most one offer is pending"
        assert data["sender"] == self.holder, "rule 2: the sender is the holder"
        assert self.awaited is not None, "an offer answers something"
        assert receiver in self.town.holders
        assert receiver not in self.gone, "rule 3: no way back by itself"
        assert receiver != self.holder, "rule 3: not to who holds it"
        assert receiver not in self.named, "no office named in the report is on its route"
        budget = self.town.budgets[ticket["category"]]
        spent = (
            budget is not None and self.hops >= budget and not (self.holder == self.town.front_desk and self.hops == 0)
        )
        assert not spent, "rule 4: the hop budget is spent"
        assert self.refusals < 2, "rule 5: the second refusal convenes"
        assert not self.must_convene, "rule 5: this was for a coordinator"
        assert self.coordinator is None, "rule 5: before a coordinator there are no offers"
        assert self.bound_by is None, "rule 5: an assignment binds"
        self.offer, self.offer_version, self.awaited = receiver, self.version, None

    def ticket_convened(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        if actor == SYSTEM:
            assert self.awaited is not None
        else:
            assert actor == self.holder, "only the holder returns it"
            assert self.bound_by == data["coordinator"], "rule 5: back to the coordinator who assigned it"
        assert data["coordinator"] not in self.named
        assert data["because"], "a decision says because"
        self.coordinator, self.bound_by = data["coordinator"], None
        self.awaited, self.must_convene, self.offer = None, False, None

    # What offices did

    def ticket_opened(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert not self.opened
        self.opened, self.holder, self.awaited = True, self.town.front_desk, "opened"
        self.gone, self.named, self.hops = set(ticket["seen"]), set(ticket["named"]), ticket["hops"]

    def handoff_requested(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor == self.holder == data["sender"]
        assert self.bound_by is None, "rule 5: who is bound resolves it or returns it, nothing else"
        assert self.offer is None
        assert self.awaited is None
        assert self.coordinator is None
        self.awaited, self.must_convene = "requested", data["convene"]

    def handoff_accepted(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor == self.offer == data["receiver"], "rule 2: only who was asked accepts"
        assert data["sender"] == self.holder
        self.hops += self.holder != self.town.front_desk
        self._let_go(data["receiver"])
        self.offer, self.refusals = None, 0

    def handoff_refused(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor == self.offer == data["office"]
        right = data["right_office"]
        assert right is None or right in self.town.holders, "rule 3: a refusal names the right office, or convenes"
        self.gone.add(data["office"])
        self.refusals += 1
        self.offer, self.awaited = None, "refused"
        self.must_convene = right is None or self.refusals >= 2

    def handoff_withdrawn(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor == self.holder == data["sender"]
        assert data["receiver"] == self.offer
        assert self.offer or self.awaited == "requested"
        self.offer, self.awaited, self.must_convene = None, None, False

    def handoff_lapsed(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor == SYSTEM
        assert data["receiver"] == self.offer
        self.gone.add(data["receiver"])
        self.offer, self.awaited, self.must_convene = None, "lapsed", True

    def ticket_assigned(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        decides = self.coordinator or self.bound_by
        allowed = [decides, *above(decides, self.town.parents)] if decides else above(self.holder, self.town.parents)
        assert actor in allowed, "rule 5: the coordinator, or one above"
        assert actor == data["coordinator"]
        assert actor not in self.named
        assert data["receiver"] in self.town.holders
        assert data["receiver"] not in self.named
        assert data["sender"] == self.holder
        assert data["proposal"]["office"] == data["receiver"], "rule 5: each assignment is a proposal"
        assert self.resolver is None
        self._let_go(data["receiver"])
        self.bound_by, self.coordinator, self.refusals = actor, None, 0
        self.offer, self.awaited, self.must_convene = None, None, False

    def _let_go(self, receiver: str) -> None:
        if self.holder not in (self.town.front_desk, receiver):
            self.gone.add(self.holder)
        self.holder = receiver
        self.guardian = self.guardian or receiver

    def ticket_paused(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor == self.holder == data["office"]
        assert ticket["status"] == "held", "rule 6: waiting for another office is not a pause"
        assert self.resolve_by is None or data["until"] <= self.resolve_by

    def note_added(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert data["office"] == actor

    def referral_opened(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor in (self.holder, SYSTEM, REPORTER)
        assert data["office"] == self.holder, "an office of the city stays the holder"
        assert data["agency"] not in self.named
        assert set(data["fields_shared"]) <= {"text", "name"}, "only what the agency needs"
        self.open_referrals.add(data["referral"])

    def referral_answered(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor == self.holder
        if data["outcome"] != "received":
            self.open_referrals.remove(data["referral"])

    # How it ends

    def ticket_resolved(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor == self.holder == data["office"]
        assert not self.open_referrals, "a report does not close while a referral is open"
        assert ticket["status"] == "resolved", "rule 8: resolved is not closed"
        assert self.offer is None
        assert self.coordinator is None
        assert self.awaited != "reopened", "rule 8: a second objection convenes"
        self.resolver, self.resolved_version = data["office"], self.version
        self.awaited, self.must_convene = None, False

    def ticket_reopened(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert actor is REPORTER
        assert data["office"] == self.resolver == self.holder, "rule 8: with the office that resolved it"
        self.objections += 1
        self.resolver = None
        if self.objections >= 2:
            self.awaited, self.must_convene = "reopened", True

    def ticket_closed(self, data: dict[str, Any], ticket: dict[str, Any], actor: str | None) -> None:
        assert self.resolver is not None, "rule 8: only what is resolved closes"
        assert not self.open_referrals
        assert (data["how"], actor) in (("confirmed", REPORTER), ("silence", SYSTEM)), "rule 8: by the citizen"
        self.closed = True

    @property
    def status(self) -> str:
        """How it must stand, as far as the events tell."""
        if self.closed:
            return "closed"
        if self.resolver is not None:
            return "resolved"
        if self.coordinator is not None:
            return "convened"
        if self.offer is not None:
            return "offered"
        return "requested" if self.awaited else "held"
