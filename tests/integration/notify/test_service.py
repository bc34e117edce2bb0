"""notify as a process, with a real broker, database and mail server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from aiosmtpd.controller import Controller
from kombu.connection import Connection
from sqlalchemy import select

from estafet.events import Event, contract, encode
from estafet.relay import topology
from estafet.relay.database import connect
from estafet.relay.migrate import upgrade
from estafet.relay.tables import outbox
from services.notify import preferring
from services.notify.audience import REPORTER
from services.notify.preferences import Preference
from services.notify.tables import deliveries
from tests.bed.process import end, wait_until
from tests.integration.notify.conftest import event
from tests.integration.notify.test_smtp import Mailbox
from tests.unit.notify import samples

ROOT = Path(__file__).parents[3]


@contextmanager
def serving(folder: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log = folder / "notify.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "estafet.runner", "notify"],
            cwd=ROOT,
            env={**os.environ, "ESTAFET_DATA": str(folder), "PYTHONPATH": str(ROOT), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process, how=signal.SIGTERM)


def on_the_wire(each: Event) -> bytes:
    """An event as its publisher sends it: its data as JSON."""
    schema = contract(each.name).schema()
    return encode(replace(each, data=schema.dump(each.data)))


def test_from_event_to_mailbox(tmp_path: Path, amqp_uri: str, database_url: Callable[[str], str]) -> None:
    url = database_url("notify")
    upgrade("notify", url)
    with Connection(amqp_uri) as connection:
        topology.declare_all(connection.channel())
        events = [
            event("reporter.given", "e-1"),
            event("ticket.opened", "e-2", 1),
            event("handoff.offered", "e-3", 2, words="Rahasia\r\nBcc: x@warga.example"),
            event("directory.published", "e-0"),
        ]
        for each in [*events, *events]:
            body, exchange = on_the_wire(each), contract(each.name).exchange
            properties = connection.channel().prepare_message(body, content_type="application/json")
            connection.channel().basic_publish(properties, exchange=exchange, routing_key=each.name)
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    database = connect(url)
    with database.begin() as writing:  # the clock is the real one: it may be night where the city is
        preferring.keep(writing, REPORTER, Preference(), samples.NOW)
    base = _free_port()
    environment = {
        "ESTAFET_AMQP_URI": amqp_uri,
        "ESTAFET_DATABASE_URL": url,
        "ESTAFET_SMTP_URL": f"smtp://127.0.0.1:{controller.port}",
        "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{base}",
    }

    def finished() -> bool:
        with database.read() as reading:
            states = list(reading.scalars(select(deliveries.c.state)))
            unpublished = reading.scalar(select(outbox.c.name).where(outbox.c.published_at.is_(None)).limit(1))
        return states == ["sent"] * 3 and unpublished is None

    try:
        with serving(tmp_path, environment) as process:
            wait_until(finished, seconds=60, what="the three messages sent and published")
            ready = httpx.get(f"http://127.0.0.1:{base + 2}/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "ready")
            end(process, how=signal.SIGTERM)
            assert process.returncode == 0
    finally:
        controller.stop()
        database.engine.dispose()
    to = sorted(mail["To"].addresses[0].addr_spec for mail in mailbox.received)
    assert to == ["lake@tirtajaya.example", "sri@warga.example", "sri@warga.example"]
    assert all(mail["Bcc"] is None for mail in mailbox.received)


def test_a_mail_server_that_cannot_be_one_stops_the_service_with_a_sentence(tmp_path: Path) -> None:
    environment = {
        "ESTAFET_SMTP_URL": "smtp://mail.example:port",
        "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{_free_port()}",
    }
    with serving(tmp_path, environment) as process:
        assert process.wait(timeout=60) == 1
    assert "estafet: ESTAFET_SMTP_URL must look like" in (tmp_path / "notify.log").read_text()


def _free_port() -> int:
    """A port that is free with the two after it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port if port < 65000 else _free_port()
