"""Webhooks from the running services to real HTTPS servers, added by the command as operators do."""

from __future__ import annotations

import json
import secrets
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from estafet.relay.tables import outbox
from services.notify.webhooks import deliveries
from tests.e2e.conftest import GOOD, Make
from tests.e2e.mailbox import Mailbox
from tests.e2e.system import System, until
from tests.support import certificates
from tests.support.receiver import Receiver


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.make(tmp_path_factory.mktemp("certificates"), "localhost")


@pytest.fixture(scope="module", params=["embedded", "deployed"])
def system(request: pytest.FixtureRequest, make: Make, authority: Path) -> Iterator[System]:
    """One that may send webhooks to this machine."""
    system: System = make(request.param)
    system.environment = {
        **system.environment,
        "ESTAFET_WEBHOOK_NETWORKS": "127.0.0.0/8,::1/128",
        "SSL_CERT_FILE": str(authority / "ca.crt"),
    }
    system.prepare().start()
    system.wait_for_city()
    yield system
    system.stop()


def server_side(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "proxy.crt", folder / "proxy.key")
    return context


def add(system: System, receiver: Receiver, *options: str, owner: str = "tim@app.example") -> str:
    """The new webhook's id; the receiver learns its secret."""
    done = system.estafet("webhook", "add", receiver.url, "--owner", owner, *options)
    receiver.secret = done.stdout.strip()
    return done.stderr.partition("Its webhook is ")[2].partition(";")[0]


def report(system: System) -> str:
    with system.client() as client:
        code: str = client.report(GOOD, key=secrets.token_hex(8))["code"]
    return code


def published(system: System, code: str, name: str) -> bytes | None:
    """The event as tickets published it."""
    with system.database("tickets") as database, database.read() as connection:
        bodies = connection.scalars(select(outbox.c.body).where(outbox.c.name == name))
        return next((bytes(body) for body in bodies if json.loads(body)["subject"] == code), None)


def errors(system: System, id: str) -> list[str]:
    with system.database("notify") as database, database.read() as connection:
        return [row.error for row in deliveries.attempts_of(connection, id, 10)]


def test_an_app_without_a_broker_hears_what_was_published_byte_for_byte(system: System, authority: Path) -> None:
    with Receiver(lambda number: "500" if number == 0 else "ok", server_side(authority)) as receiver:
        id = add(system, receiver, "--event", "ticket.opened", "--event", "handoff.offered")
        until(lambda: report(system) and receiver.calls, "the webhook to hear")
        code = report(system)

        def heard(name: str) -> bytes | None:
            bodies = list(receiver.bodies.values())
            of_report = [each for each in bodies if json.loads(each).get("subject") == code]
            return next((each for each in of_report if json.loads(each)["type"] == f"id.estafet.{name}.v1"), None)

        for name in ("ticket.opened", "handoff.offered"):
            assert until(lambda name=name: heard(name), name) == published(system, code, name)
        until(lambda: max(receiver.calls.values()) == 2, "the first to be sent again")
        assert receiver.forged == 0
        assert set(receiver.effects.values()) == {1}
        system.estafet("webhook", "test", id)
        until(lambda: any(b"webhook.tested" in body for body in receiver.bodies.values()), "the test")
        shown = system.estafet("webhook", "show", id).stdout
        assert "http-500" in shown
        assert receiver.secret not in shown + system.logs()
        system.estafet("webhook", "remove", id)


def test_an_address_of_the_house_is_refused_when_it_is_added(system: System) -> None:
    for url in ("https://10.0.0.7/hook", "https://169.254.169.254/latest/meta-data", "http://[::ffff:192.168.1.1]/"):
        done = system.estafet("webhook", "add", url, "--owner", "tim@app.example", check=False)
        assert done.returncode == 1
        assert "ESTAFET_WEBHOOK_NETWORKS" in done.stderr
    assert system.estafet("webhook", "list").stdout.strip() == "There is no webhook."


def test_those_that_never_finish_are_left_and_the_owner_of_one_that_is_gone_is_told(
    system: System, authority: Path, tmp_path: Path, mailbox: Mailbox
) -> None:
    stranger = server_side(certificates.make(tmp_path, "localhost"))
    with (
        Receiver(lambda number: "slow", server_side(authority)) as slow,
        Receiver(lambda number: "drip", server_side(authority)) as drip,
        Receiver(lambda number: "410", server_side(authority)) as gone,
        Receiver(tls=stranger) as untrusted,
        Receiver(tls=server_side(authority)) as quick,
    ):
        ids = [add(system, each) for each in (slow, drip, untrusted, quick)]
        owner = f"tim-{secrets.token_hex(4)}@app.example"
        add(system, gone, owner=owner)
        until(lambda: report(system) and all(each.calls for each in (slow, drip, gone, quick)), "events for all")
        code = report(system)
        until(lambda: any(code.encode() in body for body in quick.bodies.values()), "the quick one to hear of another")
        assert until(lambda: errors(system, ids[2]), "the stranger's certificate")[0] == "tls"
        assert not untrusted.calls
        for id in ids[:2]:
            assert until(lambda id=id: errors(system, id), "an answer that never comes to be given up")[0] == "timeout"
        until(lambda: mailbox.to(owner), "the mail to the owner")
        assert "410" in mailbox.to(owner)[0].get_content()
