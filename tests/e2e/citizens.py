"""Citizens whose every word can be told from all others, and what they and the offices do with their reports."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import MetaData, Select, select, text

from estafet.client import Client
from services.notify.tables import reporters
from services.tickets.tables import tickets
from tests.e2e.system import System, until


def _word(kind: str) -> str:
    return f"{kind}{secrets.token_hex(5)}"


@dataclass
class Citizen:
    """What one citizen gives and writes. The report's secrets and codes come with time."""

    name: str = field(default_factory=lambda: _word("Zubaidah"))
    email: str | None = field(default_factory=lambda: f"{_word('zubaidah.')}@warga.example")
    phone: str | None = field(default_factory=lambda: f"+62 812-{secrets.randbelow(9000) + 1000}-{_digits()}")
    telegram: str | None = field(default_factory=lambda: f"-100{secrets.randbelow(9 * 10**9) + 10**9}")
    text: str = field(default_factory=lambda: _word("atapbocor"))
    note: str = field(default_factory=lambda: _word("catatanwarga"))
    objection: str = field(default_factory=lambda: _word("keberatan"))
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def reporter(self) -> dict[str, Any]:
        return {"name": self.name, "email": self.email, "phone": self.phone, "telegram": self.telegram}

    def report(self, category: str, **more: Any) -> dict[str, Any]:
        return {"category": category, "text": f"Pak, {self.text} sekali.", "reporter": self.reporter, **more}

    @property
    def codes(self) -> list[str]:
        return sorted(self.secrets)

    @property
    def planted(self) -> list[str]:
        """All of it, as it would be found wherever it was written."""
        contact = [self.name, self.email, self.phone, self.telegram]
        said = [*contact, self.text, self.note, self.objection, *self.secrets.values()]
        return [each.lower() for each in said if each]


def _digits() -> str:
    return str(secrets.randbelow(9000) + 1000)


