"""Forgetting a reporter: who they are and all they wrote is removed from every report of theirs, wherever it is kept.

Category, place, the offices' words and the chain stay, and the chain verifies: nothing personal was ever in it. What
was to be published, or was, is emptied and not deleted: each event still leaves once, and ``reporter.erased``, which
follows, keeps notify from remembering a late one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, select, update

from estafet.events import CONTRACTS, encode, new_id, parse
from estafet.relay import triage
from estafet.relay.tables import outbox
from estafet.relay.work import Work
from services.tickets.custody.case import Case, Outcome, Said
from services.tickets.photos import attachments
from services.tickets.rating.tables import remarks
from services.tickets.reporters import contact, secrets
from services.tickets.reporters.finding import Found
from services.tickets.store import Cases
from services.tickets.tables import idempotency, notes, reporters, texts, tickets

#: What is left of each private event.
_EMPTIED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "reporter.given": lambda data: {"name": None, **dict.fromkeys(contact.WAYS), "locale": "id", "secret": ""},
    "referral.packaged": lambda data: {**data, "package": {}},
}
_AT_ONCE = 500


def erase(work: Work, found: Found, why: str = "request") -> None:
    """Forget the reporter in all these reports. A report that was erased before is left as it is.

    ``why``: ``request`` of the reporter, or the city's ``retention``.
    """
    cases = Cases.of(work)
    left = [each.code for each in found.left]
    cases.lock(left)
    for at in range(0, len(left), _AT_ONCE):
        _forget(work, left[at : at + _AT_ONCE])
    for code in left:
        case = cases.get(code)
        assert case is not None
        _tell(work, cases, case, why)
    triage.empty(work.connection, found.unhandled, work.now)


def _forget(work: Work, some: Sequence[str]) -> None:
    connection = work.connection
    connection.execute(delete(texts).where(texts.c.code.in_(some)))
    connection.execute(delete(reporters).where(reporters.c.code.in_(some)))
    attachments.forget(connection, some)
    connection.execute(delete(remarks).where(remarks.c.code.in_(some)))
    connection.execute(update(notes).where(notes.c.code.in_(some), notes.c.office.is_(None)).values(text=""))
    # A late repetition must not bring the report back, nor its secret; of the request not even a digest is kept.
    connection.execute(update(idempotency).where(idempotency.c.code.in_(some)).values(request="erased"))
    _empty_outbox(connection, some)


def _empty_outbox(connection: Connection, some: Sequence[str]) -> None:
    beginnings = select(tickets.c.correlation).where(tickets.c.code.in_(some))
    private = {each.name for each in CONTRACTS if each.private} & _EMPTIED.keys()
    wanted = select(outbox.c.id, outbox.c.body).where(outbox.c.name.in_(private))
    for row in connection.execute(wanted.where(outbox.c.correlation_id.in_(beginnings))).all():
        event = parse(bytes(row.body))
        if event.subject in some:
            body = encode(replace(event, data=_EMPTIED[event.name](event.data)))
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(body=body))


def _tell(work: Work, cases: Cases, case: Case, why: str) -> None:
    """``reporter.erased``, in the chain too: it names nobody. The secret opens nothing, and cannot be derived again."""
    case = replace(case, reachable=False, consent=())
    said = Said(name="reporter.erased", data={}, id=new_id(), version=case.version, answers=case.custody_message)
    columns = {"id": new_id(), "secret_hash": secrets.NEVER, "erased_at": work.now, "erased_why": why}
    cases.save(Outcome(case=case, said=(said,)), columns)
