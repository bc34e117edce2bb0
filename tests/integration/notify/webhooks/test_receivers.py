"""The receivers that apps are shown take what we send, once, and nothing that is not ours: Python, Node.js, by hand."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from estafet.events import parse
from estafet.events.golden import golden
from estafet.relay.work import Works
from services.notify.webhooks import deliveries, signing
from tests.bed.install import ensure
from tests.bed.process import end, free_port, wait_until
from tests.integration.notify.conftest import prepared
from tests.integration.notify.webhooks.conftest import sender, states, subscribe
from tests.support.receiver import Receiver

ROOT = Path(__file__).resolve().parents[4]
PROGRAMS = {
    "python": [sys.executable, str(ROOT / "examples" / "webhook.py")],
    "node": ["node", str(ROOT / "examples" / "node" / "webhook.js")],
}


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works("notify", prepared(f"sqlite:///{tmp_path / 'notify.sqlite'}"))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_receiver_to_copy_handles_each_event_once_and_nothing_forged(
    works: Works, tmp_path: Path, program: str
) -> None:
    if program == "node":
        ensure(["node"])
    port = free_port()
    endpoint = subscribe(works, f"http://127.0.0.1:{port}/hook")
    said = tmp_path / "said"
    with said.open("wb") as out:
        environment = {**os.environ, "WEBHOOK_SECRET": endpoint.secret, "PORT": str(port)}
        process = subprocess.Popen(PROGRAMS[program], env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _listens(port), seconds=20, what="the receiver to listen")
        body = golden("handoff.accepted")
        with works.begin() as work:
            deliveries.create(work, endpoint.id, parse(body), body)
        for _ in range(2):
            sender(works).run()
            assert states(works) == ["delivered"]
            with works.begin() as work:
                deliveries.replay(work.connection, endpoint.id, work.now, since=endpoint.created_at)
        forged = signing.headers("e-2", body, [signing.new_secret()], works.clock.now())
        assert httpx.post(endpoint.url, content=body, headers=forged).status_code == 401
        old = signing.headers("e-3", body, [endpoint.secret], works.clock.now().replace(year=2020))
        assert httpx.post(endpoint.url, content=body, headers=old).status_code == 401
        assert httpx.post(endpoint.url, content=body).status_code == 401
    finally:
        end(process, how=signal.SIGTERM)
    lines = [line for line in said.read_text().splitlines() if "estafet" in line]
    assert lines == [f"{parse(body).type} {parse(body).subject}"]


def test_the_signature_is_what_the_page_computes_by_hand(works: Works, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "integrator.md").read_text()
    (script,) = (code for code in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "openssl" in code)
    with Receiver() as receiver:
        endpoint = subscribe(works, receiver)
        body = golden("ticket.opened")
        with works.begin() as work:
            deliveries.create(work, endpoint.id, parse(body), body)
        sender(works).run()
        headers = receiver.headers
    (tmp_path / "body").write_bytes(body)
    given = {"SECRET": endpoint.secret, "ID": headers["webhook-id"], "TIMESTAMP": headers["webhook-timestamp"]}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={**os.environ, **given}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == headers["webhook-signature"]