@dataclass
class Town:
    """A system with citizens in it, and what its officers write."""

    system: System
    #: By email, by phone and by the code of the report: how each will be named when they are erased.
    by_email: Citizen = field(default_factory=Citizen)
    by_phone: Citizen = field(default_factory=lambda: Citizen(email=None, note="", objection=""))
    by_code: Citizen = field(
        default_factory=lambda: Citizen(email=None, phone=None, telegram=None, note="", objection="")
    )
    #: What officers write to each other, to the reporter, and in a handoff for everybody.
    hidden_note: str = field(default_factory=lambda: _word("catatanrahasia"))
    open_note: str = field(default_factory=lambda: _word("catatankantor"))
    words: str = field(default_factory=lambda: _word("alasankantor"))

    def __post_init__(self) -> None:
        self.tokens = self.system.tokens()

    @property
    def citizens(self) -> tuple[Citizen, ...]:
        return self.by_email, self.by_phone, self.by_code

    @property
    def codes(self) -> list[str]:
        return [code for citizen in self.citizens for code in citizen.codes]

    @property
    def personal(self) -> list[str]:
        return [each for citizen in self.citizens for each in citizen.planted]

    def office(self, code: str) -> Client:
        return self.system.client(self.tokens[code])

    def live(self) -> None:
        """Everything that writes something somewhere."""
        self._solve()
        self._refer()
        self._submit_by_event()
        self._leave_a_name_only()
        self._write_nonsense()
        self._break_a_handler()

    def _solve(self) -> None:
        citizen = self.by_email
        code, secret = self._submitted(citizen, citizen.report("ktp"))
        office = self._taken(code)
        with self.office(office) as officer, self.system.client() as anybody:
            version = self._version(code)
            anybody.note(code, version, f"{citizen.note}, mohon dibaca", secret=secret)
            officer.note(code, version, f"{self.hidden_note}, jangan diteruskan", public=False)
            officer.note(code, version, f"{self.open_note}, terima kasih")
            officer.request_handoff(code, version, receiver="dinsos", reason="not-our-task", words=f"{self.words} ya")
            officer.wait_for(code, lambda each: each["status"] == "offered")
            officer.withdraw(code, self._version(code))
            officer.resolve(code, self._version(code), reason="fixed", words=f"{self.words} lagi")
            anybody.object(code, self._version(code), secret, f"{citizen.objection}, belum selesai")
            officer.resolve(code, self._version(code), reason="fixed")

    def _refer(self) -> None:
        """A suspicious investment, referred with everything about the reporter to the agency."""
        place = {"place": "35.71.01.1006"}
        report = self.by_email.report("investasi-mencurigakan", consent=["name", "contact", "text"], **place)
        code, _ = self._submitted(self.by_email, report)
        self._taken(code)
        with self.office("auditor") as auditor:

            def told() -> bool:
                names = [json.loads(each["body"])["data"].get("audience") for each in auditor.chain(code)]
                return "agency" in names

            until(told, f"the agency to be told of {code}")

    def _submit_by_event(self) -> None:
        reference = uuid.uuid4().hex
        report = self.by_phone.report("pungli", named=["satpolpp"], reference=reference)
        self._publish({"data": report})
        wanted = select(tickets.c.code).where(tickets.c.reference == reference)
        found: str = until(lambda: self._stored("tickets", wanted), "the report by event")
        self.by_phone.secrets[found] = self._secret_given(found)
        self._taken(found)

    def _secret_given(self, code: str) -> str:
        """As notify was given it: the reporter has it by SMS only."""
        wanted = select(reporters.c.secret).where(reporters.c.ticket == code)
        given: str = until(lambda: self._stored("notify", wanted), f"notify to know the reporter of {code}")
        return given

    def _stored(self, service: str, wanted: Select[Any]) -> Any:
        with self.system.database(service) as database, database.read() as connection:
            return connection.execute(wanted).scalar_one_or_none()

    def _leave_a_name_only(self) -> None:
        code, _ = self._submitted(self.by_code, self.by_code.report("sampah"))
        self._taken(code)

    def _write_nonsense(self) -> None:
        """All that a citizen or an app may get wrong, by HTTP and by event."""
        citizen, url = self.by_email, f"{self.system.url}/api/v1"
        wrong = [
            {**citizen.report("ktp"), "reporter": {"email": citizen.name, "phone": citizen.text}},
            {**citizen.report("ktp"), "category": citizen.text},
            {**citizen.report("ktp"), "place": citizen.text, "named": [citizen.text], citizen.text: citizen.email},
            {**citizen.report("ktp"), "consent": [citizen.name], "hops": citizen.email, "seen": citizen.note},
        ]
        for report in wrong:
            assert httpx.post(f"{url}/reports", json=report).status_code == 422
            self._publish({"data": report})
            self._publish({"data": report, "id": None})
            self._publish({"data": report, "type": f"id.estafet.{citizen.text}.v1"})
        for raw in (f"{{{citizen.email} {citizen.text}", f'"{citizen.email}: {citizen.text}"'):
            assert httpx.post(f"{url}/reports", content=raw).status_code in (400, 415, 422)
            self.system.publish("intake.events", "report.submitted", raw.encode())
        for place in (
            f"tickets/{citizen.email}",
            f"{citizen.text}",
            f"desk?q={citizen.text}",
            f"offices/{citizen.text}",
        ):
            assert httpx.get(f"{url}/{place}").is_client_error
        bearer = {"Authorization": f"Bearer {self.tokens['dpupr']}"}
        assert httpx.get(f"{url}/desk", params={"q": citizen.text}, headers=bearer).is_success
        assert httpx.get(f"{url}/desk", params={"cursor": citizen.email}, headers=bearer).is_client_error
        for header in ({"Estafet-Secret": citizen.email}, {"Authorization": f"Bearer {citizen.email}"}):
            assert httpx.get(f"{url}/tickets/{citizen.codes[0]}", headers=header).is_client_error

    def _break_a_handler(self) -> None:
        """The database refuses a text, and says in its own words what it was."""
        with self.system.database("tickets") as database, database.begin() as connection:
            if database.is_postgresql:
                connection.execute(text("alter table texts add constraint refused check (text not like 'BOOM%')"))
            else:
                refuse = "create trigger refused before insert on texts when new.text like 'BOOM%'"
                connection.execute(text(f"{refuse} begin select raise(abort, 'refused'); end"))
        report = {**self.by_email.report("ktp"), "text": f"BOOM {self.by_email.text}"}
        assert httpx.post(f"{self.system.url}/api/v1/reports", json=report).status_code == 500
        self._publish({"data": report})
        until(lambda: any(row.error == "IntegrityError" for row in self.system.deferred("tickets")), "a handler error")

    def _publish(self, changes: dict[str, Any]) -> None:
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "/app",
            "type": "id.estafet.report.submitted.v1",
            "time": datetime.now(UTC).isoformat(),
            **changes,
        }
        body = json.dumps({name: value for name, value in event.items() if value is not None}).encode()
        self.system.publish("intake.events", "report.submitted", body)

    def _submitted(self, citizen: Citizen, report: dict[str, Any]) -> tuple[str, str]:
        with self.system.client() as client:
            answer = client.report(report, key=str(uuid.uuid4()))
        citizen.secrets[answer["code"]] = answer["secret"]
        return answer["code"], answer["secret"]

    def _taken(self, code: str) -> str:
        """The office that was offered it, and took it."""
        with self.office("auditor") as auditor:
            ticket = auditor.wait_for(code, lambda each: each["status"] == "offered")
            office: str = ticket["offered_to"]["code"]
            with self.office(office) as officer:
                officer.accept(code, ticket["version"])
        return office

    def _version(self, code: str) -> int:
        with self.office("auditor") as auditor:
            return int(auditor.ticket(code)["version"])


def rows(system: System, service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything in a service's database: (table, row)."""
    with system.database(service) as database, database.read() as connection:
        found = MetaData()
        found.reflect(connection)
        for table in found.tables.values():
            for row in connection.execute(select(table)).mappings():
                yield table.name, {str(name): value for name, value in row.items()}


def as_text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)
