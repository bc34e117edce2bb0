"""A report as it is shown: to anybody, and, with more, to whoever is entitled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from services.tickets import notes, recording
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import BASE, Sight
from services.tickets.custody.case import Case, Handoff
from services.tickets.directory import Directory
from services.tickets.history import history
from services.tickets.photos import attachments
from services.tickets.reporters import contact
from services.tickets.rows import handoff_of
from services.tickets.tables import handoffs, holdings, reporters, texts, tickets

#: Shown instead of the text.
_ERASED = {
    "request": {"id": "Dihapus atas permintaan pelapor.", "en": "Erased at the reporter's request."},
    "retention": {"id": "Dihapus: masa simpannya telah berakhir.", "en": "Erased: its time to be kept is over."},
}

_WRITTEN = (texts.c.text, texts.c.lat, texts.c.long, texts.c.address, texts.c.media_url)


def named(directory: Directory, code: str | None) -> dict[str, str] | None:
    return {"code": code, "name": directory.name(code)} if code else None


def ticket(connection: Connection, sight: Sight) -> dict[str, Any]:
    """The public view, and everything else the sight is entitled to."""
    view = _public(connection, sight.case, sight.directory)
    if sight.may(Action.FULL_VIEW):
        view |= _full(connection, sight.case, sight.directory)
        view["notes"] = _notes(connection, sight)
        view["attachments"] = _attachments(connection, sight)
    if sight.may(Action.CONTACT):
        view["contact"] = _contact(connection, sight.case)
    return view


def acted(case: Case, event: str | None) -> dict[str, Any]:
    """What an action answers."""
    return {
        "code": case.code,
        "version": case.version,
        "status": case.status,
        "holder": case.holder,
        "event": event,
    }


def handoff(connection: Connection, case: Case, id: str) -> Handoff | None:
    """One handoff of a report, to watch what becomes of it."""
    wanted = select(handoffs).where(handoffs.c.code == case.code, handoffs.c.id == id)
    row = connection.execute(wanted).mappings().one_or_none()
    return handoff_of(row) if row else None


def _public(connection: Connection, case: Case, directory: Directory) -> dict[str, Any]:
    service = directory.services.get(case.category)
    return {
        "code": case.code,
        "category": case.category,
        "category_name": dict(service.name) if service else {},
        "status": case.status,
        "version": case.version,
        "holder": named(directory, case.holder),
        "since": case.held_since,
        "due": case.resolve_by,
        "offered_to": named(directory, case.offered_to),
        "accept_by": case.pending.accept_by if case.pending and case.offered_to else None,
        "paused_until": case.paused_until,
        "history": history(recording.entries(connection, case.code), directory),
    }


def _full(connection: Connection, case: Case, directory: Directory) -> dict[str, Any]:
    columns = (*_WRITTEN, tickets.c.erased_at, tickets.c.erased_why)
    written = select(*columns).select_from(tickets.outerjoin(texts)).where(tickets.c.code == case.code)
    row = connection.execute(written).mappings().one()
    erased_at, why = row["erased_at"], row["erased_why"]
    location = {name: row[name] for name in ("lat", "long", "address")}
    held = select(holdings).where(holdings.c.code == case.code).order_by(holdings.c.number)
    tried = select(handoffs).where(handoffs.c.code == case.code).order_by(handoffs.c.id)
    return {
        "text": row["text"],
        "location": location if any(each is not None for each in location.values()) else None,
        "media_url": row["media_url"],
        "erased": {"time": erased_at, **_ERASED[why or "request"]} if erased_at else None,
        "place": {"code": case.place, "name": directory.areas.get(case.place, case.place)} if case.place else None,
        "guardian": named(directory, case.guardian),
        "bound_by": named(directory, case.bound_by),
        "coordinator": named(directory, case.coordinator),
        "confidential": case.confidential,
        "consent": case.consent,
        "seen": case.seen,
        "named": case.named,
        "hops": case.hops,
        "hop_budget": case.hop_budget,
        "refusals": case.refusals,
        "objections": case.objections,
        "holders": connection.execute(held).mappings().all(),
        "handoffs": [handoff_of(row) for row in connection.execute(tried).mappings()],
        "referrals": case.referrals,
    }


def _notes(connection: Connection, sight: Sight) -> list[dict[str, Any]]:
    return [
        {
            "id": row["id"],
            "office": row["office"],
            "public": row["public"],
            "text": row["text"] or None,
            "time": row["at"],
        }
        for row in notes.listed(connection, sight)
    ]


def _attachments(connection: Connection, sight: Sight) -> list[dict[str, Any]]:
    place = f"{BASE}/tickets/{sight.case.code}/attachments"
    return [{**row, "time": row["at"], "link": f"{place}/{row['id']}"} for row in attachments.listed(connection, sight)]


def _contact(connection: Connection, case: Case) -> dict[str, Any] | None:
    row = connection.execute(select(reporters).where(reporters.c.code == case.code)).mappings().one_or_none()
    return {name: row[name] for name in ("name", *contact.WAYS, "locale")} if row else None
