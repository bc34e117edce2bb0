"""What the broker's management answers is believed only as far as it has the form that we know."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from estafet.cli.failure import Failure
from estafet.cli.messages.management import Counted, counted, vhost_of
from estafet.settings import from_environment

REQUEST = httpx.Request("GET", "http://127.0.0.1:15672/api/queues/estafet")


def answer(status: int = 200, **content: Any) -> httpx.Response:
    return httpx.Response(status, request=REQUEST, **content)


@pytest.mark.parametrize(
    ("uri", "vhost"),
    [
        ("", "estafet"),
        ("amqp://ops:ops@rabbitmq:5672/estafet", "estafet"),
        ("amqp://ops:ops@rabbitmq:5672/", "/"),
        ("amqps://ops:ops@rabbitmq/%2Fkediri", "/kediri"),
    ],
)
def test_the_virtual_host_is_the_one_the_services_use(uri: str, vhost: str) -> None:
    assert vhost_of(from_environment({"ESTAFET_AMQP_URI": uri})) == vhost


def test_a_queue_as_the_broker_counts_it() -> None:
    stats = {"publish_details": {"rate": 2.5}, "ack_details": {"rate": 0.0}, "deliver": 7}
    busy = {"name": "busy", "messages_ready": 3, "messages_unacknowledged": 2, "consumers": 1, "message_stats": stats}
    assert counted(answer(json=[busy, {"name": "new"}]), "estafet") == {
        "busy": Counted(3, 2, 1, 2.5, 0.0),
        "new": Counted(0, 0, 0, None, None),
    }


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (answer(401), "refuses the account"),
        (answer(404), "no virtual host estafet"),
        (answer(503, text="busy"), "not RabbitMQ's management"),
        (answer(text="<html>"), "not RabbitMQ's management"),
        (answer(json={"queues": []}), "not RabbitMQ's management"),
        (answer(json=[{"name": 7}]), "not RabbitMQ's management"),
        (answer(json=[{"name": "x", "messages_ready": "many"}]), "not RabbitMQ's management"),
    ],
)
def test_any_other_answer_is_a_sentence(said: httpx.Response, says: str) -> None:
    with pytest.raises(Failure, match=says):
        counted(said, "estafet")
