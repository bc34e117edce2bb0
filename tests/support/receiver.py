"""An app that receives webhooks: a real HTTP server, which verifies each message and does its work once."""

from __future__ import annotations

import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

#: What to do with the n-th request (from 0): a status, ``ok``, ``hang-up``, ``slow`` (an answer too late) or
#: ``drip`` (one without end).
Behaviour = Callable[[int], str]


class Receiver:
    """Listens on a free port of 127.0.0.1 while it is entered.

    Attributes:
        calls: webhook-id → how often it came.
        effects: webhook-id → how often its work was done: an id that is known changes nothing.
        bodies: webhook-id → the bytes of the first that came.
        forged: how many did not verify.
        headers: of the last request.
    """

    def __init__(self, behave: Behaviour = lambda number: "ok", tls: ssl.SSLContext | None = None) -> None:
        self.behave = behave
        self.secret = ""
        self.calls: Counter[str] = Counter()
        self.effects: Counter[str] = Counter()
        self.bodies: dict[str, bytes] = {}
        self.forged = 0
        self.headers: dict[str, str] = {}
        self.most_at_once = 0
        self._at_once = 0
        self._number = 0
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}/hook"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.set()
        self._server.shutdown()
        self._server.server_close()

    def answer_the_slow(self) -> None:
        """Those who wait are answered now."""
        self._open.set()

    def receive(self, headers: dict[str, str], body: bytes) -> str:
        """Take one message in; answers what to do with it."""
        with self._lock:
            number, self._number = self._number, self._number + 1
            self.headers = headers
            if self.secret:
                try:
                    Webhook(self.secret).verify(body, headers)
                except WebhookVerificationError:
                    self.forged += 1
                    return "400"
            id = headers["webhook-id"]
            self.calls[id] += 1
            self.bodies.setdefault(id, body)
            assert self.bodies[id] == body, "sent again, it says something else"
            what = self.behave(number)
            # An app may fail before its work is done, or after: then it has done it, and is asked again.
            if (what == "ok" or number % 2) and not self.effects[id]:
                self.effects[id] += 1
            return what

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                with receiver._lock:
                    receiver._at_once += 1
                    receiver.most_at_once = max(receiver.most_at_once, receiver._at_once)
                try:
                    self._answer()
                finally:
                    with receiver._lock:
                        receiver._at_once -= 1

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                what = receiver.receive(headers, body)
                self.close_connection = True
                if what == "hang-up":
                    return
                if what == "slow":
                    receiver._open.wait(60)
                if what == "drip":
                    self._drip()
                    return
                self.send_response(int(what) if what.isdigit() else 200)
                if what.startswith("3"):
                    self.send_header("Location", receiver.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _drip(self) -> None:
                """An answer that goes on for ever, a byte at a time."""
                try:
                    while not receiver._open.is_set():
                        self.wfile.write(b"x")
                        self.wfile.flush()
                        time.sleep(0.2)
                except OSError:
                    pass

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        return Handler
