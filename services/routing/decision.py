"""Who should hold a report next: an office that may be asked, or the coordinator who has to decide.

Pure and stateless: a decision rests on the event's own ``ticket`` block, the directory and the time, and says on which
rules and facts. It names the ticket version it was made on; at any other version it has no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from estafet.events import Event
from services.routing.because import Because, because
from services.routing.city.directory import Directory
from services.routing.destination import destination
from services.routing.pingpong import (
    OBJECTIONS_THAT_CONVENE,
    hop_budget,
    obstacle,
    over_budget,
    refused_too_often,
)
from services.routing.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Routed:
    """An office that may be asked. The fields are those of ``handoff.routed``."""

    handoff: str | None
    decision: str
    ticket_version: int
    receiver: str
    accept_by: datetime
    resolve_by: datetime
    hop_budget: int | None
    refer: str | None
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A coordinator has to be convened. The fields are those of ``handoff.blocked``."""

    handoff: str | None
    ticket_version: int
    coordinator: str
    involved: tuple[str, ...]
    resolve_by: datetime
    hop_budget: int | None
    because: tuple[Because, ...]


Decision = Routed | Blocked


@dataclass(frozen=True, slots=True)
class Question:
    """An event that asks for a decision, with what it takes to answer it."""

    event: Event
    ticket: Ticket
    directory: Directory
    now: datetime

    @property
    def data(self) -> Mapping[str, Any]:
        return self.event.data

    def name(self, office: str) -> str:
        return self.directory.name(office)


def decide(event: Event, directory: Directory, now: datetime) -> Decision | None:
    """Answer an event. None: it asks for no decision.

    Args:
        event: with data validated by its contract; ``subjectversion`` is the version decided on.
        now: the office's time to accept runs from here; the citizen's runs from the event that opened the report.

    Raises:
        NobodyLeft: a coordinator is needed, and the report names them all.
    """
    answer = _ANSWERS.get(event.name)
    return answer(Question(event, Ticket.of(event.data["ticket"]), directory, now)) if answer else None


def _first(question: Question) -> Decision:
    return _to_destination(question, "first")


def _requested(question: Question) -> Decision:
    data = question.data
    if data["convene"]:
        return _blocked(question, because("convene-asked", sender=question.name(data["sender"])))
    if data["receiver"] is None:
        return _to_destination(question, "requested")
    facts = {"sender": question.name(data["sender"]), "office": question.name(data["receiver"])}
    return _ask(question, "requested", data["receiver"], because("asked-for", **facts))


def _refused(question: Question) -> Decision:
    ticket, data = question.ticket, question.data
    too_often = refused_too_often(ticket)
    if too_often is not None:
        return _blocked(question, too_often, receiver=data["right_office"])
    if data["right_office"] is None:
        return _blocked(question, because("convene-asked", sender=question.name(data["office"])))
    facts = {"sender": question.name(data["office"]), "office": question.name(data["right_office"])}
    return _ask(question, "redirected", data["right_office"], because("refuser-named", **facts))


def _lapsed(question: Question) -> Decision:
    receiver = question.data["receiver"]
    return _blocked(question, because("offer-lapsed", office=question.name(receiver)), receiver=receiver)


def _reopened(question: Question) -> Decision | None:
    if question.ticket.objections < OBJECTIONS_THAT_CONVENE:
        return None
    return _blocked(question, because("second-objection", objections=question.ticket.objections))


_ANSWERS: Mapping[str, Callable[[Question], Decision | None]] = MappingProxyType(
    {
        "ticket.opened": _first,
        "handoff.requested": _requested,
        "handoff.refused": _refused,
        "handoff.lapsed": _lapsed,
        "ticket.reopened": _reopened,
    }
)


def _to_destination(question: Question, decision: str) -> Decision:
    found = destination(question.ticket, question.directory)
    if found.office is None:
        return _blocked(question, found.because)
    return _ask(question, decision, found.office, found.because, found.refer)


def _ask(question: Question, decision: str, receiver: str, why: Because, refer: str | None = None) -> Decision:
    """Offer it to the receiver, unless a rule is in the way."""
    ticket, directory = question.ticket, question.directory
    rules = (obstacle(ticket, receiver, directory), over_budget(ticket, directory), refused_too_often(ticket))
    in_the_way = [each for each in rules if each is not None]
    if in_the_way:
        return _blocked(question, *in_the_way, receiver=receiver)
    resolve_by = _resolve_by(question)
    return Routed(
        handoff=question.data.get("handoff"),
        decision=decision,
        ticket_version=_version(question.event),
        receiver=receiver,
        accept_by=directory.deadlines.accept_by(question.now, resolve_by),
        resolve_by=resolve_by,
        hop_budget=hop_budget(ticket, directory),
        refer=refer if decision == "first" else None,
        because=(why, _spent(ticket, directory)),
    )


def _blocked(question: Question, *why: Because, receiver: str | None = None) -> Blocked:
    ticket, directory = question.ticket, question.directory
    offices = _offices_between(ticket, receiver, directory)
    below = offices or {directory.front_desk}
    coordinator = directory.coordinator_above(below, skipping=ticket.named)
    above_all = all(coordinator in directory.above(office) for office in below)
    whose = "lowest-coordinator" if above_all else "other-coordinator"
    return Blocked(
        handoff=question.data.get("handoff"),
        ticket_version=_version(question.event),
        coordinator=coordinator,
        involved=tuple(sorted(offices - ticket.named)),
        resolve_by=_resolve_by(question),
        hop_budget=hop_budget(ticket, directory),
        because=(*why, because(whose, coordinator=directory.name(coordinator))),
    )


def _offices_between(ticket: Ticket, receiver: str | None, directory: Directory) -> set[str]:
    """The offices the coordinator has to stand above: those it went through, its holder, and the one not reached."""
    offices = {*ticket.seen, ticket.holder, *([receiver] if receiver else [])}
    known = (directory.office(code) for code in offices)
    return {office.code for office in known if office is not None and office.can_hold}


def _spent(ticket: Ticket, directory: Directory) -> Because:
    budget = hop_budget(ticket, directory)
    if budget is None:
        return because("no-budget", hops=ticket.hops)
    return because("within-budget", hops=ticket.hops, budget=budget)


def _resolve_by(question: Question) -> datetime:
    """The citizen's deadline: the one already set, else counted from the event that opened the report."""
    if question.ticket.resolve_by is not None:
        return question.ticket.resolve_by
    service = question.directory.service(question.ticket.category)
    return question.directory.deadlines.resolve_by(question.event.time, service.deadline if service else None)


def _version(event: Event) -> int:
    if event.subjectversion is None:
        raise ValueError(f"{event.name} {event.id} does not say which ticket version it is about")
    return event.subjectversion
