"""The HTTP server under the endpoints: nameko's, made to answer problems as problems and to survive bad clients."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from logging import getLogger
from typing import Any

import eventlet
import structlog
from eventlet import wsgi
from nameko.web.server import HttpOnlyProtocol, WebServer
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request, Response

from estafet.events import ijson
from estafet.settings import Settings
from estafet.web.crowd import Connections, Room, Turns
from estafet.web.metrics import DROPPED
from estafet.web.multipart import Parts
from estafet.web.problems import Problem
from estafet.web.rates import Rates

_log = structlog.get_logger(__name__)

#: Seconds a client may keep silent in the middle of a request, and between two requests on one connection.
SILENCE_LIMIT = 30
KEEPALIVE = 75
#: Seconds in which a body must have come. Who sends a byte now and then is never silent, and holds what came before it.
PATIENCE = 600.0
#: Open connections of one service. Three services in one process need less than the usual 1024 file descriptors so.
CONNECTIONS = 256
#: Of a service's workers, the share that requests may occupy; the rest is for probes and timers.
SHARE = 0.8
#: Bytes of files that one service keeps in memory at once, on their way from the wire to the database.
ROOM = 48 * 1024 * 1024


@contextmanager
def in_time() -> Iterator[None]:
    """Go on only if it ends within :data:`PATIENCE`, wherever in it somebody is waited for.

    Raises:
        Problem: ``malformed``.
    """
    late = Problem("malformed", "It took too long to come. Send it again.", headers={"Connection": "close"})
    with eventlet.Timeout(PATIENCE, late):
        yield


class HttpRequest(Request):
    """werkzeug's request with what routing and reading add to it."""

    path_values: Mapping[str, str]
    content: bytes = b""
    #: The form, if it came as one that may bring files.
    parts: Parts | None = None
    #: Whether the token, or the session, is one of ours; None: nobody looked.
    good: bool | None = None
    #: The account it counts for; None: it counts for itself.
    whose: str | None = None

    def recognize(self, *, good: bool, whose: str | None = None) -> None:
        """Say whether the token, or the session, is one of ours: a good one has a rate limit of its own."""
        self.good, self.whose = good, whose


class App:
    """Routes requests. What no endpoint answers gets a problem, not werkzeug's page."""

    def __init__(self, server: Server) -> None:
        self.url_map = server.make_url_map()
        self.url_map.merge_slashes = False  # it would answer with a redirect
        self._front: Any = next((rule.endpoint for rule in self.url_map.iter_rules() if rule.rule == "/"), None)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._respond(environ)(environ, start_response)

    def _respond(self, environ: dict[str, Any]) -> Response:
        try:
            endpoint, values = self.url_map.bind_to_environ(environ).match()
            if not all(ijson.is_text(each) for each in values.values()):
                raise NotFound  # no database could even be asked for it
            request = HttpRequest(environ, shallow=True)
            request.path_values = values
            response: Response = endpoint.handle_request(request)
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            return self._refuse(Problem("method-not-allowed", f"Use {allowed}.", headers={"Allow": allowed}), environ)
        except NotFound:
            problem = Problem("not-found", "No such address. /api/v1/openapi.json lists them all.")
            return self._refuse(problem, environ)
        except (HTTPException, ValueError) as error:
            _log.info("request refused", error=type(error).__name__)
            return Problem("malformed", "The request line or a header cannot be read.").response()
        return response

    def _refuse(self, problem: Problem, environ: dict[str, Any]) -> Response:
        """As a page to a browser, if the service has pages: then it has a front page."""
        front = self._front if "text/html" in environ.get("HTTP_ACCEPT", "") else None
        if front is None:
            return problem.response()
        response: Response = front.endpoint.dialect.refuse(problem, HttpRequest(environ, shallow=True))
        return response


class Protocol(HttpOnlyProtocol):
    """nameko's. There, the file descriptor of a connection that broke off is free when its garbage is collected."""

    wfile: Any
    rfile: Any
    connection: Any

    def finish(self) -> None:
        for file in (self.wfile, self.rfile):
            with suppress(OSError):
                file.close()
        self.connection.close()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: it would write the request's line, with what people searched for, to stderr."""


class Server(WebServer):
    """nameko's web server. There, an error on one connection ends the whole service; here, that connection."""

    _sock: Any
    container: Any
    rates: Rates
    turns: Turns
    room: Room
    connections: Connections

    def setup(self) -> None:
        """Raises SettingError: a limit cannot be read."""
        settings: Settings = self.container.config["ESTAFET"]
        self._proxies = settings.proxies
        self.rates = Rates(settings)
        self.turns = Turns(max(1, int(self.container.max_workers * SHARE)))
        self.room = Room(ROOM)
        self.connections = Connections(CONNECTIONS)

    def start(self) -> None:
        super().start()
        self._sock.listen(CONNECTIONS)  # nameko's 50 are too few to be met one by one when many come at once

    def get_wsgi_app(self) -> Any:
        """The header ``X-Forwarded-For`` is what anybody writes into it, but for what our own proxies added."""
        return ProxyFix(App(self), x_for=self._proxies, x_proto=0)

    def get_wsgi_server(self, sock: Any, wsgi_app: Any, protocol: Any = Protocol, debug: bool = False) -> Any:
        return wsgi.Server(
            sock,
            sock.getsockname(),
            wsgi_app,
            protocol=protocol,
            debug=debug,
            log=getLogger(__name__),
            log_output=False,  # its access log would keep what people searched for
            keepalive=KEEPALIVE,
            socket_timeout=SILENCE_LIMIT,
        )

    @property
    def port(self) -> int:
        """The port it listens on: of use when port 0 was asked for."""
        port: int = self._sock.getsockname()[1]
        return port

    def run(self) -> None:
        while self._is_accepting:
            try:
                connection, address = self._sock.accept()
            except OSError as error:
                # Out of file descriptors, or the client was gone before it was met: neither is the service's end.
                _log.warning("connection not accepted", error=str(error))
                eventlet.sleep(0.1)
                continue
            connection.settimeout(SILENCE_LIMIT)
            # Else the second packet of a long answer waits for the client to acknowledge the first: 40 ms of nothing.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.connections.opened(connection):
                DROPPED.labels(self.container.service_name).inc()
                eventlet.sleep(0)  # it closes before the next is accepted
            self.container.spawn_managed_thread(
                lambda connection=connection, address=address: self.process_request(connection, address),
                identifier="http connection",
            )

    def process_request(self, sock: Any, address: Any) -> None:
        try:
            super().process_request(sock, address)
        except Exception as error:
            _log.info("connection dropped", error=type(error).__name__)
            sock.close()
        finally:
            self.connections.closed(sock)

    def stop(self) -> None:
        if self._gt is not None:
            super().stop()
