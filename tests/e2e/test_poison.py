"""Poison sent into the deployed form while reports flow: each ends in ``deferred``, and no report waits long for it.

On a broker that takes messages of any size, as one might be that somebody else runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from kombu.connection import Connection

from estafet.settings import SERVICES
from tests.bed import Databases, RabbitMQ
from tests.e2e.mailbox import Mailbox
from tests.e2e.markers import COMPUTE, HANG, KILL, MENDED
from tests.e2e.servers import lay_out
from tests.e2e.system import ROOT, Deployed, until

pytestmark = pytest.mark.alone

#: Seconds between reports.
PACE = 0.05
#: Seconds that a report may take from its publisher to its office's offer while a message is bad only by itself.
BRIEFLY = 15.0
#: The same while a service is started again and again, until the broker's limit is passed.
RESTARTING = 30.0
#: Seconds that a handler may take.
HANDLER_LIMIT = 5.0
#: bytes; what a service of ours may take
MEMORY = 300_000_000


class Fragile(Deployed):
    """Started again when it dies, as by a supervisor."""

    restarts = 0

    def start_group(self, group: Sequence[str]) -> None:
        log = (self.folder / f"{'-'.join(group)}.log").open("ab")
        command = [sys.executable, "-m", "tests.e2e.fragile", *group]
        environment = self.environment_of(group)
        self.processes[tuple(group)] = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )

    def keep_up(self) -> None:
        for group, process in list(self.processes.items()):
            if process.poll() is not None:
                self.restarts += 1
                self.start_group(group)

    def memory(self, service: str) -> int:
        size: int = psutil.Process(self.processes[service,].pid).memory_info().rss
        return size


class Reports:
    """Ordinary reports, published one after the other by an app; and when each was."""

    def __init__(self, system: Fragile) -> None:
        self._system = system
        self._published: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Reports:
        self._thread.start()
        until(lambda: len(self._published) >= 10, "reports to flow")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def slowest(self) -> float:
        """Seconds from publishing to being offered, of the slowest; waits until each is."""
        until(lambda: self._offered().keys() >= self._published.keys(), "every report to be offered", timeout=120)
        offered = self._offered()
        return max(offered[reference] - at for reference, at in self._published.items())

    def _run(self) -> None:
        with Connection(self._system.amqp("intake"), transport_options={"confirm_publish": True}) as connection:
            producer = connection.Producer()
            while not self._stop.wait(PACE):
                reference = f"flow-{uuid.uuid4().hex}"
                body = report(reference, text="KTP saya rusak.", reference=reference)
                self._published[reference] = time.time()
                producer.publish(body, exchange="intake.events", routing_key="report.submitted", delivery_mode=2)

    def _offered(self) -> dict[str, float]:
        query = (
            "select tickets.reference, min(chain.time) from tickets join chain on chain.code = tickets.code"
            " where chain.name = 'handoff.offered' and tickets.reference like 'flow-%' group by tickets.reference"
        )
        rows = self._system.rows("tickets", query)
        return {reference: datetime.fromisoformat(at).timestamp() for reference, at in rows}


def report(id: str, source: str = "/apps/flow", **data: Any) -> bytes:
    event = {"specversion": "1.0", "id": id, "source": source, "type": "id.estafet.report.submitted.v1"}
    said = {"category": "ktp", "text": "KTP saya rusak.", **data}
    return json.dumps({**event, "time": datetime.now(UTC).isoformat(), "data": said}).encode()


@pytest.fixture(scope="module")
def system(postgres: Databases, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fragile]:
    with RabbitMQ(max_message_size=128 * 1024 * 1024) as broker:
        folder: Path = tmp_path_factory.mktemp("fragile")
        servers = lay_out(broker, postgres)
        system = Fragile(folder, servers.amqp, servers.database_url, {"ESTAFET_SMTP_URL": mailbox.url})
        try:
            system.prepare().start()
            system.wait_for_city()
            yield system
        finally:
            system.close()


def send(system: Fragile, *bodies: bytes) -> None:
    for body in bodies:
        system.publish("intake.events", "report.submitted", body)


def kept(system: Fragile, error: str, count: int = 1, state: str = "dead") -> list[Any]:
    """So many messages of tickets that ended so, waited for."""

    def found() -> list[Any]:
        system.keep_up()
        return [row for row in system.deferred("tickets") if (row.error, row.state) == (error, state)]

    rows: list[Any] = until(lambda: len(found()) >= count and found(), f"{count} {state} as {error}", timeout=120)
    assert len(rows) == count
    return rows


def test_what_cannot_be_read(system: Fragile) -> None:
    deep = b'{"data":' * 10_000 + b"1" + b"}" * 10_000
    before = system.memory("tickets")
    with Reports(system) as reports:
        for _ in range(5):
            send(system, b"x" * 20_000_000)
        send(system, deep)
        large = kept(system, "too-large", 5)
        [nested] = kept(system, "malformed")
        peak = system.memory("tickets")
    assert large[0].detail.startswith("20000000 bytes")
    assert "nested deeper" in nested.detail
    slowest = reports.slowest()
    after = system.memory("tickets")
    print(f"slowest report {slowest:.1f} s; tickets {before >> 20} MB, {peak >> 20} MB, after {after >> 20} MB")
    assert slowest < BRIEFLY
    assert after < MEMORY


def test_an_id_that_another_sender_has(system: Fragile) -> None:
    with Reports(system) as reports:
        send(system, report("same", "/apps/one", reference="one"), report("same", "/apps/two", reference="two"))
        until(lambda: _opened(system, "one", "two") == ["one", "two"], "the same id from two sources to be two reports")
        send(system, report("same", "/apps/one", text="Jalan rusak.", reference="three"))
        send(system, report("same", "/apps/one", reference="one"))
        [collided] = kept(system, "collision")
    assert (collided.source, collided.event_id) == ("/apps/one", "same")
    assert b"Jalan rusak." in bytes(collided.body)
    assert "Jalan" not in collided.detail
    assert _opened(system, "one", "two", "three") == ["one", "two"]
    assert reports.slowest() < BRIEFLY


def test_a_handler_that_hangs(system: Fragile) -> None:
    with Reports(system) as reports:
        send(system, report("hang", text=HANG), report("compute", text=COMPUTE))
        kept(system, "HandlerTimeout", 2, "waiting")
    slowest = reports.slowest()
    print(f"slowest report {slowest:.1f} s, of two that hang for {HANDLER_LIMIT:g} s each")
    assert slowest < BRIEFLY + 2 * HANDLER_LIMIT
    assert not system.restarts
    for row in kept(system, "HandlerTimeout", 2, "waiting"):
        system.estafet("deferred", "discard", row.id, "--service", "tickets", "--who", "Rini", "--why", "it hangs")
    assert {row.ended_by for row in kept(system, "HandlerTimeout", 2, "discarded")} == {"Rini"}


def test_a_message_that_kills_its_process(system: Fragile) -> None:
    with Reports(system) as reports:
        began = time.monotonic()
        send(system, report("kill", text=KILL, reference="kill"))
        [dead] = kept(system, "delivery-limit")
        took = time.monotonic() - began
    slowest = reports.slowest()
    print(f"{system.restarts} restarts in {took:.1f} s; slowest report {slowest:.1f} s")
    assert b'"kill"' in bytes(dead.body)
    assert slowest < RESTARTING
    for service in SERVICES:
        system.wait_alive(service)


def test_a_dead_message_replayed_again_and_again_has_its_effect_once(system: Fragile) -> None:
    """Twice at the same time, and while its handling ends with the process."""
    [dead] = kept(system, "delivery-limit")
    system.environment[MENDED] = "1"
    system.kill()
    system.start()
    system.estafet(*replay(dead.id))
    until(lambda: [row.attempts for row in kept(system, "delivery-limit", state="waiting")] == [1], "an attempt")
    system.kill()
    assert _opened(system, "kill") == []
    system.start()
    operators = [threading.Thread(target=system.estafet, args=replay(dead.id)) for _ in range(2)]
    for operator in operators:
        operator.start()
    for operator in operators:
        operator.join()
    [replayed] = kept(system, "delivery-limit", state="replayed")
    assert (replayed.id, replayed.ended_by, replayed.ended_why) == (dead.id, "Rini", "mended")
    done = system.estafet("deferred", "replay", dead.id, "--who", "Rini", "--why", "once more", check=False)
    assert done.returncode == 1
    assert "cannot be replayed now" in done.stderr
    send(system, report("kill", text=KILL, reference="kill"), report("last", reference="last"))
    until(lambda: "last" in _opened(system, "last"), "a later report to be opened")
    assert _opened(system, "kill") == ["kill"]


def replay(id: str) -> tuple[str, ...]:
    """The operator's command."""
    return "deferred", "replay", id, "--service", "tickets", "--who", "Rini", "--why", "mended"


def _opened(system: Fragile, *references: str) -> list[str]:
    rows = system.rows("tickets", "select reference from tickets")
    return sorted(reference for (reference,) in rows if reference in references)
