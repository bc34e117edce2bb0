"""The test bed itself: what it starts is real, keeps its data, and leaves nothing running."""

from collections.abc import Callable
from pathlib import Path

import kombu
import psutil
import psycopg
import pytest

from tests.bed import Broker, Postgres, RabbitMQ, install
from tests.bed.databases import Databases
from tests.bed.process import wait_until


def _execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _put(uri: str, queue: str, body: str) -> None:
    with kombu.Connection(uri, transport_options={"confirm_publish": True}) as connection:
        channel = connection.channel()
        kombu.Queue(queue, durable=True).bind(channel).declare()
        kombu.Producer(channel).publish(body, routing_key=queue, delivery_mode=2)


def _get(uri: str, queue: str) -> object:
    with kombu.Connection(uri) as connection:
        message = kombu.Queue(queue, durable=True).bind(connection.channel()).get()
        if message is None:
            return None
        message.ack()
        return message.payload


def test_a_fresh_database_is_empty_and_belongs_to_its_owner(postgres: Databases) -> None:
    name = postgres.fresh_name()
    url = postgres.create_database(name, owner="bed_owner")
    try:
        _execute(url, "CREATE TABLE mine (id int)")
        assert _execute(url, "SELECT tableowner FROM pg_tables WHERE schemaname = 'public'") == [("bed_owner",)]
    finally:
        postgres.drop_database(name)


def test_two_fresh_databases_know_nothing_of_each_other(database_url: Callable[[str], str]) -> None:
    one, other = database_url("tickets"), database_url("tickets")
    _execute(one, "CREATE TABLE held (id int)")
    assert _execute(other, "SELECT count(*) FROM pg_tables WHERE tablename = 'held'") == [(0,)]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_keeps_committed_rows_over_a_restart(mode: str) -> None:
    with Postgres() as server:
        url = server.create_database("kept")
        _execute(url, "CREATE TABLE kept AS SELECT 7 AS id")
        server.restart(mode)  # type: ignore[arg-type]
        assert _execute(url, "SELECT id FROM kept") == [(7,)]


def test_a_message_goes_through_the_fresh_vhost(rabbitmq: Broker, vhost: str, amqp_uri: str) -> None:
    _put(amqp_uri, "errand", "carry this")
    wait_until(lambda: rabbitmq.queues(vhost)["errand"]["messages"] == 1, what="one message waiting")
    assert rabbitmq.queues(vhost)["errand"]["type"] == "quorum"
    assert _get(amqp_uri, "errand") == "carry this"
    wait_until(lambda: rabbitmq.queues(vhost)["errand"]["messages"] == 0, what="no message waiting")


def test_definitions_are_imported(rabbitmq: Broker, vhost: str) -> None:
    queue = {"name": "imported", "vhost": vhost, "durable": True, "auto_delete": False, "arguments": {}}
    rabbitmq.import_definitions({"queues": [queue]})
    assert "imported" in rabbitmq.queues(vhost)


def test_the_broker_says_why_it_refuses(rabbitmq: Broker) -> None:
    with pytest.raises(RuntimeError, match=r"404.*[Nn]ot.[Ff]ound"):
        rabbitmq.queues("no-such-vhost")


def test_rabbitmq_keeps_messages_over_stop_and_kill_and_leaves_nothing_behind() -> None:
    with RabbitMQ() as broker:
        uri = broker.uri(vhost=broker.create_vhost("kept"))
        _put(uri, "errand", "carry this")
        broker.stop()
        broker.start()
        assert _get(uri, "errand") == "carry this"
        _put(uri, "errand", "and this")
        broker.kill()
        broker.start()
        kept = [_get(uri, "errand"), _get(uri, "errand")]
        assert "and this" in kept, "only an acknowledgement may be forgotten, never a confirmed message"
        assert "errand" in broker.ctl("list_queues", "-p", "kept", "name")
        ports = {broker.port, broker.management_port}
    listening = {c.laddr.port for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    assert not ports & listening


def test_a_missing_program_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install, "FOLDERS", {"rabbitmq-server": (), "postgres": ()})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(install.MissingPrograms, match=r"sudo apt-get install rabbitmq-server"):
        install.ensure(["rabbitmq-server"])
