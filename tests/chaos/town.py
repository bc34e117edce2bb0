"""A system under chaos: its processes, its links, and the ways in that no fault touches."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from estafet.relay.database import Database, connect
from estafet.settings import SERVICES, from_environment
from tests.bed import Postgres, RabbitMQ
from tests.chaos.courier import Courier
from tests.chaos.fleet import Fleet
from tests.chaos.flight import Flight
from tests.chaos.network import Network
from tests.chaos.postbox import Postbox
from tests.chaos.unit import Unit
from tests.e2e.servers import Servers, lay_out
from tests.e2e.system import Deployed, System
from tests.support.limits import UNLIMITED

if TYPE_CHECKING:
    from tests.chaos.cluster.nodes import Nodes
    from tests.chaos.cluster.replicas import Replicas

REPLICAS = 2


class Town:
    """What faults, load and audit see of a running system. ``longest`` is how long a link may be frozen, in seconds."""

    form = "deployed"

    def __init__(
        self, system: System, mailbox: Postbox, fleet: Fleet | Replicas, network: Network, longest: float
    ) -> None:
        self.system = system
        self.mailbox = mailbox
        self.fleet = fleet
        self.network = network
        self.longest = longest
        self.rabbitmq: RabbitMQ | None = None
        self.postgres: Postgres | None = None
        self.servers: Servers | None = None
        self.courier: Courier | None = None
        self.nodes: Nodes | None = None
        #: Where another app finds the broker: its nodes, or none.
        self.app_uris: list[str] = []
        #: Called once before the first process is replaced by another release's.
        self.prepare_release: Callable[[], None] = lambda: None
        settings = from_environment(system.environment)
        self.databases: dict[str, Database] = {name: connect(settings.database(name), pool_size=3) for name in SERVICES}
        self.flight = Flight(self.databases["notify"])
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def urls(self, service: str = "tickets") -> list[str]:
        """Where the service's replicas are just now."""
        return [unit.url(service) for unit in self.fleet.of(service)]

    def wait_for_city(self) -> None:
        """Until every replica of tickets knows the directory."""
        for url in self.urls():
            self.system.url = url
            self.system.wait_for_city()

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """One fault at a time strikes this."""
        with self._locks[name]:
            yield

    def close(self) -> None:
        for database in self.databases.values():
            database.engine.dispose()


@contextmanager
def embedded(folder: Path, program: Sequence[str]) -> Iterator[Town]:
    """One process, files, and a mail server."""
    with Postbox() as mailbox, Network() as network:
        environment = {**UNLIMITED, "ESTAFET_SMTP_URL": mailbox.url}
        system = System(folder, [SERVICES], environment).prepare()
        with Fleet([Unit("estafet", SERVICES, program, system.environment, folder)]) as fleet:
            town = Town(system, mailbox, fleet, network, longest=0)
            town.form = "embedded"
            try:
                yield town
            finally:
                town.close()


@contextmanager
def deployed(folder: Path, program: Sequence[str], longest: float, seed: int, home: Path) -> Iterator[Town]:
    """Two processes for each service on a broker and a database server of their own, every link through a proxy.

    ``home``: where the code is that they run. Databases and broker are prepared by this release.
    """
    with ExitStack() as stack:
        mailbox = stack.enter_context(Postbox())
        rabbitmq = stack.enter_context(RabbitMQ())
        postgres = stack.enter_context(Postgres())
        network = stack.enter_context(Network())
        servers = lay_out(rabbitmq, postgres)
        system = Deployed(folder, servers.amqp, servers.database_url, UNLIMITED).prepare()
        courier = stack.enter_context(Courier(servers, seed))
        units = [
            _unit(service, number, system, program, network, (rabbitmq, postgres, servers, mailbox))
            for service in SERVICES
            for number in range(1, REPLICAS + 1)
        ]
        for unit in units:
            unit.home = home
        fleet = stack.enter_context(Fleet(units))
        town = Town(system, mailbox, fleet, network, longest)
        town.rabbitmq, town.postgres, town.servers, town.courier = rabbitmq, postgres, servers, courier
        town.app_uris = [network.link("app broker", servers.amqp("intake"), rabbitmq.port)]
        stack.callback(town.close)
        yield town


def _unit(
    service: str,
    number: int,
    system: System,
    program: Sequence[str],
    network: Network,
    behind: tuple[RabbitMQ, Postgres, Servers, Postbox],
) -> Unit:
    rabbitmq, postgres, servers, mailbox = behind
    name = f"{service}-{number}"
    database_url = servers.database_url.replace("{service}", service)
    environment = {
        **system.environment,
        "ESTAFET_AMQP_URI": network.link(f"{name} broker", servers.amqp(service), rabbitmq.port),
        "ESTAFET_DATABASE_URL": network.link(f"{name} database", database_url, postgres.port),
    }
    if service == "notify":
        environment["ESTAFET_SMTP_URL"] = network.link(f"{name} mail", mailbox.url, mailbox.port)
    return Unit(name, (service,), program, environment, system.folder)
