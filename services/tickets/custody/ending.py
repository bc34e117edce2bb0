"""Confirmed by the citizen (rule 8): resolved is not closed."""

from __future__ import annotations

from services.tickets.custody import checks
from services.tickets.custody.case import Act, Case, Moment, Outcome, Refused, changed, say
from services.tickets.custody.decision import OBJECTIONS_TO_CONVENE
from services.tickets.custody.handoff import take_back


def resolve(case: Case, act: Act, *, reason: str, words: str | None = None) -> Outcome:
    """The holder says that it is done. A handoff under way is withdrawn by it."""
    checks.by_holder(case, act)
    if case.status == "convened" or awaits_coordinator(case):
        checks.at_rest(case)
    checks.reason_for("resolve", reason)
    _no_open_referral(case)
    before = Outcome(case=case)
    if case.pending is not None and case.pending.under_way:
        before = take_back(case, case.pending, act)
    id = act.new_id()
    done = changed(
        before.case,
        status="resolved",
        pending=None,
        paused_until=None,
        resolved_by=case.holder,
        resolved_message=id,
    )
    said = say(done, "ticket.resolved", id, case.custody_message, office=case.holder, reason=reason, words=words)
    return before.then(Outcome(case=done, said=(said,)))


def confirm(case: Case, act: Act) -> Outcome:
    """The reporter agrees: closed."""
    checks.by_reporter(case, act)
    _no_open_referral(case)
    return _close(case, act, "confirmed", case.resolved_message)


def object_to(case: Case, act: Act) -> Outcome:
    """The reporter objects: it reopens with the office that resolved it; the second time a coordinator decides."""
    checks.by_reporter(case, act)
    id = act.new_id()
    answers, objections = case.resolved_message, case.objections + 1
    case = changed(
        case,
        status="requested" if objections >= OBJECTIONS_TO_CONVENE else "held",
        objections=objections,
        custody_message=id,
        resolved_by=None,
        resolved_message=None,
    )
    return Outcome(case=case, said=(say(case, "ticket.reopened", id, answers, office=case.holder),))


def silence(case: Case, *, ticket_version: int, moment: Moment) -> Outcome:
    """The policy's days have passed without an answer to the resolution: closed."""
    if case.status != "resolved" or ticket_version != case.version or case.referrals_open:
        return Outcome(case=case, superseded=True)
    return _close(case, moment, "silence", None)


def awaits_coordinator(case: Case) -> bool:
    """The reporter's second objection is on its way to a coordinator: no resolution comes in between."""
    return case.status == "requested" and case.pending is None and case.objections >= OBJECTIONS_TO_CONVENE


def _close(case: Case, moment: Moment, how: str, answers: str | None) -> Outcome:
    case = changed(case, status="closed")
    return Outcome(case=case, said=(say(case, "ticket.closed", moment.new_id(), answers, how=how),))


def _no_open_referral(case: Case) -> None:
    waiting = [each.agency for each in case.referrals if each.open]
    if waiting:
        sentence = f"A referral to {', '.join(waiting)} is still open. Record the agency's answer first."
        raise Refused("referral-open", sentence)
