"""What the image's health check concludes from what listens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from estafet.health import main, unwell
from tests.bed.process import free_port, free_ports

HOST = "127.0.0.1"


@contextmanager
def service(port: int, status: int) -> Iterator[None]:
    """Answers every GET of ``/readyz`` with a status, anything else with 404."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()
            self.wfile.write(b"broker: away")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer((HOST, port), Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture
def serve() -> Iterator[Callable[[int, int], None]]:
    with ExitStack() as stack:
        yield lambda port, status: stack.enter_context(service(port, status))


def test_a_container_that_serves_one_service_is_well_when_that_is_ready(serve: Callable[[int, int], None]) -> None:
    first = free_ports(3)
    serve(first + 1, 200)
    assert unwell(HOST, range(first, first + 3)) is None


def test_one_that_is_not_ready_spoils_it_and_its_own_words_are_shown(serve: Callable[[int, int], None]) -> None:
    first = free_ports(3)
    serve(first, 200)
    serve(first + 2, 503)
    assert unwell(HOST, range(first, first + 3)) == f"port {first + 2}: broker: away"


def test_where_nothing_listens_nothing_is_well() -> None:
    assert unwell(HOST, [free_port()]) == "nothing listens on 127.0.0.1"


def test_it_asks_where_the_settings_say(
    serve: Callable[[int, int], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = free_ports(3)
    serve(first, 200)
    monkeypatch.setenv("ESTAFET_HTTP_ADDRESS", f"0.0.0.0:{first}")
    assert main() == 0
    monkeypatch.setenv("ESTAFET_HTTP_ADDRESS", "nowhere")
    assert main() == 1
    assert "ESTAFET_HTTP_ADDRESS must look like" in capsys.readouterr().out
