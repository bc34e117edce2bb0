"""Other apps' client: what it hears, and where that goes which it cannot handle."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import amqp
import pytest
from kombu import Connection

from estafet.client import Listener
from estafet.events import Event, parse
from estafet.events.definitions import VHOST
from estafet.events.golden import golden
from estafet.events.page import LISTENING
from estafet.relay.backoff import Backoff
from estafet.relay.errors import BrokerRefused
from tests.bed import Broker
from tests.bed.process import wait_until

SOON = Backoff(first=0.02, factor=2, longest=0.1, attempts=3)
OFFERED = json.loads(golden("handoff.offered"))


@pytest.fixture
def channel(broker: Broker) -> Iterator[amqp.Channel]:
    """An administrator's; without the queues of wali before and after."""
    with Connection(broker.uri(vhost=VHOST)) as connection:
        channel = connection.channel()
        yield channel
        for queue in broker.queues(VHOST):
            if queue.startswith("app-wali."):
                channel.queue_delete(queue)


def _say(channel: amqp.Channel, body: bytes | str, key: str = "handoff.offered") -> None:
    message = amqp.Message(body, content_type="application/json", delivery_mode=2)
    channel.basic_publish(message, exchange="tickets.events", routing_key=key)


def _offered(id: str, **changes: Any) -> str:
    return json.dumps({**OFFERED, "id": id, **changes})


@contextmanager
def _running(listener: Listener, broker: Broker, *queues: str) -> Iterator[None]:
    """In a thread, from when its queues are consumed."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            listener.run(broker.uri("wali", vhost=VHOST))
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(lambda: failed or _consumed(broker, *queues), what=f"{queues} consumed")
        yield
    finally:
        listener.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert failed == []


def _consumed(broker: Broker, *queues: str) -> bool:
    there = broker.queues(VHOST)
    return all(queue in there and there[queue]["consumers"] for queue in queues)


def _take(channel: amqp.Channel, queue: str) -> bytes:
    """The one message that comes into a queue."""
    found: list[amqp.Message] = []
    wait_until(lambda: found or found.extend(filter(None, [channel.basic_get(queue, no_ack=True)])), what=queue)
    body = found[0].body
    return body.encode() if isinstance(body, str) else bytes(body)


def test_a_function_hears_its_events_in_a_queue_of_its_own(broker: Broker, channel: amqp.Channel) -> None:
    heard: list[Event] = []
    listener = Listener()

    @listener("handoff.offered", "handoff.accepted")
    def told(event: Event) -> None:
        heard.append(event)

    @listener("ticket.closed", queue="app-wali.closed")
    def closed(event: Event) -> None:
        heard.append(event)

    with _running(listener, broker, "app-wali.told", "app-wali.closed"):
        for name in ("handoff.offered", "handoff.accepted", "handoff.refused", "ticket.closed"):
            _say(channel, golden(name), name)
        wait_until(lambda: len(heard) == 3, what="three events")
    assert sorted(event.name for event in heard) == ["handoff.accepted", "handoff.offered", "ticket.closed"]
    assert parse(golden("handoff.offered")) in heard
    assert broker.queues(VHOST)["app-wali.told"]["type"] == "quorum"
    assert channel.basic_get("app-wali.told") is None


def test_what_is_said_while_it_is_away_waits(broker: Broker, channel: amqp.Channel) -> None:
    heard: list[str] = []
    listener = Listener()
    listener("handoff.offered", queue="app-wali.later")(lambda event: heard.append(event.id))
    with _running(listener, broker, "app-wali.later"):
        pass
    _say(channel, _offered("meanwhile"))
    with _running(listener, broker, "app-wali.later"):
        wait_until(lambda: heard == ["meanwhile"], what="what was said meanwhile")


def test_a_failing_function_is_tried_again_and_at_last_its_message_put_away(
    broker: Broker, channel: amqp.Channel
) -> None:
    tries: list[str] = []
    listener = Listener(SOON)

    @listener("handoff.offered")
    def fragile(event: Event) -> None:
        tries.append(event.id)
        if event.id == "never" or tries.count("third time") in (1, 2):
            raise RuntimeError("not now")

    with _running(listener, broker, "app-wali.fragile"):
        for id in ("third time", "never", "fine"):
            _say(channel, _offered(id))
        wait_until(lambda: "fine" in tries, what="the message behind")
        assert tries == ["third time"] * 3 + ["never"] * 3 + ["fine"]
        assert json.loads(_take(channel, "app-wali.fragile.dead"))["id"] == "never"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"{}", _offered("incomplete", data={"sender": "x"}).encode()])
def test_what_cannot_be_read_is_kept_byte_for_byte(broker: Broker, channel: amqp.Channel, body: bytes) -> None:
    heard: list[str] = []
    listener = Listener(SOON)
    listener("handoff.offered", queue="app-wali.reads")(lambda event: heard.append(event.id))
    with _running(listener, broker, "app-wali.reads"):
        _say(channel, body)
        _say(channel, _offered("good"))
        assert _take(channel, "app-wali.reads.dead") == body
        wait_until(lambda: heard == ["good"], what="the good one")


def test_unknown_fields_are_ignored_and_other_versions_left_to_others(broker: Broker, channel: amqp.Channel) -> None:
    heard: list[str] = []
    listener = Listener()
    listener("handoff.offered", queue="app-wali.old")(lambda event: heard.append(event.id))
    with _running(listener, broker, "app-wali.old"):
        _say(channel, _offered("v2", type="id.estafet.handoff.offered.v2", data={"other": 1}))
        _say(channel, _offered("grown", later=True, data={**OFFERED["data"], "later": 1}))
        wait_until(lambda: heard == ["grown"], what="the event it knows")
    assert channel.basic_get("app-wali.old.dead") is None


def test_a_lost_connection_is_made_again(broker: Broker, channel: amqp.Channel) -> None:
    heard: list[str] = []
    listener = Listener()
    listener("handoff.offered", queue="app-wali.steady")(lambda event: heard.append(event.id))
    with _running(listener, broker, "app-wali.steady"):
        wait_until(lambda: _close_connections(broker), what="its connection ended")
        _say(channel, _offered("after"))
        wait_until(lambda: heard == ["after"], what="what came after")


def _close_connections(broker: Broker) -> bool:
    """The management learns of a connection a moment after it is made."""
    found = [each["name"] for each in broker.api("GET", "/connections") if each.get("user") == "wali"]
    for name in found:
        broker.api("DELETE", f"/connections/{name.replace(' ', '%20').replace('>', '%3E')}")
    return bool(found)


#: Ends with its process, as a fault in a library may.
DEADLY = """
    import os, sys
    from estafet.client import listen

    @listen("handoff.offered")
    def deadly(event):
        os._exit(1) if event.id == "poison" else print(event.id, flush=True)

    listen.run(sys.argv[1])
