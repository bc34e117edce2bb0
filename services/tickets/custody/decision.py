"""What a decision of routing does: an offer to one office, or a coordinator who is convened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.tickets.custody.case import Case, Handoff, Moment, Outcome, Unlawful, Unlisted, changed, say
from services.tickets.custody.referral import refer_if_agreed
from services.tickets.directory import Directory

#: The refusal since the last acceptance that sends a report to a coordinator (rule 5).
REFUSALS_TO_CONVENE = 2
#: The objection that does (rule 8).
OBJECTIONS_TO_CONVENE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What both kinds of decision say."""

    handoff: str | None
    ticket_version: int
    resolve_by: datetime
    hop_budget: int | None
    because: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed(Decision):
    decision: str
    receiver: str
    accept_by: datetime
    refer: str | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Routed:
        """From the data of ``handoff.routed``."""
        return cls(
            decision=data["decision"],
            receiver=data["receiver"],
            accept_by=data["accept_by"],
            refer=data["refer"],
            **_common(data),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked(Decision):
    coordinator: str
    involved: tuple[str, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Blocked:
        """From the data of ``handoff.blocked``."""
        return cls(coordinator=data["coordinator"], involved=tuple(data["involved"]), **_common(data))


def _common(data: Mapping[str, Any]) -> dict[str, Any]:
    names = ("handoff", "ticket_version", "resolve_by", "hop_budget")
    return {**{name: data[name] for name in names}, "because": tuple(data["because"])}


def routed(case: Case, decision: Routed, directory: Directory, moment: Moment) -> Outcome:
    """Offer the report to the receiver. The sender stays the holder until it accepts (rule 2).

    Raises:
        Unlisted: the directory does not list the receiver yet; try again when it has arrived.
        Unlawful: the decision breaks a rule; it must not be obeyed.
    """
    case = _with_policy(case, decision)
    if _stale(case, decision):
        return Outcome(case=case, superseded=True)
    if directory.office(decision.receiver) is None:
        raise Unlisted(f"{decision.receiver} is in no directory that has arrived")
    fault = _fault(case, decision, directory)
    if fault:
        raise Unlawful(f"{case.code}, version {case.version}: {fault}")
    id = moment.new_id()
    handoff = _offer(case, decision, id)
    case = changed(
        case,
        status="offered",
        pending=handoff,
        hop_budget=decision.hop_budget,
        refer_to=decision.refer or case.refer_to,
    )
    said = say(
        case,
        "handoff.offered",
        id,
        handoff=handoff.id,
        sender=handoff.sender,
        receiver=decision.receiver,
        reason=handoff.reason,
        words=handoff.words,
        accept_by=decision.accept_by,
        because=list(decision.because),
    )
    return Outcome(case=case, said=(said,), handoffs=(handoff,)).then(refer_if_agreed(case, directory, moment))


def blocked(case: Case, decision: Blocked, moment: Moment) -> Outcome:
    """Convene the coordinator. The holder stays the holder.

    Raises:
        Unlawful: the coordinator is named in the report.
    """
    case = _with_policy(case, decision)
    if _stale(case, decision):
        return Outcome(case=case, superseded=True)
    if decision.coordinator in case.named:
        raise Unlawful(
            f"{case.code}, version {case.version}: coordinator {decision.coordinator} is named in the report"
        )
    handoff = case.pending
    if handoff is not None:
        state = "blocked" if handoff.state == "requested" else handoff.state
        handoff = replace(handoff, state=state, coordinator=decision.coordinator, because=decision.because)
    case = replace(case, hop_budget=decision.hop_budget)
    outcome = convene(case, decision.coordinator, decision.involved, decision.because, moment)
    return replace(outcome, handoffs=(handoff,) if handoff else ())


def convene(
    case: Case,
    coordinator: str,
    involved: tuple[str, ...],
    because: tuple[Mapping[str, Any], ...],
    moment: Moment,
    answers: str | None = None,
) -> Outcome:
    """Bring the report before a coordinator (rule 5)."""
    id = moment.new_id()
    case = changed(
        case,
        status="convened",
        coordinator=coordinator,
        convened_message=id,
        bound_by=None,
        pending=None,
        paused_until=None,
    )
    said = say(
        case,
        "ticket.convened",
        id,
        answers,
        coordinator=coordinator,
        involved=list(involved),
        because=list(because),
    )
    return Outcome(case=case, said=(said,))


def _with_policy(case: Case, decision: Decision) -> Case:
    """The first decision to arrive sets the citizen's deadline, even one too late to move anything (rule 6)."""
    if case.resolve_by is not None:
        return case
    return replace(case, resolve_by=decision.resolve_by, hop_budget=decision.hop_budget)


def _stale(case: Case, decision: Decision) -> bool:
    answered = case.pending.id if case.pending else None
    return decision.ticket_version != case.version or case.status != "requested" or decision.handoff != answered


def _offer(case: Case, decision: Routed, id: str) -> Handoff:
    """The requested handoff, now offered; or a new one, when it is the first or follows a refusal."""
    asked = case.pending
    offered: dict[str, Any] = {
        "receiver": decision.receiver,
        "state": "offered",
        "decision": decision.decision,
        "accept_by": decision.accept_by,
        "offered": id,
        "because": decision.because,
    }
    if asked is not None and asked.state == "requested":
        return replace(asked, **offered)
    if asked is None or asked.refusal is None:
        return Handoff(id=id, sender=case.holder, reason="new-report", **offered)
    return Handoff(id=id, sender=case.holder, reason=asked.refusal, words=asked.refusal_words, **offered)


def _fault(case: Case, decision: Routed, directory: Directory) -> str | None:
    """Which rule an offer to this receiver would break. Routing knows them too: this is the second lock."""
    receiver = decision.receiver
    if not directory.can_hold(receiver):
        return f"{receiver} cannot hold a report"
    if receiver in case.named:
        return f"{receiver} is named in the report"
    if receiver == case.holder or receiver in case.seen:
        return f"no way back to {receiver} by an ordinary decision"
    from_office = case.holder != case.front_desk or case.hops > 0
    if from_office and decision.hop_budget is not None and case.hops >= decision.hop_budget:
        return f"the hop budget of {decision.hop_budget} is spent"
    return _must_convene(case)


def _must_convene(case: Case) -> str | None:
    pending = case.pending
    if case.refusals >= REFUSALS_TO_CONVENE:
        return f"after {case.refusals} refusals a coordinator decides"
    if pending is None and case.objections >= OBJECTIONS_TO_CONVENE:
        return f"after {case.objections} objections a coordinator decides"
    if pending is None:
        return None
    if pending.state == "lapsed":
        return "after an offer lapsed a coordinator decides"
    if pending.convene or (pending.state == "refused" and pending.right_office is None):
        return "a coordinator was asked for"
    return None
