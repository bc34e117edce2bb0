"""How the outside sees that a service is well: alive, ready, and in numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from werkzeug.wrappers import Response

from estafet.relay.database import Database
from estafet.web.endpoint import Answer, Call, api

#: Raises when what it looks at is not ready; the message says what to do.
Check = Callable[[], None]


class Probes:
    """Mix into a service class: ``GET /healthz``, ``/readyz`` and ``/metrics``.

    ``healthz`` says that the process answers, ``readyz`` that it can do its work. A process that is not ready should
    get no requests; it should not be restarted for it.
    """

    relay: Any

    def readiness(self) -> Mapping[str, Check]:
        """What must be in order. A service may add to it."""
        return {"database": lambda: reach(self.relay.database)}

    @api("GET", "/healthz", "Whether the process answers")
    def healthz(self, call: Call) -> Any:
        return {"status": "ok"}

    @api("GET", "/readyz", "Whether the service can do its work", problems=("unavailable",))
    def readyz(self, call: Call) -> Any:
        found = {name: _ask(check) for name, check in self.readiness().items()}
        ready = all(each == "ok" for each in found.values())
        return Answer({"status": "ready" if ready else "not ready", "checks": found}, status=200 if ready else 503)

    @api("GET", "/metrics", "Numbers for Prometheus", media_type="text/plain")
    def metrics(self, call: Call) -> Any:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def reach(database: Database) -> None:
    """One trivial query.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    with database.read() as connection:
        connection.execute(text("select 1"))


def _ask(check: Check) -> str:
    try:
        check()
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return "ok"
