"""An invented town, and messages to and from it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from estafet.events import Event, contract, encode, new_id, parse
from estafet.relay.inbox import claim
from estafet.relay.message import Delivery
from estafet.relay.tables import outbox
from estafet.relay.work import Work, Works
from services.tickets import handlers, learning
from services.tickets.store import Cases, read

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
KEY = b"a key for tests"


def _office(code: str, kind: str, parent: str | None = "asisten", **more: Any) -> dict[str, Any]:
    return {"code": code, "name": code.title(), "kind": kind, "parent": parent, **more}


def _service(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": {"id": code.title(), "en": code.upper()}, **more}


DIRECTORY: dict[str, Any] = {
    "city": "Kota Contoh",
    "edition": "0" * 64,
    "number": 1,
    "code_prefix": "CTH",
    "timezone": "Asia/Jakarta",
    "emergency_number": "112",
    "front_desk": "loket",
    "offices": [
        _office("bupati", "coordinator", None),
        _office("asisten", "coordinator", "bupati"),
        _office("loket", "front-desk"),
        _office("utara", "kecamatan"),
        _office("hulu", "kelurahan", "utara"),
        _office("hilir", "kelurahan", "utara"),
        _office("jalan", "department"),
        _office("taman", "department"),
        _office("wasit", "external", None, needs=["text", "name", "contact"]),
    ],
    "services": [
        _service("lubang"),
        _service("curang", confidential=True),
        _service("banjir", emergency=True),
        _service("warga", place_required=True),
        _service("investasi"),
    ],
    "areas": {"n-1": "Hulu", "n-2": "Hilir"},
}

REPORT: dict[str, Any] = {
    "category": "lubang",
    "text": "Lubang besar di depan pasar, dekat rumah Bu Sari.",
    "reporter": {"name": "Budi Santoso", "email": "budi@contoh.id"},
    "consent": [],
    "reference": "app-17",
}
#: What must never be in a chain or an event that is not private.
PERSONAL = ("Budi", "budi@", "Bu Sari", "pasar")

_HANDLERS: dict[str, Any] = {
    "report.submitted": lambda event, work: handlers.submit(event, work, KEY),
    "handoff.routed": handlers.decide,
    "handoff.blocked": handlers.decide,
    "deadline.near": handlers.clock,
    "deadline.passed": handlers.clock,
    "notification.sent": handlers.record,
    "notification.failed": handlers.record,
    "directory.published": learning.learn,
}


class Clock:
    """Time stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def pass_by(self, **much: float) -> None:
        self.time += timedelta(**much)


def message(
    name: str,
    data: dict[str, Any],
    subject: str | None = None,
    source: str | None = None,
    id: str | None = None,
    correlation: str | None = None,
) -> bytes:
    """A message as another service or app puts it on the wire. Raw JSON data is taken as it is."""
    agreed = contract(name)
    dumped = data if name == "report.submitted" else agreed.schema().dump(data)
    identity = id or new_id()
    return encode(
        Event(
            name=name,
            source=source or f"/estafet/{agreed.publisher}",
            data=dumped,
            id=identity,
            time=NOW,
            correlationid=correlation or identity,
            subject=subject,
        )
    )


