"""More than a service can do: the surplus is told so at once, probes answer, and afterwards all is as before."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import httpx
import psutil
import pytest

from estafet.web.server import CONNECTIONS
from tests.bed.process import wait_until
from tests.support.limits import UNLIMITED
from tests.unit.web.conftest import Running, running
from tests.unit.web.test_endpoints import problem

PICTURE = b'--x\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
#: Of nameko's ten workers.
AT_ONCE = 8


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """By address 8 an hour, by token 12; behind one proxy, so that each test has an address of its own."""
    limits = {"ESTAFET_LIMIT_ADDRESS": "8/hour", "ESTAFET_LIMIT_TOKEN": "12/hour", "ESTAFET_PROXIES": "1"}
    with running(tmp_path_factory.mktemp("limited"), limits) as greeter:
        yield greeter


def client(greeter: Running, address: str, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=greeter.url, headers={"X-Forwarded-For": address, **headers}, timeout=10)


def test_who_asks_too_often_is_told_when_to_come_again(limited: Running) -> None:
    with client(limited, "192.0.2.1") as http, client(limited, "192.0.2.2") as other:
        assert [http.get("/api/who").status_code for _ in range(8)] == [200] * 8
        answer = http.get("/api/who")
        problem(answer, "too-many-requests")
        assert 3000 < int(answer.headers["Retry-After"]) <= 3600
        assert http.get("/healthz").status_code == http.get("/readyz").status_code == 200
        metrics = http.get("/metrics").text
        assert 'estafet_http_refused_total{problem="too-many-requests",service="greeter"}' in metrics
        assert other.get("/api/who").status_code == 200


def test_an_address_is_the_one_our_proxy_saw(limited: Running) -> None:
    for number in range(8):
        with client(limited, f"203.0.113.{number}, 192.0.2.3") as http:
            assert http.get("/api/who").status_code == 200
    with client(limited, "203.0.113.99, 192.0.2.3") as http:
        problem(http.get("/api/who"), "too-many-requests")


def test_what_costs_more_counts_more(limited: Running) -> None:
    with client(limited, "192.0.2.4") as http:
        statuses = [http.post("/api/heavy", json={"word": "x"}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_a_good_token_has_its_own_limit_until_it_is_revoked(limited: Running) -> None:
    with client(limited, "192.0.2.5") as anybody, client(limited, "192.0.2.5", Authorization="Bearer good") as office:
        assert office.get("/api/mine").status_code == 200
        assert [anybody.get("/api/who").status_code for _ in range(8)] == [200] * 7 + [429]
        assert [office.get("/api/mine").status_code for _ in range(13)] == [200] * 12 + [429]
        assert office.post("/api/revoke/good").status_code == 200
    with client(limited, "192.0.2.6", Authorization="Bearer good") as thief:
        problem(thief.get("/api/mine"), "too-many-requests")  # it is still counted by itself


def test_trying_tokens_is_limited_and_uses_up_nobody_elses(limited: Running) -> None:
    with client(limited, "192.0.2.8", Authorization="Bearer good-2") as office:
        assert office.get("/api/mine").status_code == 200
        with client(limited, "192.0.2.7") as thief:
            tried = [thief.get("/api/mine", headers={"Authorization": f"Bearer x{each}"}) for each in range(10)]
            assert [each.status_code for each in tried] == [401] * 8 + [429] * 2
        assert [office.get("/api/mine").status_code for _ in range(12)] == [200] * 12


def test_without_a_proxy_the_header_changes_nothing(tmp_path) -> None:
    with running(tmp_path, {"ESTAFET_LIMIT_ADDRESS": "3/hour"}) as greeter:
        for number in range(3):
            with client(greeter, f"192.0.2.{number}") as http:
                assert http.get("/api/who").status_code == 200
        with client(greeter, "192.0.2.100") as http:
            problem(http.get("/api/who"), "too-many-requests")


def test_more_at_once_than_can_be_served(greeter: Running, http: httpx.Client) -> None:
    """All turns are taken, and 40 more come: each is told at once, probes answer, and those that hold are answered."""
    answers: list[httpx.Response] = []

    def ask(path: str) -> None:
        answers.append(httpx.get(f"{greeter.url}{path}", timeout=30))

    holding = [threading.Thread(target=ask, args=("/api/hold",)) for _ in range(AT_ONCE)]
    for each in holding:
        each.start()
    wait_until(lambda: http.get("/api/who").status_code == 503, what="all turns to be taken")
    refused = problem(answer := http.post("/api/greetings", content=b"x" * 60_000), "busy")
    assert answer.headers["Retry-After"] == "1"
    assert refused["status"] == 503
    more = [threading.Thread(target=ask, args=("/api/who",)) for _ in range(40)]
    for each in more:
        each.start()
    for each in more:
        each.join(30)
    for probe in ("/healthz", "/readyz", "/metrics"):
        assert http.get(probe).status_code in (200, 503), probe
    assert http.get("/healthz").json() == {"status": "ok"}
    assert Counter(each.status_code for each in answers) == {503: 40}
    http.post("/api/release")
    for each in holding:
        each.join(30)
    assert Counter(each.status_code for each in answers) == {503: 40, 200: AT_ONCE}
    assert http.get("/api/who").status_code == 200


def test_slow_senders_take_nobodys_turn(greeter: Running, http: httpx.Client) -> None:
    head = b"POST /api/greetings HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n"
    slow = [socket.create_connection(("127.0.0.1", greeter.port), timeout=10) for _ in range(AT_ONCE * 3)]
    for each in slow:
        each.sendall(head + b'{"word":')
    assert http.get("/api/who").status_code == 200
    for each in slow:
        each.sendall(b' "halo"}')
        assert each.recv(100).startswith(b"HTTP/1.1 201 ")
        each.close()


@pytest.mark.parametrize(
    ("path", "head", "begun"),
    [
        ("/api/pictures", b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n", PICTURE),
        ("/api/greetings", b"Content-Length: 60000\r\n", b'{"word": "'),
    ],
    ids=["files", "json"],
)
def test_who_never_ends_is_ended(tmp_path, path: str, head: bytes, begun: bytes) -> None:
    """What came of it is kept meanwhile: a few that send a byte now and then would keep everybody's photos out."""
    with running(tmp_path, UNLIMITED | {"GREETER_PATIENCE": "1"}) as greeter:
        with socket.create_connection(("127.0.0.1", greeter.port), timeout=0.05) as endless:
            endless.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode() + head + b"\r\n" + begun)

            answer = bytearray()

            def answered() -> bytearray:
                with suppress(TimeoutError):
                    answer.extend(endless.recv(1000))
                    return answer
                endless.sendall(b"x")
                return answer

            wait_until(answered, what="it to be ended, though it goes on sending")
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"\r\nConnection: close\r\n" in answer
        picture = {"photos": ("a.jpg", b"x" * 70_000)}
        assert httpx.post(f"{greeter.url}/api/pictures", files=picture).json() == {"sizes": [70_000]}


def test_idle_connections_keep_nobody_out(greeter: Running) -> None:
    """Many more than may be open: the oldest are closed, who asks is answered, and there are never many more open."""
    process = psutil.Process(greeter.pid)
    before, idle = process.num_fds(), []
    try:
        for number in range(CONNECTIONS * 3):
            connection = socket.create_connection(("127.0.0.1", greeter.port), timeout=10)
            if number % 2:
                connection.sendall(b"GET /api/who HTTP/1.1\r\nHost")  # half a request is no better than none
            idle.append(connection)
            if number % 100 == 99:
                assert httpx.get(f"{greeter.url}/api/who", timeout=10).status_code == 200
                assert httpx.get(f"{greeter.url}/healthz", timeout=10).status_code == 200
        assert process.num_fds() <= before + CONNECTIONS + 10
        assert idle[0].recv(10) == b""
    finally:
        for each in idle:
            each.close()
    wait_until(lambda: process.num_fds() <= before + 5, what="the closed connections to be let go")
