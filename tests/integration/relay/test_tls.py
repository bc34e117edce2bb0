"""RabbitMQ by TLS: what is trusted works as without, and what is not is said in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from estafet.events.definitions import VHOST, definitions
from estafet.relay.amqp import AmqpTransport
from estafet.relay.errors import BrokerRefused
from tests.bed import RabbitMQ
from tests.bed.process import wait_until
from tests.integration.relay.processes import Process
from tests.integration.relay.station import Handled, Station, open_database, remember
from tests.support import certificates

NOTIFY = ["evt-tickets-reporter.erased--notify.remember"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def broker(folder: Path) -> Iterator[RabbitMQ]:
    with RabbitMQ(certificates=folder) as broker:
        broker.import_definitions(definitions(rabbitmq=3 if broker.version < (4,) else 4))
        yield broker


def uri(broker: RabbitMQ, user: str, host: str = "127.0.0.1") -> str:
    return f"amqps://{user}:{user}@{host}:{broker.tls_port}/{VHOST}"


def test_messages_go_to_and_fro(broker: RabbitMQ, folder: Path, database_url: Callable[[str], str]) -> None:
    def station(service: str, handled: Handled | None = None) -> Station:
        transport = AmqpTransport(uri(broker, service, "localhost"), heartbeat=1, tls_ca=folder / "ca.crt")
        subscriptions = [remember(handled)] if handled else []
        return Station(service, open_database(database_url(service)), transport, subscriptions)

    handled = Handled()
    tickets, notify = station("tickets"), station("notify", handled)
    with tickets.running(), notify.running():
        subjects = tickets.emit(500)
        wait_until(lambda: len(handled.calls) >= len(subjects), what="handled")
    assert sorted(handled.calls) == sorted(subjects)


def test_they_do_in_the_services_own_loop(
    broker: RabbitMQ, folder: Path, database_url: Callable[[str], str], tmp_path: Path
) -> None:
    """eventlet's sockets and py-amqp's reading ahead have to agree on TLS."""

    def process(service: str) -> Process:
        return Process(
            tmp_path / service,
            service,
            ESTAFET_AMQP_URI=uri(broker, service),
            ESTAFET_TLS_CA=str(folder / "ca.crt"),
            ESTAFET_DATABASE_URL=database_url(service),
        )

    before = _acknowledged(broker)
    with process("tickets") as tickets, process("notify") as notify:
        wait_until(lambda: "started" in tickets.text(), what="started")
        tickets.emit(300)
        wait_until(lambda: "committed" in tickets.text(), what="committed")
        wait_until(lambda: _acknowledged(broker) >= before + 300, what="handled\n" + notify.text())
        assert tickets.stop() == 0
        assert notify.stop() == 0


def _acknowledged(broker: RabbitMQ) -> int:
    queue = cast("dict[str, dict[str, int]]", broker.api("GET", f"/queues/{VHOST}/{NOTIFY[0]}"))
    return queue.get("message_stats", {}).get("ack", 0)


@pytest.mark.parametrize(("host", "authority"), [("127.0.0.2", "ours"), ("127.0.0.1", "another"), ("127.0.0.1", None)])
def test_what_is_not_trusted_stops_the_service_with_a_sentence(
    broker: RabbitMQ, folder: Path, tmp_path: Path, host: str, authority: str | None
) -> None:
    ca = {"ours": folder, "another": certificates.make(tmp_path / "another")}.get(authority or "")
    transport = AmqpTransport(uri(broker, "notify", host), tls_ca=ca and ca / "ca.crt")
    with pytest.raises(BrokerRefused) as caught:
        transport.consuming("notify", NOTIFY)
    assert str(caught.value).startswith("The broker's certificate cannot be trusted (")
    assert "ESTAFET_TLS_CA" in str(caught.value)