class Town:
    """Tickets alone: its handlers called as the relay calls them, its outbox read as the broker would."""

    def __init__(self, works: Works, clock: Clock) -> None:
        self.works = works
        self.clock = clock

    def deliver(self, *bodies: bytes) -> None:
        """One batch, in one transaction: claimed, prepared, handled. A message that came before is left out."""
        with self.works.begin() as work:
            events = [self._event(body) for body in bodies]
            keys = [("tickets", event.source, event.id) for event in events]
            new = claim(work.connection, dict.fromkeys(keys, ""), work.now)
            handlers.load(events, work)
            for event, body, key in zip(events, bodies, keys, strict=True):
                if key in new:
                    new.discard(key)
                    self._handle(event, body, work)

    def handle(self, body: bytes) -> None:
        """Handle without an inbox: what the handler does with a message must then be safe by itself."""
        with self.works.begin() as work:
            self._handle(self._event(body), body, work)

    def _event(self, body: bytes) -> Event:
        event = parse(body)
        if event.name == "report.submitted":
            return event
        data = contract(event.name).schema().load(event.data)
        return Event(**{**{name: getattr(event, name) for name in Event.__slots__}, "data": data})

    def _handle(self, event: Event, body: bytes, work: Work) -> None:
        work.cause = event
        work.delivery = Delivery("tickets", body, publisher=None)
        _HANDLERS[event.name](event, work)

    def said(self, *names: str) -> list[dict[str, Any]]:
        """The events in the outbox, in order, as JSON; only those with these names, if any are given."""
        with self.works.database.read() as connection:
            bodies = connection.execute(select(outbox.c.body, outbox.c.name).order_by(outbox.c.id)).all()
        return [json.loads(row.body) for row in bodies if not names or row.name in names]

    def names(self) -> list[str]:
        with self.works.database.read() as connection:
            return list(connection.execute(select(outbox.c.name).order_by(outbox.c.id)).scalars())

    def case(self, code: str) -> Any:
        with self.works.database.read() as connection:
            found = read(connection, code)
        assert found is not None
        return found.case

    # What routing would say.

    def submit(self, **changes: Any) -> str:
        """A report by event; answers its code."""
        before = len(self.said("report.accepted"))
        self.deliver(message("report.submitted", REPORT | changes, source="/app"))
        accepted = self.said("report.accepted")[before:]
        assert accepted, self.said("report.rejected")
        code: str = accepted[0]["data"]["code"]
        return code

    def routed(self, code: str, receiver: str, **changes: Any) -> bytes:
        case = self.case(code)
        pending = case.pending
        data = {
            "handoff": pending.id if pending else None,
            "decision": "first" if pending is None else "requested" if pending.state == "requested" else "redirected",
            "ticket_version": case.version,
            "receiver": receiver,
            "accept_by": NOW + timedelta(days=1),
            "resolve_by": NOW + timedelta(days=10),
            "hop_budget": 3,
            "refer": None,
            "because": [{"rule": "competence", "id": "Sesuai tugas.", "en": "It is their task."}],
            **changes,
        }
        return message("handoff.routed", data, code)

    def blocked(self, code: str, coordinator: str = "asisten", **changes: Any) -> bytes:
        case = self.case(code)
        data = {
            "handoff": case.pending.id if case.pending else None,
            "ticket_version": case.version,
            "coordinator": coordinator,
            "involved": [case.holder],
            "resolve_by": NOW + timedelta(days=10),
            "hop_budget": 3,
            "because": [{"rule": "refused-twice", "id": "Dua kali ditolak.", "en": "Refused twice."}],
            **changes,
        }
        return message("handoff.blocked", data, code)

    def deadline(self, code: str, clock: str, name: str = "deadline.passed", **changes: Any) -> bytes:
        case = self.case(code)
        data = {
            "clock": clock,
            "ticket_version": case.version,
            "due": NOW,
            "office": case.holder,
            "coordinator": "asisten",
            "handoff": case.pending.id if case.pending else None,
            "referral": None,
            **changes,
        }
        return message(name, data, code)

    def notified(self, code: str | None, name: str = "notification.sent") -> bytes:
        data = {
            "delivery": new_id(),
            "template": "handoff-offered",
            "audience": "office",
            "recipient": "jalan",
            "channel": "email",
            "error": "mailbox-full",
        }
        return message(name, data, code)

    def act(self, code: str, rule: Any) -> None:
        """A person's act, straight by the rules."""
        with self.works.begin() as work:
            case = Cases.of(work).get(code)
            Cases.of(work).save(rule(case, work))
