"""A provider of text messages that tests play: a real HTTP server, spoken to as apprise speaks to any (``json://``)."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

from tests.bed.process import free_port

#: Answers a message: an HTTP status; None: it hangs up without a word, having taken the message.
Answer = Callable[[dict[str, Any]], int | None]


class Provider:
    """Keeps what it took. A message whose id it knows already it takes no second time, and says so with 409."""

    def __init__(self, answer: Answer = lambda message: 200) -> None:
        self.answer = answer
        #: In the order in which they came: ``to``, ``id`` and ``message``.
        self.taken: list[dict[str, Any]] = []
        self.asked: Counter[str] = Counter()
        self.port = free_port()
        self.url = f"json://127.0.0.1:{self.port}/?:to={{to}}&:id={{id}}&:type=&:version=&:title=&:attachments="
        self._server: ThreadingHTTPServer | None = None

    @property
    def ids(self) -> Counter[str]:
        return Counter(each["id"] for each in self.taken)

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def take(self, message: dict[str, Any]) -> int | None:
        id = message.setdefault("id", str(len(self.taken)))  # a provider that knows no ids gives its own
        self.asked[id] += 1
        if self.ids[id]:
            return 409
        answer = self.answer(message)
        if answer is None or answer < 300:
            self.taken.append(message)
        return answer

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


#: Starts a provider that answers so; it stops when the test ends.
Play = Callable[..., Provider]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            form = self.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
            answer = provider.take(dict(parse_qsl(body.decode())) if form else json.loads(body))
            if answer is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
