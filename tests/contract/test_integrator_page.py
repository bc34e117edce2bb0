"""The examples of docs/integrator.md are run as they stand, with the accounts the page gives them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pika
import pytest

from estafet.client import Listener
from estafet.events import Event, parse
from estafet.events.definitions import VHOST
from estafet.events.documents import ROOT
from estafet.events.golden import GOLDEN
from estafet.events.intake import ReportSubmitted
from estafet.relay.backoff import Backoff
from tests.bed import Broker
from tests.bed.process import wait_until

SUBMITTED = "evt-intake-report.submitted--tickets.submit"

#: What `nameko run` does, had it not needed a package that is gone.
RUN = """
import os
import eventlet
eventlet.monkey_patch()
{example}
from nameko.runners import ServiceRunner
runner = ServiceRunner({{"AMQP_URI": os.environ["BROKER"]}})
runner.add_service(Peer)
runner.start()
runner.wait()
"""


def _example(importing: str) -> str:
    page = (ROOT / "docs/integrator.md").read_text()
    (found,) = (code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if importing in code)
    return str(found)


def _environment(broker: Broker, user: str) -> dict[str, str]:
    return {**os.environ, "BROKER": broker.uri(user, vhost=VHOST), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _channel(broker: Broker, user: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(broker.uri(user, vhost=VHOST))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel


def test_plain_pika_sends_a_report_and_is_answered(broker: Broker) -> None:
    script = [sys.executable, "-c", _example("import pika")]
    subprocess.run(script, env=_environment(broker, "intake"), check=True, timeout=60)
    with _channel(broker, "tickets") as channel:
        _, properties, body = channel.basic_get(SUBMITTED, auto_ack=True)
        assert properties.delivery_mode == 2
        assert ReportSubmitted().load(dict(parse(body).data))["reference"] == "000123"
        answer = (GOLDEN / "report.accepted.v1.json").read_bytes()
        channel.basic_publish("tickets.events", "report.accepted", answer, mandatory=True)
    with _channel(broker, "intake") as channel:
        assert channel.basic_get("app-intake.answers", auto_ack=True)[2] == answer


def test_plain_nameko_with_its_defaults_receives_offers(broker: Broker, tmp_path: Path) -> None:
    said = tmp_path / "said"
    program = RUN.format(example=_example("class Peer"))
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", program], env=_environment(broker, "peer"), stdout=out, stderr=subprocess.STDOUT
        )
    try:
        queue = "evt-tickets-handoff.offered--peer.offered"
        wait_until(lambda: _is_consumed(broker, queue, process, said), what="plain nameko listening")
        properties = pika.BasicProperties(content_type="application/json", content_encoding="utf-8", delivery_mode=2)
        with _channel(broker, "tickets") as channel:
            body = (GOLDEN / "handoff.offered.v1.json").read_bytes()
            channel.basic_publish("tickets.events", "handoff.offered", body, properties, mandatory=True)
        wait_until(lambda: "KDR-7F3K-92Q kelurahan-banjaran" in said.read_text(), what="the offer arriving")
    finally:
        process.kill()
        process.wait()


def _is_consumed(broker: Broker, queue: str, process: subprocess.Popen[bytes], said: Path) -> bool:
    if process.poll() is not None:
        pytest.fail(f"plain nameko ended: {said.read_text()}")
    return bool(broker.queues(VHOST).get(queue, {}).get("consumers"))


def test_our_client_sends_a_report_and_hears_what_became_of_it(broker: Broker) -> None:
    there = broker.uri("wali", vhost=VHOST)
    sends, listens = (
        _example(name).replace("amqp://wali:password@broker/estafet", there)
        for name in ("import Intake", "import listen")
    )
    subprocess.run([sys.executable, "-c", sends], check=True, timeout=60)
    with _channel(broker, "tickets") as channel:
        assert parse(channel.basic_get(SUBMITTED, auto_ack=True)[2]).id == "wali-000123"
        process = subprocess.Popen([sys.executable, "-uc", listens], stdout=subprocess.PIPE, text=True)
        try:
            wait_until(
                lambda: broker.queues(VHOST).get("app-wali.told", {}).get("consumers"), what="our client listening"
            )
            channel.basic_publish(
                "tickets.events", "handoff.accepted", (GOLDEN / "handoff.accepted.v1.json").read_bytes()
            )
            assert process.stdout
            assert process.stdout.readline() == "handoff.accepted KDR-7F3K-92Q front-desk\n"
        finally:
            process.kill()
            process.wait()


def test_what_our_client_put_away_is_handed_in_again(broker: Broker) -> None:
    listener, heard = Listener(Backoff(first=0.01, factor=1, longest=0.01, attempts=2)), list[Event]()

    @listener("handoff.accepted", queue="app-wali.told")
    def told(event: Event) -> None:
        raise RuntimeError("not mended yet")

    thread = threading.Thread(target=listener.run, args=[broker.uri("wali", vhost=VHOST)])
    thread.start()
    with _channel(broker, "tickets") as channel, _channel(broker, "wali") as own:
        wait_until(lambda: broker.queues(VHOST).get("app-wali.told", {}).get("consumers"), what="our client listening")
        channel.basic_publish("tickets.events", "handoff.accepted", (GOLDEN / "handoff.accepted.v1.json").read_bytes())
        wait_until(lambda: broker.queues(VHOST)["app-wali.told.dead"]["messages"], what="the dead letter")
        listener.stop()
        thread.join()
        exec(_example("app-wali.told.dead"), {"channel": own, "told": heard.append})
    # Once or more: the broker lets go of a dead letter when it knows that it arrived, and may send it again before.
    assert {event.subject for event in heard} == {"KDR-7F3K-92Q"}


def test_a_cloudevents_library_reads_the_body() -> None:
    names: dict[str, object] = {"body": (GOLDEN / "handoff.offered.v1.json").read_bytes()}
    exec(_example("import JSONFormat"), names)
    assert names["event"].get_subject() == "KDR-7F3K-92Q"  # type: ignore[attr-defined]
