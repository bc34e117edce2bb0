"""Offer, then accept (rule 2): what the holder and the office asked can do with a handoff."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.tickets.custody import checks
from services.tickets.custody.case import Act, Case, Handoff, Holding, Moment, Outcome, Refused, changed, joined, say
from services.tickets.directory import Directory


def request(
    case: Case,
    act: Act,
    directory: Directory,
    *,
    reason: str,
    words: str | None = None,
    receiver: str | None = None,
    convene: bool = False,
) -> Outcome:
    """The holder asks for another office, for whichever is competent, or for a coordinator. Routing decides."""
    checks.by_holder(case, act)
    if case.bound_by is not None:
        sentence = f"{case.bound_by} assigned it and that binds: resolve it, or return it to {case.bound_by}."
        raise Refused("bound", sentence)
    checks.at_rest(case)
    checks.reason_for("convene" if convene else "handoff", reason)
    _check_receiver(case, directory, receiver, convene)
    id = act.new_id()
    handoff = Handoff(
        id=id, sender=case.holder, receiver=receiver, reason=reason, words=words, state="requested", convene=convene
    )
    case = changed(case, status="requested", pending=handoff)
    said = say(
        case,
        "handoff.requested",
        id,
        case.custody_message,
        handoff=id,
        sender=handoff.sender,
        receiver=receiver,
        convene=convene,
        reason=reason,
        words=words,
    )
    return Outcome(case=case, said=(said,), handoffs=(handoff,))


def accept(case: Case, act: Act) -> Outcome:
    """The receiver takes it: from here on it is the holder, and the first to do so is the guardian."""
    handoff = _offered(case, act)
    id = act.new_id()
    receiver, before = case.offered_to or "", case.holder
    handoff = replace(handoff, state="accepted")
    case = changed(
        case,
        status="held",
        guardian=case.guardian or receiver,
        hops=case.hops + costs_hop(case),
        refusals=0,
        bound_by=None,
        pending=None,
        **custody(case, receiver, act, id),
    )
    said = say(
        case,
        "handoff.accepted",
        id,
        handoff.offered,
        handoff=handoff.id,
        sender=before,
        receiver=receiver,
    )
    holding = Holding(office=receiver, since=act.now, how="accepted", message=id)
    return Outcome(case=case, said=(said,), handoffs=(handoff,), holding=holding)


def refuse(
    case: Case,
    act: Act,
    directory: Directory,
    *,
    reason: str,
    words: str | None = None,
    right_office: str | None = None,
) -> Outcome:
    """The receiver says no: it names the office whose task it is, or, with None, asks for a coordinator (rule 3)."""
    handoff = _offered(case, act)
    checks.reason_for("refuse", reason)
    if right_office is not None:
        checks.receiver(case, directory, right_office, "right_office")
        if right_office == act.by:
            sentence = "The right office is your own: accept the offer, or name another office."
            raise Refused("invalid", sentence, "right_office")
    id = act.new_id()
    receiver = case.offered_to or ""
    handoff = replace(handoff, state="refused", refusal=reason, refusal_words=words, right_office=right_office)
    case = changed(
        case,
        status="requested",
        pending=handoff,
        refusals=case.refusals + 1,
        seen=joined(case.seen, receiver),
    )
    said = say(
        case,
        "handoff.refused",
        id,
        handoff.offered,
        handoff=handoff.id,
        sender=handoff.sender,
        office=receiver,
        reason=reason,
        words=words,
        right_office=right_office,
    )
    return Outcome(case=case, said=(said,), handoffs=(handoff,))


def withdraw(case: Case, act: Act) -> Outcome:
    """The holder takes its request back and keeps the report. The front desk cannot: its reports need an office."""
    checks.by_holder(case, act)
    if case.pending is None or not case.pending.under_way:
        raise Refused("nothing-pending", "No handoff of yours is under way, so there is nothing to withdraw.")
    if case.holder == case.front_desk:
        raise Refused("not-entitled", "The front desk cannot keep a report. Wait until an office accepts it.")
    return take_back(case, case.pending, act)


def take_back(case: Case, handoff: Handoff, act: Act) -> Outcome:
    """The handoff is withdrawn; the holder simply holds again."""
    id = act.new_id()
    handoff = replace(handoff, state="withdrawn")
    case = changed(case, status="held", pending=None)
    said = say(
        case,
        "handoff.withdrawn",
        id,
        handoff.offered or handoff.id,
        handoff=handoff.id,
        sender=handoff.sender,
        receiver=handoff.receiver if handoff.offered else None,
    )
    return Outcome(case=case, said=(said,), handoffs=(handoff,))


def lapse(case: Case, *, handoff: str | None, ticket_version: int, moment: Moment) -> Outcome:
    """The time to accept has passed. Routing answers by convening; the receiver is not asked again."""
    pending, receiver = case.pending, case.offered_to
    if pending is None or receiver is None or pending.id != handoff or ticket_version != case.version:
        return Outcome(case=case, superseded=True)
    id = moment.new_id()
    lapsed = replace(pending, state="lapsed")
    case = changed(case, status="requested", pending=lapsed, seen=joined(case.seen, receiver))
    said = say(case, "handoff.lapsed", id, handoff=lapsed.id, sender=lapsed.sender, receiver=receiver)
    return Outcome(case=case, said=(said,), handoffs=(lapsed,))


def costs_hop(case: Case) -> int:
    """1 when an office hands on to another; 0 when an office takes it from the front desk (rule 4)."""
    return int(case.holder != case.front_desk)


def custody(case: Case, receiver: str, at: Moment, message: str) -> dict[str, str | datetime | tuple[str, ...] | None]:
    """What changes with the holder: who let go keeps read access, and is not offered it again (rules 2 and 3)."""
    let_go = () if case.holder in (case.front_desk, receiver) else (case.holder,)
    return {
        "holder": receiver,
        "held_since": at.now,
        "custody_message": message,
        "former": joined(case.former, *let_go),
        "seen": joined(case.seen, *let_go),
        "paused_until": None,
    }


def _offered(case: Case, act: Act) -> Handoff:
    checks.current(case, act)
    if case.pending is None or case.offered_to is None or case.offered_to != act.by:
        raise Refused("not-offered-to-you", "The report is not offered to your office. Look at your desk for what is.")
    return case.pending


def _check_receiver(case: Case, directory: Directory, receiver: str | None, convene: bool) -> None:
    if receiver is None:
        return
    if convene:
        raise Refused("invalid", "A coordinator decides on the receiver: leave it out, or do not convene.", "receiver")
    if receiver == case.holder:
        raise Refused("invalid", "Your office holds it already. Name another office.", "receiver")
    checks.receiver(case, directory, receiver, "receiver")
