"""Bad input, all of it, against a running system: a clear answer each time, everybody alive after, nothing lost."""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import amqp
import httpx
import pytest
from sqlalchemy import select

from estafet.events.intake import TEXT_LIMIT
from estafet.relay.tables import outbox
from estafet.relay.transport import KEPT
from tests.e2e.conftest import GOOD
from tests.e2e.system import Deployed, System, until

pytestmark = pytest.mark.usefixtures("alive")


class Caller:
    """Speaks HTTP as it pleases; answers (status, slug)."""

    def __init__(self, url: str) -> None:
        self._url = url

    def post(
        self, path: str, body: object = None, token: str | None = None, version: int | None = None, raw: bytes = b""
    ) -> tuple[int, str]:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        content = raw or json.dumps(body).encode()
        answer = httpx.post(f"{self._url}/api/v1{path}", content=content, headers=headers, timeout=30)
        if answer.is_success:
            return answer.status_code, ""
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["detail"]
        return answer.status_code, problem["type"].removeprefix("urn:estafet:problem:")


@pytest.fixture
def caller(system: System) -> Caller:
    return Caller(system.url)


@pytest.fixture
def offered(system: System) -> Iterator[tuple[str, str, int]]:
    """A report that is offered: its code, the office and the version. Whatever was done to it, its chain holds."""
    with system.client(system.tokens()["auditor"]) as auditor:
        code = auditor.using(None).report(GOOD)["code"]
        ticket = auditor.wait_for(code, lambda each: each["status"] == "offered")
        yield code, ticket["offered_to"]["code"], ticket["version"]
        assert auditor.verify(code)["ok"]


def test_reports_that_cannot_be_taken(caller: Caller) -> None:
    assert caller.post("/reports", raw=b'{"category": "ktp", ') == (400, "malformed")
    assert caller.post("/reports", raw=b"\xff\xfe not JSON at all") == (400, "malformed")
    assert caller.post("/reports", raw=b" " * 5_000_000) == (413, "too-large")
    assert caller.post("/reports", {**GOOD, "category": "nowhere"}) == (422, "unknown-category")
    assert caller.post("/reports", {**GOOD, "named": ["nobody"]}) == (422, "invalid")
    assert caller.post("/reports", {**GOOD, "text": "x" * (TEXT_LIMIT + 1)}) == (422, "invalid")


def test_acts_that_are_not_ones_own(system: System, caller: Caller, offered: tuple[str, str, int]) -> None:
    code, office, version = offered
    tokens = system.tokens()
    other = next(each for each in tokens if each not in (office, "auditor", "loket"))
    accept, handoffs = f"/tickets/{code}/accept", f"/tickets/{code}/handoffs"
    asked = {"receiver": other, "convene": False, "reason": "not-our-task"}
    assert caller.post(accept, {}, None, version) == (401, "no-token")
    assert caller.post(accept, {}, "est_" + "x" * 43, version) == (401, "wrong-token")
    assert caller.post(accept, {}, tokens[other], version)[0] in (403, 409)
    assert caller.post(handoffs, asked, tokens[office], version) == (409, "not-holder")
    assert caller.post(accept, {}, tokens[office], version - 1) == (412, "stale")
    assert caller.post(accept, {}, tokens[office]) == (428, "version-needed")
    assert caller.post(accept, {}, tokens[office], version) == (200, "")
    unknown = {**asked, "receiver": "nobody"}
    assert caller.post(handoffs, unknown, tokens[office], version + 1) == (422, "unknown-office")


def test_an_offer_accepted_twice_at_once(system: System, caller: Caller, offered: tuple[str, str, int]) -> None:
    code, office, version = offered
    token, gate = system.tokens()[office], threading.Barrier(2)
    answers: list[tuple[int, str]] = []

    def accept() -> None:
        gate.wait(10)
        answers.append(caller.post(f"/tickets/{code}/accept", {}, token, version))

    officers = [threading.Thread(target=accept) for _ in range(2)]
    for officer in officers:
        officer.start()
    for officer in officers:
        officer.join()
    assert sorted(answers) == [(200, ""), (412, "stale")]
    with system.client(system.tokens()["auditor"]) as auditor:
        assert [each["office"] for each in auditor.ticket(code)["holders"]].count(office) == 1


def _event(**changes: Any) -> Mapping[str, Any]:
    event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/app", "type": "id.estafet.report.submitted.v1"}
    return {name: value for name, value in {**event, "data": GOOD, **changes}.items() if value is not None}


def test_messages_that_cannot_be_read_are_kept_as_they_came(system: System) -> None:
    bodies = {
        json.dumps(_event(id=None)).encode(): "malformed",
        json.dumps(_event(type="org.example.weather.v1")).encode(): "malformed",
        json.dumps(_event(type="id.estafet.note.added.v1")).encode(): "foreign",
        f"not JSON at all {uuid.uuid4()}".encode(): "malformed",
    }
    for body in bodies:
        system.publish("intake.events", "report.submitted", body)
    assert {body: _kept(system, body) for body in bodies} == {body: ("dead", error) for body, error in bodies.items()}


def test_a_message_of_five_megabytes(system: System) -> None:
    """The broker tells its sender at once (``max_message_size``); else its beginning is kept."""
    body = f"{uuid.uuid4()}".encode() + b"x" * 5_000_000
    with contextlib.suppress(amqp.PreconditionFailed):
        system.publish("intake.events", "report.submitted", body)
        assert _kept(system, body[:KEPT]) == ("dead", "too-large")
        return
    assert isinstance(system, Deployed)


def _kept(system: System, body: bytes) -> tuple[str, str]:
    """State and error of a message that tickets could not handle, byte for byte."""

    def found() -> list[tuple[str, str]]:
        return [(row.state, row.error) for row in system.deferred("tickets") if bytes(row.body) == body]

    (only,) = until(found, "the message to be kept")
    return str(only[0]), str(only[1])


def test_reports_by_event_that_cannot_be_taken_are_rejected_by_event(system: System) -> None:
    wrong = {
        "category": _event(data={**GOOD, "category": "nowhere"}),
        "text": _event(data={**GOOD, "text": "x" * (TEXT_LIMIT + 1)}),
        "named": _event(data={**GOOD, "named": ["nobody"]}),
        "source": _event(source="/estafet/tickets"),
    }
    for event in wrong.values():
        system.publish("intake.events", "report.submitted", json.dumps(event).encode())

    def rejected() -> dict[str, list[str]]:
        with system.database("tickets") as database, database.read() as connection:
            bodies = connection.execute(select(outbox.c.body).where(outbox.c.name == "report.rejected")).scalars()
            data = [json.loads(body)["data"] for body in bodies]
        return {each["submission"]["id"]: [fault["field"] for fault in each["errors"]] for each in data}

    until(lambda: rejected().keys() >= {event["id"] for event in wrong.values()}, "report.rejected of each")
    found = rejected()
    for field, event in wrong.items():
        assert any(each.startswith(field) for each in found[event["id"]]), (field, found[event["id"]])
