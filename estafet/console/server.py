"""Serves the console to this machine until Ctrl-C or SIGTERM.

werkzeug's threaded server: made for one person on one machine, already here, and a thread for each request, so that a
long look lets the others pass.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from estafet.cli.failure import Failure
from estafet.console.app import App
from estafet.console.drawing import Drawing
from estafet.console.guard import Guard
from estafet.console.pages import Pages
from estafet.settings import Settings

HOST = "127.0.0.1"


class Handler(WSGIRequestHandler):
    """Writes nothing down: addresses hold what was looked for, and once the key."""

    #: Seconds that a connection may be silent.
    timeout = 30

    def log(self, type: str, message: str, *arguments: Any) -> None:
        """Nothing."""

    def version_string(self) -> str:
        return "estafet"


def serve(settings: Settings, service: str | None, port: int, who: str, tell: Callable[[str], None]) -> None:
    """Serve until asked to stop; ``tell`` is given the address, with its key, once it answers. ``service`` says whose
    database it is that the settings name, and ``who`` is whom a decision is put down to unless they say.

    Raises:
        Failure: the port is taken.
    """
    guard = Guard(port)
    app = App(Pages(settings, service, Drawing(guard.token, who)), guard)
    with _listening(port) as listening:
        server = make_server(HOST, port, app, threaded=True, request_handler=Handler, fd=listening.fileno())
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        tell(f"http://{HOST}:{port}/?key={guard.key}")
        server.serve_forever()


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise Failure(f"Port {port} cannot be used ({error.strerror}): choose another with --port.") from error
