"""What offices do to the reports that people look at."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from estafet.client import Client, Json
from estafet.secretkey import server_key
from estafet.settings import from_environment
from services.notify import tokens
from tests.e2e.system import System, until

REPORT = {
    "category": "jalan-kota",
    "text": "Jalan berlubang besar di depan pasar, dua motor sudah jatuh.",
    "place": "35.71.01.1001",
    "reporter": {"name": "Siti Aminah", "email": "siti@warga.example"},
}


@dataclass
class Story:
    """Offices of one system, as clients."""

    system: System
    tokens: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.system.tokens()

    def office(self, code: str) -> Client:
        return self.system.client(self.tokens[code])

    def report(self, **changes: object) -> tuple[str, str]:
        with self.system.client() as anybody:
            answer = anybody.report({**REPORT, **changes})
        return answer["code"], answer["secret"]

    def preferences(self, reader: str) -> str:
        """Where an office, or the reporter of a report, chooses how to be told: the link in their letters."""
        key = server_key(from_environment(self.system.environment))
        address = f"{self.system.address('notify')}/preferences/{tokens.sign(key, reader)}/page"
        until(lambda: httpx.get(address).status_code == httpx.codes.OK, f"notify to know {reader}")
        return address

    def photos(self, code: str, key: str, *photos: bytes) -> None:
        """Sent by the reporter with a note; again, when the report moved on meanwhile."""
        place = f"{self.system.url}/api/v1/tickets/{code}"
        mine = {"Estafet-Secret": key}
        files = [("photos", ("foto.jpg", each)) for each in photos]
        text = {"text": "Begini keadaannya."}

        def sent() -> bool:
            version = httpx.get(place, headers=mine).headers["ETag"]
            answer = httpx.post(f"{place}/attachments", data=text, files=files, headers={**mine, "If-Match": version})
            assert answer.is_success or answer.status_code == httpx.codes.PRECONDITION_FAILED, answer.text
            return answer.is_success

        until(sent, "the photos to be taken")

    def wait(self, code: str, status: str, office: str | None = None) -> Json:
        def there(view: Json) -> bool:
            return view["status"] == status and (office is None or view["offered_to"]["code"] == office)

        with self.office("auditor") as auditor:
            return auditor.wait_for(code, there)

    def accept(self, code: str) -> str:
        """By whoever is asked; answers who that is."""
        view = self.wait(code, "offered")
        office: str = view["offered_to"]["code"]
        with self.office(office) as officer:
            officer.accept(code, view["version"])
        return office

    def resolve(self, code: str, office: str, words: str | None = None) -> None:
        with self.office(office) as officer:
            officer.resolve(code, officer.ticket(code)["version"], reason="fixed", words=words)

    def convene(self, code: str) -> str:
        """Accepted, handed on, refused twice: answers the coordinator who decides."""
        first = self.accept(code)
        with self.office(first) as officer:
            version = officer.ticket(code)["version"]
            words = "Lampu jalannya juga padam."
            officer.request_handoff(code, version, receiver="perkim", reason="needs-other-office", words=words)
        for office, right, words in (
            ("perkim", "dlhkp", "Tiang itu milik taman kota."),
            ("dlhkp", "perkim", "Taman berakhir di utara pasar."),
        ):
            view = self.wait(code, "offered", office)
            with self.office(office) as officer:
                officer.refuse(code, view["version"], right_office=right, reason="not-our-task", words=words)
        coordinator: str = self.wait(code, "convened")["coordinator"]["code"]
        return coordinator

    def assign(self, code: str, coordinator: str, receiver: str) -> None:
        with self.office(coordinator) as decider:
            version = decider.ticket(code)["version"]
            decider.assign(code, version, receiver=receiver, reason="competent-office", words="Terdaftar sejak 2019.")
