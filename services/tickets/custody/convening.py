"""Convene, don't bounce (rule 5): how a holder asks for a coordinator, whose assignment binds."""

from __future__ import annotations

from dataclasses import replace

from estafet.events.reasons import REASONS
from services.tickets.custody import checks
from services.tickets.custody.case import Act, Case, Handoff, Holding, Outcome, Refused, changed, say
from services.tickets.custody.decision import convene
from services.tickets.custody.handoff import custody, request
from services.tickets.directory import Directory


def assign(
    case: Case, act: Act, directory: Directory, *, receiver: str, reason: str, words: str | None = None
) -> Outcome:
    """A coordinator gives it to an office at once. It needs no acceptance, costs no hop, and binds."""
    checks.current(case, act)
    coordinator = _coordinator(case, act, directory)
    checks.reason_for("assign", reason)
    checks.receiver(case, directory, receiver, "receiver")
    id = act.new_id()
    handoff = Handoff(
        id=id,
        sender=case.holder,
        receiver=receiver,
        reason=reason,
        words=words,
        state="assigned",
        decision="assigned",
        coordinator=coordinator,
    )
    answers = case.convened_message or case.custody_message
    overtaken = () if case.pending is None else (_overtaken(case.pending),)
    case = changed(
        case,
        status="held",
        guardian=case.guardian or receiver,
        bound_by=coordinator,
        coordinator=None,
        convened_message=None,
        refusals=0,
        pending=None,
        **custody(case, receiver, act, id),
    )
    said = say(
        case,
        "ticket.assigned",
        id,
        answers,
        handoff=id,
        coordinator=coordinator,
        sender=handoff.sender,
        receiver=receiver,
        reason=reason,
        words=words,
        proposal={"category": case.category, "place": case.place, "office": receiver},
    )
    holding = Holding(office=receiver, since=act.now, how="assigned", message=id)
    return Outcome(case=case, said=(said,), handoffs=(*overtaken, handoff), holding=holding)


def ask_for_coordinator(
    case: Case, act: Act, directory: Directory, *, reason: str, words: str | None = None
) -> Outcome:
    """The holder brings it before a coordinator: the one whose assignment binds it, else the one routing names."""
    if case.bound_by is not None:
        return give_back(case, act, directory, reason=reason, words=words)
    return request(case, act, directory, reason=reason, words=words, convene=True)


def give_back(case: Case, act: Act, directory: Directory, *, reason: str, words: str | None = None) -> Outcome:
    """A bound holder returns it to the coordinator who assigned it, with what is new."""
    checks.by_holder(case, act)
    if case.bound_by is None:
        raise Refused("not-bound", "No coordinator assigned this report to you. Ask for a handoff that convenes.")
    checks.at_rest(case)
    checks.reason_for("convene", reason)
    standard = REASONS[reason]
    office, added = directory.name(case.holder), f" {words}" if words else ""
    because = {
        "rule": "returned",
        "id": f"{office} mengembalikannya: {standard.id}{added}",
        "en": f"{office} returned it: {standard.en}{added}",
    }
    return convene(case, case.bound_by, (case.holder,), (because,), act, case.custody_message)


def may_assign(case: Case, coordinator: str, directory: Directory) -> bool:
    """Whether this coordinator decides: the one convened, else the one whose assignment binds, or one above either.

    A report that is neither convened nor bound can be assigned by any coordinator above its holder.
    """
    decides = case.coordinator or case.bound_by
    if decides is None:
        return directory.is_above(coordinator, case.holder)
    return coordinator == decides or directory.is_above(coordinator, decides)


def _coordinator(case: Case, act: Act, directory: Directory) -> str:
    if act.by is None or not may_assign(case, act.by, directory):
        decides = case.coordinator or case.bound_by or f"a coordinator above {case.holder}"
        raise Refused("not-coordinator", f"Only {decides}, or one above, can assign this report.")
    if act.by in case.named:
        raise Refused("named-office", "Your office is named in the report. A coordinator above you decides.")
    checks.unresolved(case)
    return act.by


def _overtaken(handoff: Handoff) -> Handoff:
    return replace(handoff, state="superseded") if handoff.under_way else handoff
