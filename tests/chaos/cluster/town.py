"""A town whose services, broker and databases are the containers of deploy/cluster.yml."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bed import Broker
from tests.bed.process import free_ports
from tests.chaos.cluster.nodes import Nodes
from tests.chaos.cluster.project import Project, build, gateway
from tests.chaos.cluster.replicas import Replicas
from tests.chaos.network import Network
from tests.chaos.postbox import Postbox
from tests.chaos.town import Town
from tests.e2e.servers import Servers
from tests.e2e.system import ROOT, Deployed
from tests.support.limits import UNLIMITED

_FILES = (ROOT / "docker-compose.yml", ROOT / "deploy/cluster.yml", Path(__file__).with_name("ports.yml"))
#: Each account's password is its name, as the files have it.
_DATABASE = "postgresql+psycopg://{{service}}:{{service}}@127.0.0.1:{port}/{{service}}"


@contextmanager
def cluster(folder: Path, home: Path) -> Iterator[Town]:
    """Built from the code in ``home``, started, and afterwards removed with its volumes."""
    first = free_ports(5)
    amqp, management, postgres = [first, first + 1, first + 2], first + 3, first + 4
    with ExitStack() as stack:
        mailbox = stack.enter_context(Postbox(gateway()))
        project = Project("estafet-chaos", _FILES, _environment(amqp, management, postgres, mailbox))
        build(home)
        stack.callback(project.compose, "down", "--volumes", "--timeout", "15")
        project.compose("up", "-d", "--no-build")
        broker = Broker(f"amqp://ops:ops@127.0.0.1:{amqp[0]}/", f"http://127.0.0.1:{management}")
        servers = Servers(broker, "estafet", _DATABASE.format(port=postgres))
        system = Deployed(folder, servers.amqp, servers.database_url, UNLIMITED)
        fleet = Replicas(project)
        fleet.wait_alive()
        town = Town(system, mailbox, fleet, stack.enter_context(Network()), longest=8.0)
        stack.callback(town.close)
        town.form, town.servers, town.nodes = "cluster", servers, Nodes(project, broker)
        town.app_uris = [f"amqp://intake:intake@127.0.0.1:{port}/estafet" for port in amqp]
        town.prepare_release = lambda: fleet.prepare(project, ROOT)
        town.nodes.wait_whole()
        yield town


def _environment(amqp: list[int], management: int, postgres: int, mailbox: Postbox) -> dict[str, str]:
    return {
        **{f"CHAOS_AMQP_{number}": str(port) for number, port in enumerate(amqp, start=1)},
        "CHAOS_MANAGEMENT": str(management),
        "CHAOS_POSTGRES": str(postgres),
        "RABBITMQ_COOKIE": "chaos",
        "REPLICATION_PASSWORD": "chaos",
        "ESTAFET_SMTP_URL": mailbox.url,
        **UNLIMITED,
    }
