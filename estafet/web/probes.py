"""How the outside sees that a service is well: alive, ready, and in numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from werkzeug.wrappers import Response

from estafet.relay import migrate
from estafet.relay.database import Database
from estafet.relay.work import Works
from estafet.web.endpoint import Answer, Call
from estafet.web.entrypoint import api
from estafet.web.openapi import document

#: Raises when what it looks at is not ready; the message says what to do.
Check = Callable[[], None]


#: Of the HTTP API. Version 1 only grows.
API_VERSION = "1.0.0"


class Probes:
    """Mix into a service class: ``GET /healthz``, ``/readyz``, ``/metrics`` and the document that describes its HTTP.

    ``healthz`` says that the process answers, ``readyz`` that it can do its work. A process that is not ready should
    get no requests; it should not be restarted for it.
    """

    relay: Any
    name: str
    #: What the service is, in a sentence.
    about: str

    def readiness(self) -> Mapping[str, Check]:
        """What must be in order. A service may add to it."""
        return {
            "database": lambda: reach(self.relay.database),
            "migrations": lambda: expect_migrated(self.relay),
            "broker": lambda: expect_connected(self.relay),
        }

    @api("GET", "/healthz", "Whether the process answers", limited=False)
    def healthz(self, call: Call) -> Any:
        return {"status": "ok"}

    @api("GET", "/readyz", "Whether the service can do its work", limited=False, otherwise=503)
    def readyz(self, call: Call) -> Any:
        found = {name: _ask(check) for name, check in self.readiness().items()}
        ready = all(each == "ok" for each in found.values())
        return Answer({"status": "ready" if ready else "not ready", "checks": found}, status=200 if ready else 503)

    @api("GET", "/metrics", "Numbers for Prometheus", limited=False, media_type="text/plain")
    def metrics(self, call: Call) -> Any:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    @api("GET", "/api/v1/openapi.json", "This document")
    def openapi(self, call: Call) -> Any:
        return describe(type(self))


def describe(service: type[Probes]) -> dict[str, Any]:
    """The OpenAPI document of a service's HTTP API."""
    return document(service, f"Estafet: {service.name}", API_VERSION, service.about)


def reach(database: Database) -> None:
    """One trivial query.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    with database.read() as connection:
        connection.execute(text("select 1"))


class NotReady(Exception):
    """What to do, in one sentence."""


#: Services whose database was found current: it stays so while this process runs.
_migrated: set[tuple[str, str]] = set()


def expect_migrated(works: Works) -> None:
    """Every migration of the service is applied.

    Raises:
        NotReady: it is not so.
    """
    url = works.database.engine.url.render_as_string(hide_password=False)
    if (works.service, url) in _migrated:
        return
    if not migrate.is_current(works.service, url):
        raise NotReady(f"run `estafet migrate {works.service}`")
    _migrated.add((works.service, url))


def expect_connected(works: Works) -> None:
    """The broker sends us messages.

    Raises:
        NotReady: it does not.
    """
    if not works.is_connected():
        raise NotReady("the broker does not answer; it is tried again and again")


def _ask(check: Check) -> str:
    try:
        check()
    except Exception as error:
        return str(error) if isinstance(error, NotReady) else type(error).__name__
    return "ok"
