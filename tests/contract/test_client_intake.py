"""Other apps' client: a report is checked, confirmed by the broker, and safe to send again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import amqp
import pytest
from kombu import Connection

from estafet.client import Intake, Invalid, NotSent
from estafet.events import parse
from estafet.events.definitions import VHOST
from estafet.events.intake import ReportSubmitted
from estafet.events.page import PUBLISHING
from tests.bed import Broker
from tests.bed.process import free_port
from tests.support.proxy import Proxy

SUBMITTED = "evt-intake-report.submitted--tickets.submit"
REPORT = {"category": "ktp", "text": "KTP saya rusak.", "reference": "000123"}


def _url(broker: Broker) -> str:
    return broker.uri("wali", vhost=VHOST)


@pytest.fixture
def channel(broker: Broker) -> Iterator[amqp.Channel]:
    with Connection(broker.uri(vhost=VHOST)) as connection:
        channel = connection.channel()
        yield channel
        channel.queue_purge(SUBMITTED)


def _arrived(channel: amqp.Channel) -> list[amqp.Message]:
    return list(iter(lambda: channel.basic_get(SUBMITTED, no_ack=True), None))


def test_a_report_arrives_as_a_persistent_event_that_the_services_read(broker: Broker, channel: amqp.Channel) -> None:
    with Intake(_url(broker)) as intake:
        id = intake.submit(REPORT)
    (message,) = _arrived(channel)
    event = parse(message.body.encode())
    assert (event.id, event.source, event.correlationid) == (id, "/apps/wali", id)
    assert ReportSubmitted().load(dict(event.data))["reference"] == "000123"
    properties = message.properties
    assert (properties["delivery_mode"], properties["message_id"], properties["user_id"]) == (2, id, "wali")
    assert (properties["content_type"], properties["app_id"]) == ("application/json", "wali")


def test_the_same_id_is_the_same_message(broker: Broker, channel: amqp.Channel) -> None:
    with Intake(_url(broker), source="/apps/wali/halaman-depan") as intake:
        assert intake.submit(REPORT, id="wali-1") == intake.submit(REPORT, id="wali-1") == "wali-1"
    first, second = (parse(each.body.encode()) for each in _arrived(channel))
    assert (first.source, first.id, first.data) == (second.source, second.id, second.data)
    assert first.source == "/apps/wali/halaman-depan"


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"category": None}, {"category": "Field may not be null."}),
        ({"categry": "ktp"}, {"categry": "Unknown field."}),
        ({"reporter": {"emial": "sri@example.org"}}, {"reporter.emial": "Unknown field."}),
        ({"reporter": {"email": "sri"}}, {"reporter.email": "Not a valid email address."}),
        ({"seen": ["Dinas A"]}, {"seen.0": "String does not match expected pattern."}),
        ({"text": "a\x00b"}, {"report": None}),
        ({"hops": object()}, {"hops": "Not a valid integer."}),
    ],
)
def test_what_is_wrong_is_named_and_not_sent(
    broker: Broker, channel: amqp.Channel, change: dict[str, Any], errors: dict[str, str | None]
) -> None:
    with Intake(_url(broker)) as intake, pytest.raises(Invalid) as raised:
        intake.submit({**REPORT, **change})
    assert raised.value.errors.keys() == errors.keys()
    for field, reason in errors.items():
        assert field in str(raised.value)
        assert reason is None or raised.value.errors[field] == reason
    assert _arrived(channel) == []


def test_what_nobody_is_bound_to_was_not_sent(broker: Broker, channel: amqp.Channel) -> None:
    channel.queue_unbind(SUBMITTED, "intake.events", "report.submitted")
    try:
        with (
            Intake(_url(broker)) as intake,
            pytest.raises(NotSent, match=r"nobody is bound to report\.submitted") as raised,
        ):
            intake.submit(REPORT, id="wali-2")
    finally:
        channel.queue_bind(SUBMITTED, "intake.events", "report.submitted")
    assert raised.value.id == "wali-2"
    assert "Submit it again with id='wali-2'" in str(raised.value)


def test_a_wrong_password_is_said_at_once(broker: Broker) -> None:
    began = time.monotonic()
    with Intake(broker.uri("wali", "wrong", VHOST), seconds=30) as intake, pytest.raises(NotSent, match="password"):
        intake.submit(REPORT)
    assert time.monotonic() - began < 10


def test_without_a_broker_it_gives_up_in_time() -> None:
    began = time.monotonic()
    url = f"amqp://wali:wali@127.0.0.1:{free_port()}/estafet"
    with Intake(url, seconds=1) as intake, pytest.raises(NotSent, match="the broker is away"):
        intake.submit(REPORT)
    assert time.monotonic() - began < 3


@contextmanager
def _behind_a_proxy(broker: Broker) -> Iterator[tuple[str, Proxy]]:
    parts = urlsplit(_url(broker))
    assert parts.port
    with Proxy(parts.port) as proxy:
        yield parts._replace(netloc=f"wali:wali@127.0.0.1:{proxy.port}").geturl(), proxy


def test_a_broken_connection_is_made_again(broker: Broker, channel: amqp.Channel) -> None:
    with _behind_a_proxy(broker) as (url, proxy), Intake(url) as intake:
        for number in range(3):
            intake.submit(REPORT, id=f"wali-{number}")
            proxy.cut()
    assert {parse(each.body.encode()).id for each in _arrived(channel)} == {"wali-0", "wali-1", "wali-2"}


def test_a_confirm_that_does_not_come_is_not_waited_for_without_end(broker: Broker, channel: amqp.Channel) -> None:
    with _behind_a_proxy(broker) as (url, proxy), Intake(url, seconds=1.5) as intake:
        intake.submit(REPORT, id="wali-3")
        proxy.stall()
        began = time.monotonic()
        with pytest.raises(NotSent) as raised:
            intake.submit(REPORT, id="wali-4")
        assert time.monotonic() - began < 15
        proxy.flow()
        assert intake.submit(REPORT, id=raised.value.id) == "wali-4"
    assert [parse(each.body.encode()).id for each in _arrived(channel)].count("wali-4") >= 1


def test_the_lines_on_the_page_of_contracts_send_a_report(broker: Broker, channel: amqp.Channel) -> None:
    exec(PUBLISHING.replace("amqp://wali:password@broker/estafet", _url(broker)), {})
    (message,) = _arrived(channel)
    assert json.loads(message.body)["id"] == "wali-000123"
