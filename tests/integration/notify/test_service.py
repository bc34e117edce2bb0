"""notify as a process, with a real broker, database and mail server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from aiosmtpd.controller import Controller
from kombu.connection import Connection
from sqlalchemy import select

from estafet.events import Event, contract, encode, topology
from estafet.relay.database import connect
from estafet.relay.migrate import upgrade
from estafet.relay.tables import outbox
from services.notify.preferences import stopping
from services.notify.receipts.callbacks import token
from services.notify.tables import deliveries, reporters
from tests.bed.process import end, wait_until
from tests.integration.notify.conftest import CODE, event
from tests.integration.notify.gateways import Provider
from tests.integration.notify.mailing import Mailbox
from tests.unit.notify.samples import NOW

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


def test_the_link_in_a_letter_stops_everyday_letters_when_posted_to(
    tmp_path: Path, amqp_uri: str, database_url: Callable[[str], str]
) -> None:
    url = database_url("notify")
    upgrade("notify", url)
    database = connect(url)
    with database.begin() as connection:
        connection.execute(reporters.insert().values(ticket=CODE, given_at=NOW, locale="en", secret="kunci"))
    with Connection(amqp_uri) as connection:
        topology.declare_all(connection.channel())
    base = _free_port()
    environment = {
        "ESTAFET_AMQP_URI": amqp_uri,
        "ESTAFET_DATABASE_URL": url,
        "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{base}",
    }
    link = stopping.address(f"https://127.0.0.1:{base + 2}", CODE, "kunci")
    assert link is not None
    link = link.replace("https:", "http:")  # the proxy's

    def stopped() -> bool:
        with database.read() as reading:
            return reading.scalar(select(reporters.c.stopped_at)) is not None

    def alive() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{base + 2}/healthz").is_success
        except httpx.TransportError:
            return False

    try:
        with serving(tmp_path, environment):
            wait_until(alive, seconds=60, what="notify to answer")
            page = httpx.get(link)
            assert page.status_code == 200
            assert '<html lang="en">' in page.text
            assert '<form method="post">' in page.text
            assert not stopped(), "whoever only looks stops nothing"
            assert httpx.post(f"{link}x").status_code == 404
            assert httpx.post(link.replace(CODE, "TRT-AAAA-AAA")).status_code == 404
            assert not stopped()
            for _ in range(2):
                answer = httpx.post(link, data={"List-Unsubscribe": "One-Click"})
                assert (answer.status_code, "form" in answer.text) == (200, False)
                assert stopped()
    finally:
        database.engine.dispose()


def test_wording_that_no_letter_could_be_written_with_stops_the_service_with_a_sentence(tmp_path: Path) -> None:
    wording = Path(shutil.copytree(ROOT / "city" / "kediri" / "wording", tmp_path / "wording"))
    (wording / "id" / "_words.txt").write_text("{{ alasan }}\n")
    environment = {"ESTAFET_WORDING": str(wording), "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{_free_port()}"}
    with serving(tmp_path, environment) as process:
        assert process.wait(timeout=60) == 1
    log = (tmp_path / "notify.log").read_text()
    assert f"estafet: the wording in {wording} (ESTAFET_WORDING) must be corrected:" in log
    assert "id/_words.txt, line 1: 'alasan' is undefined" in log
    assert "Traceback" not in log


def test_text_messages_by_the_second_provider_while_the_first_is_away_and_what_it_says_later(
    tmp_path: Path, amqp_uri: str, database_url: Callable[[str], str]
) -> None:
    url, key, base = database_url("notify"), "k" * 40, _free_port()
    upgrade("notify", url)
    count = 20
    with Connection(amqp_uri) as connection:
        topology.declare_all(connection.channel())
        events = [event("directory.published", "e-0")]
        for at in range(count):
            code = f"{CODE}{at}"
            events.append(event("reporter.given", f"g-{at}", code=code, email=None, phone="081234567890"))
            events.append(event("ticket.opened", f"o-{at}", 1, code=code))
        for each in events:
            properties = connection.channel().prepare_message(on_the_wire(each), content_type="application/json")
            connection.channel().basic_publish(properties, exchange=contract(each.name).exchange, routing_key=each.name)
    database = connect(url)

    def states() -> Counter[str]:
        with database.read() as reading:
            return Counter(reading.scalars(select(deliveries.c.state)))

    away = Provider()
    environment = {
        "ESTAFET_AMQP_URI": amqp_uri,
        "ESTAFET_DATABASE_URL": url,
        "ESTAFET_CALLBACK_KEY": key,
        "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{base}",
    }
    try:
        with Provider() as there:
            environment["ESTAFET_SMS"] = f"{away.url};{there.url}"
            with serving(tmp_path, environment) as process:
                wait_until(lambda: states() == {"sent": count}, seconds=60, what="all messages sent")
                ids = list(there.ids)
                callbacks = f"http://127.0.0.1:{base + 2}/callbacks/sms-2"
                good, word = {"Authorization": f"Bearer {token(key, 'sms-2')}"}, {"state": "delivered"}
                for id in [*ids, *ids, "unknown"]:
                    answer = httpx.post(callbacks, json={"id": id, "cost": 3, **word}, headers=good)
                    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
                by_query = httpx.post(callbacks, params={"token": token(key, "sms-2")}, json={"id": ids[0], **word})
                assert by_query.status_code == 200
                for headers in ({}, {"Authorization": f"Bearer {token(key, 'sms-1')}"}):
                    assert httpx.post(callbacks, json={"id": ids[0], **word}, headers=headers).status_code == 401
                assert httpx.post(callbacks, json={"id": ids[0], "state": "sent"}, headers=good).status_code == 422
                assert states() == {"delivered": count}
                end(process, how=signal.SIGTERM)
                assert process.returncode == 0
    finally:
        database.engine.dispose()
    assert len(there.ids) == count
    assert set(there.ids.values()) == {1}
    assert "81234567890" not in (tmp_path / "notify.log").read_text()


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
