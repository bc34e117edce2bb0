"""Both forms of a whole system. What a test may break it gets for itself; the rest share one a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from estafet.settings import SERVICES
from tests.bed import Broker, Databases
from tests.e2e.mailbox import Mailbox
from tests.e2e.servers import clear, lay_out
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


@contextmanager
def making(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox
) -> Iterator[Make]:
    """A fresh system of a form, as often as asked; afterwards all are gone, with their queues and databases.

    What idles costs: fifty queues and three processes of a system that nobody needs any more slow down who comes after.
    """
    with ExitStack() as stack:

        def make(form: str) -> System:
            folder = tmp_path_factory.mktemp(form)
            environment = {"ESTAFET_SMTP_URL": mailbox.url}
            if form == "embedded":
                system = System(folder, [SERVICES], environment)
            else:
                broker, databases = request.getfixturevalue("rabbitmq"), request.getfixturevalue("postgres")
                servers = lay_out(broker, databases)
                stack.callback(clear, servers, databases)
                system = Deployed(folder, servers.amqp, servers.database_url, environment)
            stack.callback(system.close)
            return system

        yield make


@pytest.fixture(scope="module")
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Make]:
    """Systems of a file's own."""
    with making(request, tmp_path_factory, mailbox) as make:
        yield make


@pytest.fixture(scope="module")
def deployed(make: Make, rabbitmq: Broker) -> Deployed:
    """A deployed one of a file's own, whose operator also knows the broker's management."""
    system = make("deployed")
    assert isinstance(system, Deployed)
    system.environment["ESTAFET_AMQP_URI"] = system.amqp("ops")
    system.environment["ESTAFET_MANAGEMENT_URL"] = rabbitmq.management("ops", "ops")
    _with_kediri(system)
    return system


@pytest.fixture(params=["embedded", "deployed"])
def form(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def shared_embedded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox
) -> Iterator[System]:
    with making(request, tmp_path_factory, mailbox) as make:
        yield _with_kediri(make("embedded"))


@pytest.fixture(scope="session")
def shared_deployed(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    mailbox: Mailbox,
    rabbitmq: Broker,
    postgres: Databases,
) -> Iterator[System]:
    """Its servers are named here, so that they end after it."""
    with making(request, tmp_path_factory, mailbox) as make:
        yield _with_kediri(make("deployed"))


def _with_kediri(system: System) -> System:
    system.prepare().start().wait_for_city()
    return system


@pytest.fixture(scope="session")
def running(request: pytest.FixtureRequest) -> Running:
    """The shared system of a form, started when first asked for."""

    def running(form: str) -> System:
        system: System = request.getfixturevalue(f"shared_{form}")
        return system

    return running


@pytest.fixture
def system(running: Running, form: str) -> System:
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
