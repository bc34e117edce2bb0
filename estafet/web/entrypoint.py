"""An endpoint as nameko's entrypoint: limited, its body read, its turn taken, then the service's method."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from typing import Any

import structlog
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR
from nameko.web.handlers import HttpRequestHandler
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from estafet.web import bodies, multipart
from estafet.web.endpoint import Endpoint
from estafet.web.metrics import REFUSED
from estafet.web.problems import LIMITS, Problem
from estafet.web.rates import shown
from estafet.web.server import HttpRequest, Server, in_time

_log = structlog.get_logger(__name__)

#: What is answered to who guesses.
_MISSED = (401, 403, 404)


class Entrypoint(HttpRequestHandler):
    """nameko's HTTP entrypoint over our server. The body is read before a worker is taken: a slow client holds none."""

    container: Any
    server = Server()

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        super().__init__(endpoint.method, endpoint.path)

    def get_url_rule(self) -> Rule:
        return Rule(self.url, methods=[self.method])

    def handle_request(self, request: HttpRequest) -> Response:
        try:
            return self._limited(request) if self.endpoint.limited else self._handle(request)
        except Problem as problem:
            if problem.kind.slug in LIMITS:
                REFUSED.labels(self.container.service_name, problem.kind.slug).inc()
            return self.endpoint.dialect.refuse(problem, request)

    def _limited(self, request: HttpRequest) -> Response:
        server, endpoint = self.server, self.endpoint
        server.rates.count(request, endpoint.weight, endpoint.cookie)
        server.turns.require()  # before a body is read in vain; while one is, its sender takes nobody's turn
        with server.room.share() as take:
            with in_time():
                self._read(request, take)
            with server.turns.take():
                response = self._handle(request)
        secret = shown(request, endpoint.cookie)
        if request.good is not None and secret is not None:
            server.rates.learn(secret, request.good, request.whose)
        no_session = endpoint.cookie is not None and request.good is False
        if endpoint.miss and (no_session or response.status_code in _MISSED):
            with suppress(Problem):  # the next request is told
                server.rates.count(request, endpoint.miss, endpoint.cookie)
        return response

    def _read(self, request: HttpRequest, take: Callable[[int], None]) -> None:
        if self.endpoint.files and request.mimetype == multipart.MEDIA_TYPE:
            request.parts = multipart.read(request, self.endpoint.files, take)
        elif self.endpoint.body:
            request.content = bodies.read(request)

    def _handle(self, request: HttpRequest) -> Response:
        with self.server.connections.serving(request.environ["eventlet.input"].get_socket()):
            response: Response = super().handle_request(request)
        return response

    def response_from_exception(self, exc: Exception) -> Response:
        _log.error("worker failed", route=self.endpoint.path, error=type(exc).__name__)
        return Problem("unexpected", "It was logged. Try again later.").response()


def api(method: str, path: str, summary: str, **declaration: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a service's method an endpoint: ``handler(self, call, **path_values)`` answers data, an :class:`Answer`
    or a werkzeug response, or raises a :class:`Problem`. The keywords are those of :class:`Endpoint`.
    """
    endpoint = Endpoint(method, path, summary, **declaration)

    def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        def respond(service: Any, request: HttpRequest, **values: str) -> Response:
            return endpoint.respond(service.name, lambda call: handler(service, call, **values), request)

        decorated: Callable[..., Any] = Entrypoint.decorator(endpoint)(respond)
        return decorated

    return decorate


def endpoints_of(service: type) -> Iterator[tuple[str, Endpoint]]:
    """A service's endpoints with the names of their methods, those of its base classes included."""
    for name, method in inspect.getmembers(service, inspect.isfunction):
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()):
            if isinstance(entrypoint, Entrypoint):
                yield name, entrypoint.endpoint