"""


def test_what_ends_its_process_again_and_again_is_put_away(broker: Broker, channel: amqp.Channel) -> None:
    command = [sys.executable, "-c", textwrap.dedent(DEADLY), broker.uri("wali", vhost=VHOST)]
    process = subprocess.Popen(command)
    wait_until(lambda: _consumed(broker, "app-wali.deadly"), what="the queue")
    _say(channel, _offered("poison"))
    for _ in range(5):
        assert process.wait(20) == 1
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.wait(20) == 1
    finally:
        process.kill()
        process.wait()
    assert json.loads(_take(channel, "app-wali.deadly.dead"))["id"] == "poison"


def test_what_there_is_not_or_is_not_for_apps_is_said_at_once(broker: Broker) -> None:
    listener = Listener()
    for name in ("handoff.acepted", "reporter.given", "deadline.passed", "report.submitted"):
        with pytest.raises(ValueError, match=r"there is no event .* there are .*handoff\.accepted"):
            listener(name)
    with pytest.raises(ValueError, match="at least one"):
        listener.run(broker.uri("wali", vhost=VHOST))
    other = Listener()
    other("handoff.offered", queue="app-peer.theirs")(lambda event: None)
    with pytest.raises(BrokerRefused, match=r"must be wali's own"):
        other.run(broker.uri("wali", vhost=VHOST))


def test_the_lines_on_the_page_of_contracts_listen(broker: Broker, channel: amqp.Channel) -> None:
    program = LISTENING.replace("amqp://wali:password@broker/estafet", broker.uri("wali", vhost=VHOST))
    process = subprocess.Popen([sys.executable, "-uc", program], stdout=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: _consumed(broker, "app-wali.told"), what="listening")
        _say(channel, golden("handoff.accepted"), "handoff.accepted")
        assert process.stdout
        assert process.stdout.readline() == "KDR-7F3K-92Q kelurahan-banjaran\n"
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
