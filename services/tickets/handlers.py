"""What tickets does with the messages of others: functions of an event and a unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError

from estafet.events import Event
from estafet.events.complaints import flatten
from estafet.events.intake import ReportSubmitted
from estafet.relay.errors import Hopeless
from estafet.relay.work import Work
from services.tickets import custody, learning
from services.tickets.custody import Blocked, Case, Moment, Outcome, Routed, Unlawful
from services.tickets.directory import Directory
from services.tickets.opened import open_report, report_of
from services.tickets.reporters.packaging import hand_over
from services.tickets.store import Cases
from services.tickets.unused_codes import Codes

#: Sources of our own: what comes from them as a report is our own echo.
_OURS = "/estafet/"
#: So many faults are told; a sender that has more has other worries.
_FAULTS_TOLD = 20

_SUBMITTED = ReportSubmitted()


def load(events: Sequence[Event], work: Work) -> None:
    """Once a batch: lock and read every report that it is about."""
    Cases.of(work).lock(event.subject for event in events if event.subject)


def draw(events: Sequence[Event], work: Work) -> None:
    """Once a batch of ``report.submitted``: find a code for each."""
    Codes.of(work).draw(learning.needed_by(work), len(events))


def submit(event: Event, work: Work, key: bytes) -> None:
    """``report.submitted``: opened and accepted, or rejected with every field at fault."""
    directory = learning.needed_by(work)
    data, faults = _checked(event, directory)
    if data is None:
        _reject(event, work, faults)
        return
    submission = {"source": event.source, "id": event.id}
    open_report(work, directory, key, data, Codes.of(work).take(directory), submission)


def decide(event: Event, work: Work) -> None:
    """``handoff.routed`` and ``handoff.blocked``: obeyed, or kept as superseded when the report has moved on."""
    directory = learning.needed_by(work)
    case = _case(event, work)
    moment = Moment(now=work.now)
    try:
        if event.name == "handoff.routed":
            outcome = custody.routed(case, Routed.of(event.data), directory, moment)
        else:
            outcome = custody.blocked(case, Blocked.of(event.data), moment)
    except Unlawful as error:
        raise Hopeless(str(error)) from error
    _keep(work, outcome)
    hand_over(work, outcome, directory)


def clock(event: Event, work: Work) -> None:
    """``deadline.near`` and ``deadline.passed``: an offer lapses, silence closes; the rest is kept in the chain."""
    case = _case(event, work)
    outcome = Outcome(case=case)
    version, moment = event.data["ticket_version"], Moment(now=work.now)
    if event.name == "deadline.passed" and event.data["clock"] == "accept":
        outcome = custody.lapse(case, handoff=event.data["handoff"], ticket_version=version, moment=moment)
    elif event.name == "deadline.passed" and event.data["clock"] == "silence":
        outcome = custody.silence(case, ticket_version=version, moment=moment)
    _keep(work, outcome)


def record(event: Event, work: Work) -> None:
    """``notification.*``: who was told, kept in the chain. A message about no report is nobody's chain."""
    if event.subject is not None:
        _keep(work, Outcome(case=_case(event, work)))


def _case(event: Event, work: Work) -> Case:
    case = Cases.of(work).get(event.subject) if event.subject else None
    if case is None:
        # Ours are published after the report is committed: who speaks of another report speaks of none.
        raise Hopeless(f"there is no report {event.subject}")
    return case


def _keep(work: Work, outcome: Outcome) -> None:
    Cases.of(work).save_with_cause(outcome)


def _checked(event: Event, directory: Directory) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    if event.source.startswith(_OURS):
        return None, [("source", "This is our own message: a report is not submitted back to where it came from.")]
    try:
        data: dict[str, Any] = _SUBMITTED.load(event.data)
    except ValidationError as error:
        return None, list(flatten(error.normalized_messages()))
    faults = custody.faults(report_of(data), directory)
    return (None, faults) if faults else (data, [])


def _reject(event: Event, work: Work, faults: list[tuple[str, str]]) -> None:
    reference = event.data.get("reference")
    usable = isinstance(reference, str) and 0 < len(reference) <= 255 and reference.isprintable()
    work.emit(
        "report.rejected",
        {
            "reference": reference if usable else None,
            "submission": {"source": event.source, "id": event.id},
            "errors": [{"field": field, "reason": reason} for field, reason in faults[:_FAULTS_TOLD]],
        },
    )
