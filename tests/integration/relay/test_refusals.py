"""Where the broker says no, the service stops at once and says what to change."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kombu import Connection

from estafet.relay.amqp import AmqpTransport
from estafet.relay.errors import BrokerRefused
from estafet.relay.migrate import upgrade
from tests.bed.process import free_port, wait_until
from tests.integration.relay.defined import Defined
from tests.integration.relay.processes import Process
from tests.integration.relay.station import ERASED_QUEUE, Handled, remember

EXCHANGE = "tickets.private"


def test_a_wrong_queue_argument_stops_the_service_with_a_sentence(defined: Defined, tmp_path: Path) -> None:
    with Connection(defined.broker.uri(vhost=defined.vhost)) as connection:
        channel = connection.channel()
        channel.queue_delete(ERASED_QUEUE)
        arguments = {"x-queue-type": "classic", "x-max-priority": 3}
        channel.queue_declare(ERASED_QUEUE, durable=True, auto_delete=False, arguments=arguments)
    process = Process(
        tmp_path / "log",
        "notify",
        ESTAFET_AMQP_URI=defined.uri("notify"),
        ESTAFET_DATABASE_URL=defined.database("notify"),
    )
    with process:
        assert process.process.wait(30) == 1
    last = process.text().strip().splitlines()[-1]
    assert last.startswith("The broker refused to declare queue evt-tickets-reporter.erased--notify.remember durable")
    assert "PRECONDITION_FAILED" in last


def test_a_queue_deleted_under_a_running_service_stops_it(defined: Defined) -> None:
    notify = defined.station("notify", remember(Handled()))
    with contextlib.suppress(BrokerRefused), notify.running():
        wait_until(lambda: defined.broker.queues(defined.vhost)[ERASED_QUEUE]["consumers"] == 1, what="consuming")
        with Connection(defined.broker.uri(vhost=defined.vhost)) as connection:
            connection.channel().queue_delete(ERASED_QUEUE)
        wait_until(lambda: notify.failure, what="stopped")
    assert str(notify.failure).startswith(f"The broker refused to find queue {ERASED_QUEUE}")


def test_a_missing_permission_stops_the_service_with_a_sentence(defined: Defined) -> None:
    nobody = {"configure": "", "write": "", "read": ""}
    defined.broker.api("PUT", f"/permissions/{defined.vhost}/notify", nobody)
    notify = defined.station("notify", remember(Handled()))
    with pytest.raises(BrokerRefused, match=r"queue evt-.*notify.*configure permission.*ACCESS_REFUSED"):
        notify.consumer.run()
    defined.broker.api("PUT", f"/permissions/{defined.vhost}/tickets", nobody)
    tickets = defined.station("tickets")
    tickets.emit(1)
    with pytest.raises(BrokerRefused, match=r"publish as tickets.*write permission on tickets.private.*ACCESS_REFUSED"):
        tickets.publisher.run()
    assert tickets.unpublished() == 1


def test_a_wrong_password_is_refused_with_a_sentence(defined: Defined) -> None:
    transport = AmqpTransport(defined.broker.uri("notify", "wrong", vhost=defined.vhost))
    with pytest.raises(BrokerRefused, match=r"connect as notify, whose password.*ACCESS_REFUSED"):
        transport.consuming("notify", [])


def test_a_missing_dead_queue_or_exchange_is_named(defined: Defined) -> None:
    with Connection(defined.broker.uri(vhost=defined.vhost)) as connection:
        connection.channel().queue_delete("notify.dead")
        connection.channel().exchange_delete("tickets.private")
    with pytest.raises(BrokerRefused, match=r"find queue notify.dead.*definitions"):
        defined.transport("notify").consuming("notify", [])
    with pytest.raises(BrokerRefused, match=r"find exchange tickets.private.*definitions"):
        defined.transport("tickets").publishing("tickets")


def _run_notify(uri: str, database: str, data: Path) -> str:
    """What the runner says on its way out: one sentence, and nothing of Python."""
    settings = {
        "ESTAFET_AMQP_URI": uri,
        "ESTAFET_DATABASE_URL": database,
        "ESTAFET_DATA": str(data),
        "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    command = [sys.executable, "-m", "estafet.runner", "notify"]
    environment = {**os.environ, **settings}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    [said] = [line for line in done.stderr.splitlines() if line.startswith("estafet: ")]
    return said


def test_the_runner_ends_with_one_sentence_of_what_the_broker_refused(defined: Defined, tmp_path: Path) -> None:
    database = defined.database("notify")
    upgrade("notify", database)
    defined.broker.api("PUT", f"/permissions/{defined.vhost}/notify", {"configure": "", "write": "", "read": ""})
    said = _run_notify(defined.uri("notify"), database, tmp_path)
    assert said.startswith("estafet: The broker refused to ")
    assert "ACCESS_REFUSED" in said


def test_the_runner_ends_with_one_sentence_on_a_database_never_prepared(defined: Defined, tmp_path: Path) -> None:
    said = _run_notify(defined.uri("notify"), defined.database("notify"), tmp_path)
    assert said.endswith("Prepare it: estafet migrate")
