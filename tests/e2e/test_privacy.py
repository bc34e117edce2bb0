"""Nothing personal is where it should not be; and what a reporter gave and wrote is gone when they ask for it.

Distinctive words are planted wherever people write, then everything that the system wrote is searched for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from kombu import Connection
from sqlalchemy import delete

from estafet.client import Problem
from estafet.relay.tables import outbox
from estafet.settings import SERVICES
from services.notify import states
from services.notify.tables import PERSONAL as NOTIFY_PERSONAL
from services.tickets.tables import PERSONAL as TICKETS_PERSONAL
from tests.bed import Postgres, RabbitMQ
from tests.e2e.citizens import Town, as_text, rows
from tests.e2e.conftest import Make
from tests.e2e.system import Deployed, System, until

#: The tables that may hold what is personal, of each service; and, of the relay's, what may stand where.
PERSONAL: dict[str, tuple[str, ...]] = {"tickets": TICKETS_PERSONAL, "routing": (), "notify": NOTIFY_PERSONAL}

SPIED = ("tickets.events", "routing.events", "notify.events")
_SERVERS = ("rabbitmq", "postgres")
PATIENT = pytest.mark.timeout(300)


class Seen:
    """A town that lived, and all that could be seen of it from outside and inside: place → what was there."""

    def __init__(self, town: Town, servers: Mapping[str, RabbitMQ | Postgres]) -> None:
        self.town = town
        self.servers = servers
        self.places: dict[str, str] = {}

    def look(self) -> None:
        self._look_at_processes()
        self._look_at_views()
        self._look_at_databases()
        if isinstance(self.town.system, Deployed):
            self._look_at_exchanges(self.town.system)

    def _look_at_processes(self) -> None:
        system = self.town.system
        for log in system.folder.glob("*.log"):
            self.places[f"log of {log.stem}"] = log.read_text()
        self.places |= self.logs()
        for service in SERVICES:
            for probe in ("metrics", "readyz"):
                self.places[f"{probe} of {service}"] = httpx.get(f"{system.address(service)}/{probe}").text

    def logs(self) -> dict[str, str]:
        """What the servers that the services stand on wrote themselves."""
        return {f"log of {name}": server.logs() for name, server in self.servers.items()}

    def _look_at_views(self) -> None:
        """As anybody, and as offices and roles that have nothing to do with the reports."""
        url, tokens = f"{self.town.system.url}/api/v1", self.town.tokens
        paths = ["openapi.json", "offices", "services", "directory"]
        paths += [f"tickets/{code}{end}" for code in self.town.codes for end in ("", "/chain", "/chain/verify")]
        desks = [f"desk?list={each}" for each in ("held", "offered", "overdue", "guarded")]
        listed = f"{self.town.system.url}/open311/v2/requests"
        for end in (".json", *(f"/{code}.xml" for code in self.town.codes)):
            self.places[f"Open311's requests{end}"] = httpx.get(f"{listed}{end}").text
        for who in (None, "dpupr", "kecamatan-kota"):
            headers = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
            for path in paths if who is None else [*paths, *desks]:
                self.places[f"{path} for {who}"] = httpx.get(f"{url}/{path}", headers=headers).text

    def _look_at_databases(self) -> None:
        for service in SERVICES:
            for table, row in rows(self.town.system, service):
                if table in PERSONAL[service] or row.get("exchange") in ("tickets.private", "intake.events"):
                    continue
                row.pop("body" if table == "deferred" else "", None)
                place = f"{service}.{table}"
                self.places[place] = f"{self.places.get(place, '')}\n{' '.join(map(as_text, row.values()))}"

    def _look_at_exchanges(self, system: Deployed) -> None:
        with Connection(system.amqp("")) as connection:
            channel = connection.channel()
            while message := channel.basic_get("spy", no_ack=True):
                place = f"message {message.delivery_info['routing_key']}"
                told = f"{as_text(message.body)} {message.properties}"
                self.places[place] = f"{self.places.get(place, '')}\n{told}"


def _spy(system: System) -> None:
    """Hear every message that is not private."""
    if isinstance(system, Deployed):
        with Connection(system.amqp("")) as connection:
            channel = connection.channel()
            channel.queue_declare("spy", durable=True, auto_delete=False)
            for exchange in SPIED:
                channel.queue_bind("spy", exchange, "#")


@pytest.fixture(scope="module", params=["embedded", "deployed"])
def seen(request: pytest.FixtureRequest, make: Make) -> Seen:
    system = make(request.param)
    if request.param == "embedded":
        del system.environment["ESTAFET_SMTP_URL"]  # letters are files: our own copies of what was sent
    system.prepare()
    _spy(system)
    system.start().wait_for_city()
    servers = {name: request.getfixturevalue(name) for name in _SERVERS} if request.param == "deployed" else {}
    seen = Seen(Town(system), {name: each for name, each in servers.items() if isinstance(each, RabbitMQ | Postgres)})
    seen.town.live()
    _wait_for_quiet(system)
    seen.look()
    return seen


def _wait_for_quiet(system: System) -> None:
    """Everything committed is published, everything to be told is told."""

    def quiet() -> bool:
        waiting = [row for service in SERVICES for table, row in rows(system, service) if _is_waiting(table, row)]
        return not waiting

    until(quiet, "quiet")


def _is_waiting(table: str, row: dict[str, Any]) -> bool:
    if table == "outbox":
        return row["published_at"] is None
    return table == "deliveries" and row["state"] not in states.ENDED


def found(planted: list[str], places: dict[str, str]) -> list[tuple[str, str]]:
    return [(place, word) for place, told in places.items() for word in planted if word in told.lower()]


def _stored(system: System) -> str:
    """All that the databases hold."""
    told = (as_text(value) for service in SERVICES for _, row in rows(system, service) for value in row.values())
    return "\n".join(told).lower()


@PATIENT
def test_the_words_were_written_where_they_belong(seen: Seen) -> None:
    """So that the searches could find them. A secret that nobody could be told is kept as a hash alone."""
    town = seen.town
    untold = [secret.lower() for secret in town.by_code.secrets.values()]
    everything = _stored(town.system)
    assert [each for each in town.personal if each not in everything] == untold


@PATIENT
def test_nothing_personal_is_where_it_should_not_be(seen: Seen) -> None:
    town = seen.town
    tokens = [token.lower() for token in town.tokens.values()]
    assert found([*town.personal, *tokens, town.hidden_note, town.open_note], seen.places) == []


@PATIENT
def test_what_officers_say_is_in_no_log_and_no_number(seen: Seen) -> None:
    told = {place: text for place, text in seen.places.items() if place.startswith(("log", "metrics", "readyz"))}
    assert len(told) > 2 * len(SERVICES)
    assert found([seen.town.words], told) == []
    assert found([seen.town.words], seen.places), "and where everybody may read it, it is"


@pytest.fixture(scope="module")
def erased(seen: Seen) -> Town:
    """The same town after its citizens were erased, each named in another way, and all is quiet again."""
    town, system = seen.town, seen.town.system
    phone, (code,) = town.by_phone.phone, town.by_code.codes
    assert phone is not None
    assert town.by_email.email is not None
    asked = system.estafet("erase", town.by_email.email.upper(), check=False)
    assert (asked.returncode, "Stopped." in asked.stderr) == (130, True), "nobody said yes"
    assert all(each in asked.stdout for each in town.by_email.codes)
    assert "2 reports, 2 of them open" in asked.stdout
    for given in (town.by_email.email.upper(), phone.replace("+62 ", "0").replace("-", ""), code):
        system.estafet("erase", given, "--yes")
    _forget_what_tests_need(system)
    until(lambda: _forgotten(system) >= set(town.codes), "notify to forget them all")
    _wait_for_quiet(system)
    return town


def _forget_what_tests_need(system: System) -> None:
    """In memory nobody from outside can publish: tests do it by the outbox of tickets, where no report belongs."""
    with system.database("tickets") as database, database.begin() as connection:
        connection.execute(delete(outbox).where(outbox.c.exchange == "intake.events"))


def _forgotten(system: System) -> set[str]:
    found = [row for table, row in rows(system, "notify") if table == "reporters" and row["erased_at"]]
    return {row["ticket"] for row in found}


@PATIENT
def test_the_reports_go_on_without_their_reporters(erased: Town) -> None:
    with erased.office("auditor") as auditor, erased.system.client() as anybody:
        for citizen in erased.citizens:
            for code, secret in citizen.secrets.items():
                ticket = auditor.ticket(code)
                assert (ticket["text"], ticket["consent"]) == (None, [])
                assert ticket["erased"]["en"] == "Erased at the reporter's request."
                assert [each for each in ticket["notes"] if each["office"] is None and each["text"]] == []
                assert ticket["history"][-1]["what"] == "reporter.erased"
                assert auditor.verify(code)["ok"]
                with pytest.raises(Problem) as refused:
                    anybody.ticket(code, secret=secret)
                assert refused.value.slug == ("not-found" if ticket["confidential"] else "wrong-token")
        code = erased.by_email.codes[0]
        holder = auditor.ticket(code)["holder"]["code"]
    shown = erased.system.estafet("show", code, "--token", erased.tokens[holder]).stdout
    assert "Erased at the reporter's request." in shown
    assert erased.system.estafet("chain", "--verify").returncode == 0


@PATIENT
def test_erasing_again_says_that_it_is_done(erased: Town) -> None:
    code = erased.by_email.codes[0]
    assert "already" in erased.system.estafet("erase", code, "--yes").stdout
    nobody = erased.system.estafet("erase", erased.by_email.email or "", "--yes", check=False)
    assert (nobody.returncode, "Nothing of this reporter is kept" in nobody.stderr) == (1, True)
    assert (erased.by_email.email or "") not in nobody.stderr


@PATIENT
def test_nothing_of_them_is_left(erased: Town, seen: Seen) -> None:
    """In no table, log or file. What the mail server and the agency received is out of our hands."""
    stored = _stored(erased.system)
    assert [each for each in erased.personal if each in stored] == []
    assert erased.open_note in stored
    erased.system.stop()
    files = {str(file): file.read_bytes().decode("latin-1") for file in _files(erased.system)}
    assert found(erased.personal, files | seen.logs()) == []
    assert any(erased.open_note in told for told in files.values()) or isinstance(erased.system, Deployed)


def _files(system: System) -> list[Path]:
    return [file for file in system.folder.rglob("*") if file.is_file()]
