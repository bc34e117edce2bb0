"""A flood on a running system: what is too much is told so at once, nothing else fails, and then all is as before."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.e2e.conftest import GOOD, Make
from tests.e2e.system import System, until
from tests.support.limits import UNLIMITED

pytestmark = pytest.mark.alone

SENDERS = 90
SECONDS = 4.0
#: Requests of an address in an hour; enough for waiting until the city is there.
LIMIT = 400


@pytest.fixture(scope="module")
def system(make: Make) -> Iterator[System]:
    system = make("embedded").prepare()
    limits = {**UNLIMITED, "ESTAFET_LIMIT_ADDRESS": f"{LIMIT}/hour"}
    system.environment = {**system.environment, **limits}
    yield system.start()
    system.close()


class Flood:
    """Many at once who report again and again, as fast as they are answered."""

    def __init__(self, url: str, token: str | None) -> None:
        self.answers: list[httpx.Response] = []
        self.broken: list[httpx.TransportError] = []
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]

    def __enter__(self) -> Flood:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for each in self._threads:
            each.join(60)
        assert not any(each.is_alive() for each in self._threads)

    def _send(self) -> None:
        with httpx.Client(base_url=self._url, headers=self._headers, timeout=60) as client:
            while not self._over.is_set():
                try:
                    key = {"Idempotency-Key": str(uuid.uuid4())}
                    self.answers.append(client.post("/api/v1/reports", json=GOOD, headers=key))
                except httpx.TransportError as error:
                    self.broken.append(error)

    def of(self, status: int) -> list[httpx.Response]:
        return [each for each in self.answers if each.status_code == status]


def probe(system: System, flood: Flood, enough: int) -> list[float]:
    """Ask the probes until the flood has lasted and enough was refused; answers how long each took."""
    took: list[float] = []
    end = time.monotonic() + SECONDS

    def flooded() -> bool:
        for path in ("/healthz", "/metrics"):
            began = time.monotonic()
            assert httpx.get(f"{system.url}{path}", timeout=20).is_success
            took.append(time.monotonic() - began)
        return time.monotonic() > end and len(flood.of(503)) + len(flood.of(429)) >= enough

    until(flooded, "the flood to be refused")
    return took


def show(system: System, token: str) -> None:
    """From now on the token is known to be good, and does not count for its address."""
    answer = httpx.get(f"{system.url}/api/v1/desk?list=held", headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert answer.status_code in (200, 403), answer.text


def test_more_than_can_be_served_at_once(system: System) -> None:
    system.wait_for_city()
    tokens = system.tokens()
    show(system, tokens["dispendukcapil"])
    with Flood(system.url, tokens["dispendukcapil"]) as flood:
        took = probe(system, flood, enough=50)
    assert set(Counter(each.status_code for each in flood.answers)) == {201, 503}
    assert {each.headers["Retry-After"] for each in flood.of(503)} == {"1"}
    assert {each.json()["type"] for each in flood.of(503)} == {"urn:estafet:problem:busy"}
    assert flood.broken == []
    assert sorted(took)[len(took) // 2] < 2
    with system.client(tokens["auditor"]) as auditor:
        for each in flood.of(201)[:: max(1, len(flood.of(201)) // 20)]:
            assert auditor.ticket(each.json()["code"])["code"] == each.json()["code"]
    _goes_on(system)


def test_more_often_than_anybody_may(system: System) -> None:
    tokens = system.tokens()
    show(system, tokens["auditor"])
    with Flood(system.url, None) as flood:
        probe(system, flood, enough=200)
    counted = Counter(each.status_code for each in flood.answers)
    assert set(counted) <= {201, 429, 503}
    assert counted[201] <= LIMIT / 4
    assert all(1 <= int(each.headers["Retry-After"]) <= 3600 for each in flood.of(429))
    assert flood.broken == []
    with system.client(tokens["auditor"]) as auditor:
        assert auditor.offices()  # a token has a limit of its own
    _goes_on(system)


def _goes_on(system: System) -> None:
    """As before: a report goes to its office, in the same processes, none of which has grown without bound."""
    tokens = system.tokens()
    with system.client(tokens["auditor"]) as client:
        code = client.report(GOOD)["code"]
        client.wait_for(code, lambda each: each["status"] == "offered", timeout=120)
    for process in system.processes.values():
        assert process.poll() is None
        assert psutil.Process(process.pid).memory_info().rss < 300e6
