"""The HTTP server under the endpoints: nameko's, made to answer problems as problems and to survive bad clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from logging import getLogger
from typing import Any

import eventlet
import structlog
from eventlet import wsgi
from nameko.web.server import HttpOnlyProtocol, WebServer
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Request, Response

from estafet.events import ijson
from estafet.web.problems import Problem

_log = structlog.get_logger(__name__)

#: Seconds a client may keep silent in the middle of a request, and between two requests on one connection.
SILENCE_LIMIT = 30
KEEPALIVE = 75


class HttpRequest(Request):
    """werkzeug's request with what routing and reading add to it."""

    path_values: Mapping[str, str]
    content: bytes = b""


class App:
    """Routes requests. What no endpoint answers gets a problem, not werkzeug's page."""

    def __init__(self, server: WebServer) -> None:
        self.url_map = server.make_url_map()
        self.url_map.merge_slashes = False  # it would answer with a redirect

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
            return Problem("method-not-allowed", f"Use {allowed}.", headers={"Allow": allowed}).response()
        except NotFound:
            return Problem("not-found", "No such address. /api/v1/openapi.json lists them all.").response()
        except (HTTPException, ValueError) as error:
            _log.info("request refused", error=type(error).__name__)
            return Problem("malformed", "The request line or a header cannot be read.").response()
        return response


class Server(WebServer):
    """nameko's web server. There, an error on one connection ends the whole service; here, that connection."""

    _sock: Any
    container: Any

    def get_wsgi_app(self) -> App:
        return App(self)

    def get_wsgi_server(self, sock: Any, wsgi_app: App, protocol: Any = HttpOnlyProtocol, debug: bool = False) -> Any:
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

    def stop(self) -> None:
        if self._gt is not None:
            super().stop()
