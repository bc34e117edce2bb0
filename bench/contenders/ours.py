"""Our own system, as it is deployed: a process for each service, each with its broker's user and database."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from estafet.settings import SERVICES
from tests.bed import Broker, Databases
from tests.e2e.servers import Servers, lay_out
from tests.e2e.system import Deployed

#: What a report comes to at the end of the flow that all contenders have in common.
TOLD = "select count(*) from deliveries where template = 'handoff-offered-receiver'"


#: Where no mail server is: letters wait, and are tried again each second.
_NOWHERE = {"ESTAFET_SMTP_URL": "smtp://127.0.0.1:1"}


class Ours:
    """``letters``: whether they are written, to a folder; the others' notifications are a row, and end there."""

    def __init__(self, letters: bool = True) -> None:
        self.letters = letters
        self.name = "estafet" if letters else "estafet, no letters"
        self._environment = {} if letters else _NOWHERE
        self._servers: Servers | None = None
        self._replicas: list[Deployed] = []
        self._connections: dict[str, psycopg.Connection[tuple[Any, ...]]] = {}

    def lay_out(self, broker: Broker, databases: Databases) -> None:
        self._servers = lay_out(broker, databases)
        self._replica().prepare()

    def start(self, processes: int = 1) -> None:
        while len(self._replicas) < processes:
            self._replica()
        for replica in self._replicas[:processes]:
            replica.start()
        self.system.wait_for_city()

    def stop(self) -> None:
        for replica in self._replicas:
            replica.stop()

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        for replica in self._replicas:
            replica.close()
        if self._servers is not None:
            self._servers.broker.delete_vhost(self._servers.vhost)

    @property
    def system(self) -> Deployed:
        """The first of the replicas, whose HTTP API is asked."""
        return self._replicas[0]

    @property
    def intake_uri(self) -> str:
        return self.system.amqp("intake")

    @property
    def reports_url(self) -> str | None:
        return f"{self.system.url}/api/v1/reports"

    def notifications(self) -> int:
        return int(self.rows("notify", TOLD)[0][0])

    @property
    def processes(self) -> Mapping[str, int]:
        return {
            f"{'-'.join(group)}-{number}": process.pid
            for number, replica in enumerate(self._replicas, start=1)
            for group, process in replica.processes.items()
        }

    @property
    def databases(self) -> Sequence[str]:
        return [self.conninfo(service) for service in SERVICES]

    @property
    def notified(self) -> tuple[str, str, str]:
        return self._database("notify"), "deliveries", "ticket"

    def references(self) -> Mapping[str, str]:
        """Reports are notified of by their codes; apps know them by their references."""
        return dict(self.rows("tickets", "select code, reference from tickets where reference is not null"))

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """What a service's database answers, over a connection that stays: looking must not be the work."""
        if service not in self._connections:
            self._connections[service] = psycopg.connect(self.conninfo(service), autocommit=True)
        return self._connections[service].execute(query.encode()).fetchall()

    def conninfo(self, service: str) -> str:
        """Where psycopg finds a service's database."""
        return self._database(service).replace("postgresql+psycopg", "postgresql")

    def _database(self, service: str) -> str:
        return self.system.environment["ESTAFET_DATABASE_URL"].replace("{service}", service)

    def _replica(self) -> Deployed:
        assert self._servers is not None, "lay_out comes first"
        folder = Path(tempfile.mkdtemp(prefix="estafet-bench-"))
        replica = Deployed(folder, self._servers.amqp, self._servers.database_url, self._environment)
        self._replicas.append(replica)
        return replica
