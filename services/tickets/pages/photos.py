"""Photos on a citizen's page: those that were sent, and those that are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.tickets.pages.visit import Visit
from services.tickets.photos import rule
from services.tickets.photos.darkroom import Photo, develop
from services.tickets.photos.rule import Unfit


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an office showed when it said that it is done."""

    office: str
    time: datetime
    photos: list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """The photos of a report, where a page shows each: by its text, in a note (by the note's id), as evidence."""

    report: list[Mapping[str, Any]]
    notes: Mapping[str, list[Mapping[str, Any]]]
    evidence: list[Evidence]
    #: Of it, that which the reporter is asked about now.
    asked: Evidence | None


def shown(view: Mapping[str, Any]) -> Shown:
    """Those that stand in the view of a report."""
    by_event: dict[str, list[Mapping[str, Any]]] = {}
    for each in view.get("attachments", ()):
        by_event.setdefault(each["event"], []).append(each)
    parts = {event: some[0]["part"] for event, some in by_event.items()}
    evidence = [
        Evidence(some[0]["office"], some[0]["time"], some)
        for event, some in by_event.items()
        if parts[event] == "resolution"
    ]
    last = next((step for step in reversed(view["history"]) if step["what"] == "ticket.resolved"), None)
    asked = evidence.pop() if evidence and view["status"] == "resolved" and last and last["photos"] else None
    return Shown(
        report=[each for event, some in by_event.items() if parts[event] == "report" for each in some],
        notes={event: some for event, some in by_event.items() if parts[event] == "note"},
        evidence=evidence,
        asked=asked,
    )


def sent(visit: Visit) -> tuple[Photo, ...]:
    """The photos that came with the form of this visit, made ready. Whoever asks looks first whether they may send any.

    Raises:
        Unfit: one of them is not taken; :func:`fault` says it in the visit's language.
    """
    return develop(visit.files)


def fault(unfit: Unfit, visit: Visit) -> str:
    """What is wrong with a photo, and what to do."""
    limits = {"most": rule.FORM.most, "size": rule.FORM.size // 1024 // 1024, "all": rule.OF_REPORT}
    says = visit.words(f"photos.faults.{unfit.fault.value}", **limits)
    if unfit.number is None or len(visit.files) == 1:
        return says
    return visit.words("photos.which", number=unfit.number, says=says)
