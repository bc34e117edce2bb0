"""What a citizen reads of a report's way: which office said what, when and why. Never a person's name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from estafet.events.reasons import REASONS
from services.tickets.chain import Entry
from services.tickets.directory import Directory

#: Of each event: the field with the office that speaks, and the field with the office it is about.
_TOLD: dict[str, tuple[str | None, str | None]] = {
    "ticket.opened": (None, None),
    "handoff.requested": ("sender", "receiver"),
    "handoff.offered": ("sender", "receiver"),
    "handoff.accepted": ("receiver", None),
    "handoff.refused": ("office", "right_office"),
    "handoff.withdrawn": ("sender", None),
    "handoff.lapsed": ("receiver", None),
    "referral.opened": ("office", "agency"),
    "referral.answered": ("agency", None),
    "ticket.convened": ("coordinator", None),
    "ticket.assigned": ("coordinator", "receiver"),
    "ticket.paused": ("office", None),
    "ticket.resolved": ("office", None),
    "ticket.reopened": (None, "office"),
    "ticket.closed": (None, None),
    "note.added": ("office", None),
    "reporter.erased": (None, None),
}


def history(entries: Iterable[Entry], directory: Directory) -> list[dict[str, Any]]:
    """The steps of a report, oldest first."""
    return list(_steps(entries, directory))


def _steps(entries: Iterable[Entry], directory: Directory) -> Iterator[dict[str, Any]]:
    for entry in entries:
        if entry.name not in _TOLD or entry.publisher != "tickets":
            continue
        data = json.loads(entry.body)["data"]
        if entry.name == "note.added" and not data["public"]:
            continue
        yield _step(entry, data, directory)


def _step(entry: Entry, data: dict[str, Any], directory: Directory) -> dict[str, Any]:
    speaks, about = _TOLD[entry.name]
    office = data.get(speaks) if speaks else None
    to = data.get(about) if about else None
    standard = REASONS.get(data.get("reason") or "")
    return {
        "time": entry.time,
        "what": entry.name,
        "office": office,
        "office_name": directory.name(office) if office else None,
        "to": to,
        "to_name": directory.name(to) if to else None,
        "reason": data.get("reason"),
        "sentence": {"id": standard.id, "en": standard.en} if standard else None,
        "words": data.get("words"),
        "until": data.get("until"),
        "how": data.get("how"),
        "outcome": data.get("outcome"),
        "photos": data.get("photos", 0),
    }
