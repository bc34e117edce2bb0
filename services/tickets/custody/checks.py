"""What every act is checked for before its own rule: the version, who acts, the reason, the office named."""

from __future__ import annotations

from estafet.events.reasons import reasons_for
from services.tickets.custody.case import Act, Case, Refused
from services.tickets.directory import Directory


def current(case: Case, act: Act) -> None:
    """The person decided on the report as it stands, and it has not ended."""
    if act.version is not None and act.version != case.version:
        raise Refused(
            "stale", f"The report is at version {case.version}, not {act.version}. Read it again, then decide."
        )
    if case.status == "closed":
        raise Refused("closed", "The report is closed. Submit a new report if there is something new.")


def by_holder(case: Case, act: Act) -> None:
    """The act is the holder's, on a report that is still being worked on."""
    current(case, act)
    if act.by != case.holder:
        raise Refused("not-holder", f"Only the holder, {case.holder}, can do this.")
    unresolved(case)


def unresolved(case: Case) -> None:
    """No resolution waits for the reporter's answer."""
    if case.status == "resolved":
        raise Refused("resolved", "The report is resolved. It is the reporter's turn: to confirm, or to object.")


def at_rest(case: Case) -> None:
    """Nothing else is under way."""
    if case.status == "convened":
        raise Refused(
            "already-requested", f"The report is before {case.coordinator}, who decides. Wait, or add a note."
        )
    if case.status != "held":
        raise Refused(
            "already-requested", "A decision is already under way. Withdraw your request, or wait for the answer."
        )


def by_reporter(case: Case, act: Act) -> None:
    """The act is the reporter's answer to a resolution."""
    current(case, act)
    if act.by is not None:
        raise Refused("not-entitled", "Only the reporter can do this, with the report's secret.")
    if case.status != "resolved":
        raise Refused("not-resolved", "The report is not resolved yet, so there is nothing to confirm or to object to.")


def reason_for(act: str, reason: str) -> None:
    """The reason code is one that may be given for such an act."""
    allowed = reasons_for(act)
    if reason not in allowed:
        raise Refused("invalid", f"{reason} is no reason to {act}. Give one of: {', '.join(allowed)}.", "reason")


def receiver(case: Case, directory: Directory, code: str, field: str) -> None:
    """The office exists, can hold a report, and is not one that the report is about."""
    if directory.office(code) is None:
        raise Refused("unknown-office", f"There is no office {code}. The directory lists the offices.", field)
    if code in case.named:
        raise Refused("named-office", f"{code} is named in the report and cannot receive it.", field)
    if not directory.can_hold(code):
        sentence = f"{code} cannot hold a report. Name a kelurahan, kecamatan or department; refer to outside agencies."
        raise Refused("office-cannot-hold", sentence, field)
