"""Both forms of a whole system. What a test may break it gets for itself; the rest share one a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from estafet.settings import SERVICES
from tests.e2e.mailbox import Mailbox
from tests.e2e.servers import lay_out
from tests.e2e.system import Deployed, System

#: Makes a system that is prepared with nothing and not started.
Make = Callable[[str], System]
#: Answers the shared system of a form.
Running = Callable[[str], System]

GOOD = {"category": "ktp", "text": "KTP saya rusak."}


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture(scope="session")
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Make]:
    """A fresh system of a form; all are gone after the last test."""
    made: list[System] = []

    def make(form: str) -> System:
        folder = tmp_path_factory.mktemp(form)
        environment = {"ESTAFET_SMTP_URL": mailbox.url}
        if form == "embedded":
            system = System(folder, [SERVICES], environment)
        else:
            servers = lay_out(request.getfixturevalue("rabbitmq"), request.getfixturevalue("postgres"))
            system = Deployed(folder, servers.amqp, servers.database_url, environment)
        made.append(system)
        return system

    yield make
    for system in made:
        system.close()


@pytest.fixture(params=["embedded", "deployed"])
def form(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def running(make: Make) -> Callable[[str], System]:
    """The shared system of a form, with Kediri, started when first asked for."""
    started: dict[str, System] = {}

    def running(form: str) -> System:
        if form not in started:
            system = make(form).prepare().start()
            system.wait_for_city()
            started[form] = system
        return started[form]

    return running


@pytest.fixture
def system(running: Callable[[str], System], form: str) -> System:
    return running(form)


@pytest.fixture
def alive(system: System) -> Iterator[None]:
    """The same processes answer after as before, and take a good report to its office."""
    before = {group: process.pid for group, process in system.processes.items()}
    yield
    assert {group: process.pid for group, process in system.processes.items() if process.poll() is None} == before
    for service in SERVICES:
        assert httpx.get(f"{system.address(service)}/healthz", timeout=10).is_success
    with system.client(system.tokens()["auditor"]) as auditor:
        code = auditor.using(None).report(GOOD)["code"]
        auditor.wait_for(code, lambda each: each["status"] == "offered")
