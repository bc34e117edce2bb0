"""What changes no hands: a pause of the holder's own clock, and notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.tickets.custody import checks
from services.tickets.custody.case import Act, Case, Outcome, Refused, say


def pause(case: Case, act: Act, *, reason: str, until: datetime, words: str | None = None) -> Outcome:
    """The holder's own clock waits until then. The citizen's deadline does not (rule 6)."""
    checks.by_holder(case, act)
    checks.at_rest(case)
    checks.reason_for("pause", reason)
    if until <= act.now:
        raise Refused("invalid", "A pause ends in the future.", "until")
    if case.resolve_by is not None and until > case.resolve_by:
        sentence = f"A pause ends by the citizen's deadline, {case.resolve_by.isoformat()}: it moves for nothing."
        raise Refused("invalid", sentence, "until")
    case = replace(case, paused_until=until)
    said = say(
        case,
        "ticket.paused",
        act.new_id(),
        case.custody_message,
        office=case.holder,
        reason=reason,
        words=words,
        until=until,
    )
    return Outcome(case=case, said=(said,))


def note(case: Case, act: Act, *, public: bool = True) -> Outcome:
    """Somebody entitled to adds a note. Its text stays with the store; its id is the event's."""
    checks.current(case, act)
    id = act.new_id()
    said = say(case, "note.added", id, case.custody_message, note=id, office=act.by, public=public)
    return Outcome(case=case, said=(said,))
