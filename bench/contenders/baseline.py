"""The contenders beside ours: two idioms that people would use instead, and what the machine can do at most."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

import psycopg

from bench.contenders.place import Place, Subscription, lay_out
from bench.contenders.processes import Processes
from tests.bed import Broker, Databases
from tests.bed.process import free_ports, listens, wait_until

SERVICES = ("tickets", "routing", "notify")
_INTAKE = Subscription("tickets.reports", "intake.events", "report.submitted")


class Baseline:
    """A contender whose services are told where they are by ``AMQP_URI``, ``DATABASE_URL`` and ``WEB_PORT``.

    ``subscriptions``: the queues it consumes. ``command``: how a service is started on an HTTP port.
    """

    def __init__(
        self,
        name: str,
        subscriptions: Sequence[Subscription],
        command: Callable[[str, int], Sequence[str]],
        has_http: bool = True,
    ) -> None:
        self.name = name
        self._subscriptions = subscriptions
        self._command = command
        self._has_http = has_http
        self._processes = Processes()
        self._ports: list[int] = []
        self._laid_out: Place | None = None
        self._counting: psycopg.Connection | None = None

    def lay_out(self, broker: Broker, databases: Databases) -> None:
        self._laid_out = lay_out(broker, databases, self._subscriptions)

    def start(self, processes: int = 1) -> None:
        first = free_ports(processes)
        self._ports = list(range(first, first + processes))
        for number, port in enumerate(self._ports, start=1):
            for service in SERVICES:
                self._processes.start(f"{service}-{number}", self._command(service, port), self._told(service, port))
        wait_until(self._serves, seconds=60, what=f"{self.name} serving")

    def stop(self) -> None:
        self._processes.stop()

    def close(self) -> None:
        self._processes.close()
        if self._counting is not None:
            self._counting.close()
            self._counting = None
        if self._laid_out is not None:
            self._laid_out.remove()
            self._laid_out = None

    @property
    def intake_uri(self) -> str:
        return self.place.amqp_uri

    @property
    def reports_url(self) -> str | None:
        return f"http://127.0.0.1:{self._ports[0]}/reports" if self._has_http else None

    def notifications(self) -> int:
        if self._counting is None:
            self._counting = psycopg.connect(self.place.database_url("notify"), autocommit=True)
        row = self._counting.execute("select count(*) from notifications").fetchone()
        assert row is not None
        return int(row[0])

    @property
    def processes(self) -> Mapping[str, int]:
        return self._processes.pids

    @property
    def databases(self) -> Sequence[str]:
        return [self.place.database_url(service) for service in SERVICES]

    @property
    def notified(self) -> tuple[str, str, str]:
        return self.place.database_url("notify"), "notifications", "reference"

    def references(self) -> Mapping[str, str]:
        return {}

    @property
    def place(self) -> Place:
        assert self._laid_out is not None, "lay_out comes first"
        return self._laid_out

    def said(self) -> str:
        """What its processes printed: nothing, as long as nothing is wrong."""
        return self._processes.said()

    def _told(self, service: str, port: int) -> Mapping[str, str]:
        return {
            "AMQP_URI": self.place.amqp_uri,
            "DATABASE_URL": self.place.database_url(service),
            "WEB_PORT": str(port),
        }

    def _serves(self) -> bool:
        self._processes.require_alive()
        answers = all(listens(port) for port in self._ports) if self._has_http else True
        return answers and self.place.consumed(len(self._ports))


def naive() -> Baseline:
    """nameko as its own examples use it. Queues are named as nameko names them."""
    subscriptions = (
        _INTAKE,
        Subscription("evt-tickets-ticket.opened--routing.decide", "tickets.events", "ticket.opened"),
        Subscription("evt-routing-handoff.routed--tickets.offer", "routing.events", "handoff.routed"),
        Subscription("evt-tickets-handoff.offered--notify.tell", "tickets.events", "handoff.offered"),
    )
    return Baseline("nameko", subscriptions, lambda service, _: [*_python("bench.contenders.naive.run"), service])


def faststream() -> Baseline:
    """FastStream as its documentation uses it."""

    def command(service: str, port: int) -> Sequence[str]:
        app = f"bench.contenders.faststream.{service}:app"
        if service == "tickets":
            return [*_python("uvicorn"), app, "--port", str(port), "--log-level", "warning", "--no-access-log"]
        return [*_python("faststream"), "run", app]

    return Baseline("faststream", _plain(), command)


def limit() -> Baseline:
    """No framework, nothing checked, everything in batches: what the machine can do at most."""
    command = _python("bench.contenders.limit.run")
    return Baseline("limit", _plain(), lambda service, _: [*command, service], has_http=False)


def _plain() -> Sequence[Subscription]:
    return (
        _INTAKE,
        Subscription("routing.tickets", "tickets.events", "ticket.opened"),
        Subscription("tickets.decisions", "routing.events", "handoff.routed"),
        Subscription("notify.offers", "tickets.events", "handoff.offered"),
    )


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]
