"""mySociety's ``servicerequestupdates``: each step of a report that its citizen may see, and what the app says back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from estafet.events import instant, made_at
from estafet.events.reasons import REASONS
from services.tickets import custody
from services.tickets.custody.case import Act, Case, Outcome
from services.tickets.directory import Directory
from services.tickets.open311.rendering import Document, Items, Value
from services.tickets.open311.statuses import CLOSED, said, written
from services.tickets.tables import chain, notes, tickets

#: What is said of each step. Offices are named as the directory does.
_SENTENCES: Mapping[str, str] = {
    "ticket.opened": "Laporan diterima dan dipegang oleh {holder}.",
    "handoff.requested": "{sender} meminta agar laporan dialihkan.",
    "handoff.offered": "Ditawarkan kepada {receiver}. {sender} tetap memegangnya sampai diterima.",
    "handoff.accepted": "{receiver} menerima laporan dan kini memegangnya.",
    "handoff.refused": "{office} menolak.",
    "handoff.withdrawn": "{sender} menarik permintaannya dan tetap memegang laporan.",
    "handoff.lapsed": "{receiver} tidak menjawab sampai batas waktunya.",
    "referral.opened": "{office} meneruskan perkara ini kepada {agency} dan tetap memegang laporan.",
    "referral.answered": "{agency} telah menjawab.",
    "ticket.convened": "{coordinator} diminta memutuskan siapa yang berwenang.",
    "ticket.assigned": "{coordinator} menetapkan {receiver} sebagai pemegang.",
    "ticket.paused": "{office} menunda pekerjaannya sampai {until}.",
    "ticket.resolved": "{office} menyatakan laporan selesai.",
    "ticket.reopened": "Pelapor berkeberatan. Laporan dibuka kembali pada {office}.",
    "ticket.closed": "Laporan ditutup.",
    "note.added": "{note}",
}
_OFFICES = ("sender", "receiver", "office", "agency", "coordinator")
#: How a resolution is called by its reason.
_RESOLVED = {"fixed": "fixed", "agency-settled": "fixed", "cannot-be-done": "no_further_action"}

_STEPS = (
    select(chain.c.code, chain.c.id, chain.c.name, chain.c.time, chain.c.body, notes.c.text.label("note"))
    .select_from(tickets)
    .join(chain, chain.c.code == tickets.c.code)
    .outerjoin(notes, notes.c.id == chain.c.id)
    .where(
        tickets.c.app == bindparam("app"),
        tickets.c.app.is_not(None),
        tickets.c.confidential.is_(False),
        tickets.c.updated_at >= bindparam("since", type_=tickets.c.updated_at.type),
        chain.c.publisher == "tickets",
        chain.c.name.in_(_SENTENCES),
        chain.c.time.between(bindparam("first"), bindparam("last")),
        notes.c.id.is_(None) | notes.c.public,
    )
    .order_by(chain.c.time, chain.c.code, chain.c.position)
)


def steps(
    connection: Connection, app: str, since: datetime, until: datetime, page: int, size: int
) -> Sequence[RowMapping]:
    """A page of the steps of what an app sent, the oldest first. Seconds count whole: clients know no others."""
    since = since.replace(microsecond=0)
    last = instant(until.replace(microsecond=999999))  # as the chain writes times, so that texts sort as they do
    asked = {"app": app, "since": since, "first": instant(since), "last": last}
    return connection.execute(_STEPS.limit(size).offset((page - 1) * size), asked).mappings().all()


def document(rows: Iterable[Mapping[Any, Any]], directory: Directory) -> Document:
    updates = [_update(row, directory) for row in rows]
    return Document("service_request_updates", Items("request_update", updates))


def _update(row: Mapping[Any, Any], directory: Directory) -> Value:
    data = json.loads(row["body"])["data"]
    return {
        "update_id": row["id"],
        "service_request_id": row["code"],
        "status": status(row["name"], data),
        "description": sentence(row["name"], data, directory, row["note"]),
        "media_url": None,
        "updated_datetime": written(datetime.fromisoformat(row["time"]), directory),
    }


def status(name: str, data: Mapping[str, Any]) -> str:
    """In mySociety's words. Of a report on its way from office to office none that closes it over there."""
    ticket = data["ticket"]
    if name == "ticket.resolved":
        return _RESOLVED.get(data["reason"], "closed")
    if ticket["status"] in CLOSED:
        return "closed"
    if name == "ticket.paused":
        return "action_scheduled"
    if ticket["status"] == "held":
        return "in_progress"
    return "investigating" if ticket["guardian"] else "open"


def sentence(name: str, data: Mapping[str, Any], directory: Directory, note: str | None = None) -> str:
    """What happened, with the reason and the office's own words."""
    names = {each: directory.name(data[each]) for each in _OFFICES if data.get(each)}
    until = said(datetime.fromisoformat(data["until"]), directory) if data.get("until") else ""
    holder = directory.name(data["ticket"]["holder"])
    parts = [_SENTENCES[name].format_map({**names, "until": until, "holder": holder, "note": note or ""})]
    reason = REASONS.get(data.get("reason") or "")
    if reason is not None and reason.code != "new-report":
        parts.append(reason.id)
    if data.get("right_office"):
        parts.append(f"Menurutnya yang berwenang: {directory.name(data['right_office'])}.")
    if data.get("words"):
        parts.append(data["words"])
    return " ".join(parts)


def answered(update_id: str) -> Document:
    return Document("service_request_updates", Items("request_update", [{"update_id": update_id}]))


def apply(
    case: Case, act: Act, id: str, status: str, written_at: datetime, resolved_at: datetime | None = None
) -> Outcome:
    """The reporter's note, with this ``id``; and their objection, when the status reopens a resolution they knew of.

    ``resolved_at`` is when it was resolved, as apps are told; None: no longer known, and then by the message that says
    so, which is made a moment later.

    Every other status has no effect: the next one that we send tells the app how the report stands. ``FIXED`` does not
    confirm: an app may say it with every comment on what it shows as fixed, "still broken" among them; silence closes.
    """
    outcome = custody.note(case, replace(act, new_id=lambda: id))
    if resolved_at is None and case.resolved_message:
        resolved_at = made_at(case.resolved_message)
    if status.upper() != "REOPEN" or case.status != "resolved" or resolved_at is None or case.referrals_open:
        return outcome
    if written_at + timedelta(seconds=1) <= resolved_at:  # told before it was resolved; times have whole seconds
        return outcome
    return outcome.then(custody.object_to(outcome.case, act))
