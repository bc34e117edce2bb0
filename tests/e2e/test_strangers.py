"""Apps that know nothing of us but the names: a plain nameko service, and a plain pika script."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pika

from tests.e2e.system import Deployed, System, until

#: Three lines of nameko, with its default configuration, in a process of its own; the rest only starts it.
NAMEKO = """
    import eventlet
    eventlet.monkey_patch()
    import sys
    from nameko.events import event_handler
    from nameko.runners import ServiceRunner

    class Listener:
        name = "peer"

        @event_handler("tickets", "handoff.offered")
        def offered(self, event):
            print(event["subject"], event["data"]["receiver"], flush=True)

    runner = ServiceRunner({"AMQP_URI": sys.argv[1]})
    runner.add_service(Listener)
    runner.start()
    print("listening", flush=True)
    runner.wait()
"""


def test_a_plain_nameko_service_receives_handoff_offered(running: Callable[[str], System], tmp_path: Path) -> None:
    system = running("deployed")
    said = tmp_path / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(NAMEKO), _uri(system, "peer")], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        until(lambda: "listening" in said.read_text(), "the plain nameko service to start")
        with system.client() as client:
            code = client.report({"category": "ktp", "text": "KTP saya rusak."})["code"]
        until(lambda: f"{code} dispendukcapil" in said.read_text(), f"handoff.offered of {code}")
    finally:
        process.kill()
        process.wait()


def test_a_plain_pika_script_submits_and_gets_the_code(running: Callable[[str], System]) -> None:
    system = running("deployed")
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/another-app",
        "type": "id.estafet.report.submitted.v1",
        "time": datetime.now(UTC).isoformat(),
        "data": {"category": "ktp", "text": "Dari aplikasi lain.", "reference": secrets.token_hex(4)},
    }
    parameters = pika.URLParameters(_uri(system, "intake") + "?socket_timeout=10")
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        queue = "app-intake.answers"
        channel.queue_declare(queue, durable=True)
        channel.queue_bind(queue, "tickets.events", "report.accepted")
        properties = pika.BasicProperties(content_type="application/json", delivery_mode=2)
        channel.basic_publish(
            "intake.events", "report.submitted", json.dumps(event).encode(), properties, mandatory=True
        )
        for _, _, body in channel.consume(queue, auto_ack=True, inactivity_timeout=30):
            assert body is not None, f"no report.accepted came\n{system.logs()}"
            accepted = json.loads(body)
            if accepted["data"]["reference"] == event["data"]["reference"]:  # type: ignore[index]
                break
    assert accepted["causationid"] == event["id"]
    assert accepted["data"]["submission"] == {"source": event["source"], "id": event["id"]}
    with system.client() as client:
        assert client.ticket(accepted["data"]["code"])["category"] == "ktp"


def _uri(system: System, app: str) -> str:
    assert isinstance(system, Deployed)
    return system.amqp(app)
