"""What stops a report from bouncing: who may not be offered it, and when the ordinary handoffs are used up."""

from __future__ import annotations

from services.routing.because import Because, because
from services.routing.city.directory import Directory
from services.routing.ticket import Ticket

#: This many refusals since the last acceptance, or objections of the reporter in all, convene.
REFUSALS_THAT_CONVENE = 2
OBJECTIONS_THAT_CONVENE = 2


def obstacle(ticket: Ticket, receiver: str, directory: Directory) -> Because | None:
    """Why an ordinary decision may not offer the report to an office; None when it may."""
    office = directory.office(receiver)
    if office is None:
        return because("unknown-office", office=receiver)
    if receiver in ticket.named:
        return because("named-office")
    if office.is_external:
        return because("refer-instead", office=office.name)
    if not office.can_hold:
        return because("cannot-hold", office=office.name)
    if ticket.confidential and office.parent in ticket.named:
        return because("below-named-office")
    if receiver == ticket.holder:
        return because("already-holder", office=office.name)
    if receiver in ticket.seen:
        return because("no-way-back", office=office.name)
    return None


def refused_too_often(ticket: Ticket) -> Because | None:
    """Why a coordinator has to decide after refusals; None when another office may be asked.

    Also when the holder asks anew: a resolution that the reporter objected to does not undo the refusals before it.
    """
    if ticket.refusals < REFUSALS_THAT_CONVENE:
        return None
    return because("second-refusal", refusals=ticket.refusals)


def hop_budget(ticket: Ticket, directory: Directory) -> int | None:
    """Ordinary handoffs the report may make; None: no limit."""
    service = directory.service(ticket.category)
    return service.hop_budget if service else directory.city.policy.hop_budget


def over_budget(ticket: Ticket, directory: Directory) -> Because | None:
    """Why there may be no further ordinary handoff; None when there may.

    A handoff from the front desk costs no hop, so a budget of 0 still lets a new report reach its first office. But a
    report that used up its hops in another system comes with them, and is stopped here.
    """
    budget = hop_budget(ticket, directory)
    if budget is None or ticket.hops < budget or (ticket.holder == directory.front_desk and ticket.hops == 0):
        return None
    return because("hop-budget", hops=ticket.hops, budget=budget)
