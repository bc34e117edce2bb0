"""A whole system as processes: embedded (one process, files), or deployed (one for each service, with real servers)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import amqp
import httpx
import psutil
from kombu.connection import Connection
from sqlalchemy import create_engine, select, text

from estafet.cli import tokenfile
from estafet.client import Client
from estafet.events import new_id
from estafet.relay.database import Database, connect
from estafet.relay.tables import deferred, outbox
from estafet.settings import PORTS, SERVICES, from_environment
from tests.bed.process import free_ports, wait_until
from tests.support.limits import UNLIMITED

ROOT = Path(__file__).resolve().parents[2]
KEDIRI = ROOT / "city" / "kediri"

#: Seconds for what is awaited; a condition ends the waiting long before.
PATIENCE = 60.0
#: Seconds between two looks: most ask a database or a service, which others wait for too.
_LOOK = 0.1


def until(condition: Callable[[], Any], what: str, timeout: float = PATIENCE) -> Any:
    """As :func:`wait_until`, for what several processes do together."""
    return wait_until(condition, seconds=timeout, what=what, every=_LOOK)


def port_of(service: str, first: int) -> int:
    """Where a service listens, of a process whose first is ``first``."""
    return first + PORTS[service] - PORTS["tickets"]


class System:
    """A system in ``folder``. ``groups``: which services share a process."""

    def __init__(self, folder: Path, groups: Sequence[Sequence[str]], environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.groups = [tuple(group) for group in groups]
        self.port = free_ports(len(SERVICES))
        self.url = f"http://127.0.0.1:{self.port}"
        own = {
            "ESTAFET_DATA": str(folder / "data"),
            "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{self.port}",
            "ESTAFET_URL": self.url,
            "PYTHONUNBUFFERED": "1",
            "NO_COLOR": "1",
            "COLUMNS": "200",
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ESTAFET_")}
        self.environment = {**clean, **own, **UNLIMITED, **environment}
        self.processes: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}
        self._tokens: dict[str, str] = {}

    # Commands

    def estafet(
        self, *arguments: str, check: bool = True, timeout: float = 120, input: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command beside the system; fails the test, with what it said, when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "estafet.cli.main", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            input=input,
        )
        if check:
            assert done.returncode == 0, f"estafet {' '.join(arguments)}\n{done.stdout}\n{done.stderr}\n{self.logs()}"
        return done

    def prepare(self, city: Path | None = KEDIRI) -> System:
        self.estafet("migrate")
        if city:
            self.estafet("city", "load", str(city))
        return self

    # Processes

    def start(self) -> System:
        for group in self.groups:
            self.start_group(group)
        for service in SERVICES:
            self.wait_alive(service)
        return self

    def start_group(self, group: Sequence[str]) -> None:
        log = (self.folder / f"{'-'.join(group)}.log").open("ab")
        self.processes[tuple(group)] = subprocess.Popen(
            [sys.executable, "-m", "estafet.cli.main", "serve", *group],
            cwd=ROOT,
            env=self.environment_of(group),
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def environment_of(self, group: Sequence[str]) -> Mapping[str, str]:
        return self.environment

    def wait_alive(self, service: str) -> None:
        def alive() -> bool:
            for group, process in self.processes.items():
                assert process.poll() is None, f"{group} ended with {process.returncode}\n{self.logs()}"
            try:
                return httpx.get(f"{self.address(service)}/healthz", timeout=5).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        until(alive, f"{service} to answer\n{self.logs()}")

    def kill(self) -> None:
        """kill -9, all at once: nobody gets to finish anything."""
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        self.processes.clear()

    def stop(self) -> None:
        """Ask to stop, as `docker stop` does."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(timeout=20)
        self.processes.clear()

    def stop_group(self, group: Sequence[str]) -> None:
        """One process, asked to stop; the others go on."""
        process = self.processes.pop(tuple(group))
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)

    def close(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                psutil.Process(process.pid).kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        """The end of what the services said, for a failing test to show."""
        return "\n".join(f"== {log.name}\n{log.read_text()[-6000:]}" for log in sorted(self.folder.glob("*.log")))

    # What tests do with it

    def address(self, service: str) -> str:
        """Where it answers HTTP."""
        return f"http://127.0.0.1:{port_of(service, self.port)}"

    @contextmanager
    def database(self, service: str) -> Iterator[Database]:
        """A service's own, past its process."""
        database = connect(from_environment(self.environment).database(service))
        try:
            yield database
        finally:
            database.engine.dispose()

    def publish(self, exchange: str, name: str, body: bytes) -> None:
        """Publish bytes as somebody from outside. In memory only the process itself can: its outbox is given them."""
        row = {"id": new_id(), "exchange": exchange, "name": name, "type": name, "correlation_id": "", "body": body}
        with self.database("tickets") as database, database.begin() as connection:
            connection.execute(outbox.insert().values(**row, created_at=datetime.now(UTC)))

    def deferred(self, service: str) -> list[Any]:
        """What a service could not handle, with bodies."""
        with self.database(service) as database, database.read() as connection:
            return list(connection.execute(select(deferred)))

    def client(self, token: str | None = None) -> Client:
        return Client(self.url, token)

    def tokens(self) -> dict[str, str]:
        """A token of every office, issued when first asked for."""
        if not self._tokens:
            self._tokens = tokenfile.read(tokenfile.for_city(from_environment(self.environment), KEDIRI))
        return self._tokens

    def wait_for_city(self) -> None:
        """Until tickets knows the directory."""
        with self.client() as client:
            until(lambda: _quiet(client.offices), "the directory to reach tickets")


def _quiet(look: Callable[[], Any]) -> Any:
    try:
        return look()
    except Exception:
        return None


class Deployed(System):
    """A process, a broker's user and a database for each service."""

    def __init__(
        self, folder: Path, amqp: Callable[[str], str], database_url: str, environment: Mapping[str, str]
    ) -> None:
        self.amqp = amqp
        # The operator's commands need the databases; they do not need the broker.
        operators = {"ESTAFET_DATABASE_URL": database_url, "ESTAFET_SECRET_KEY": "k" * 32}
        super().__init__(folder, [(service,) for service in SERVICES], {**operators, **environment})

    def environment_of(self, group: Sequence[str]) -> Mapping[str, str]:
        (service,) = group
        database_url = self.environment["ESTAFET_DATABASE_URL"].replace("{service}", service)
        return {**self.environment, "ESTAFET_AMQP_URI": self.amqp(service), "ESTAFET_DATABASE_URL": database_url}

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """What a service's database answers."""
        engine = create_engine(self.environment["ESTAFET_DATABASE_URL"].replace("{service}", service))
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return rows

    def publish(self, exchange: str, name: str, body: bytes) -> None:
        """As an administrator, who may write anywhere. Raises what the broker says against it."""
        with Connection(self.amqp(""), transport_options={"confirm_publish": True}) as connection:
            message = amqp.Message(body, content_type="application/json", delivery_mode=2)
            connection.channel().basic_publish(message, exchange=exchange, routing_key=name)
