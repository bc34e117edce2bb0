"""Tickets alone, on both databases."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from estafet.relay import migrate
from estafet.relay.database import connect
from estafet.relay.work import Works
from tests.bed import Databases
from tests.bed.process import end, free_port, require_alive, wait_until
from tests.integration.tickets.served import Served
from tests.integration.tickets.town import DIRECTORY, Clock, Town, message
from tests.support.limits import UNLIMITED


@pytest.fixture
def bare(migrated_url: Callable[[str, str], str], kind: str) -> Iterator[Town]:
    """A town that has not heard from routing yet."""
    database = connect(migrated_url("tickets", kind))
    clock = Clock()
    yield Town(Works("tickets", database, clock), clock)
    database.engine.dispose()


@pytest.fixture
def town(bare: Town) -> Town:
    bare.deliver(message("directory.published", DIRECTORY))
    return bare


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service as a process, over ``memory://``. What routing would say, tests write into its database."""
    folder = tmp_path_factory.mktemp(f"tickets-{request.param}")
    url = f"sqlite:///{folder / 'tickets.sqlite'}"
    if request.param == "postgresql":
        databases: Databases = request.getfixturevalue("postgres")
        url = databases.create_database(databases.fresh_name("tickets"))
    with serving(url, folder) as served:
        yield served


@contextmanager
def serving(url: str, folder: Path, **settings: str) -> Iterator[Served]:
    """The service, on a database of its own."""
    migrate.upgrade("tickets", url)
    database = connect(url)
    clock = Clock()
    town = Town(Works("tickets", database, clock), clock)
    with running(url, folder, **settings) as client:
        problem = client.get("/api/v1/directory").json()
        assert problem["type"] == "urn:estafet:problem:unavailable"
        town.deliver(message("directory.published", DIRECTORY))
        wait_until(lambda: client.get("/readyz").status_code == 200, what="readiness")
        yield Served(client, town, folder / "log")
    database.engine.dispose()


@contextmanager
def running(url: str, folder: Path, **more: str) -> Iterator[httpx.Client]:
    port = int(more.get("ESTAFET_HTTP_ADDRESS", f":{free_port()}").rpartition(":")[2])
    settings = {
        **UNLIMITED,
        "ESTAFET_DATABASE_URL": url,
        "ESTAFET_DATA": str(folder),
        "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{port}",
        "ESTAFET_AMQP_URI": "memory://",
        **more,
    }
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "estafet.runner", "tickets"],
            env={**os.environ, **settings},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def answers() -> bool:
        require_alive(process, log, "tickets")
        try:
            return client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        try:
            wait_until(answers, what="tickets to answer")
            yield client
            require_alive(process, log, "tickets")
        finally:
            end(process, how=signal.SIGTERM)
