"""A backlog: reports that came while nobody was there. No process grows with it, and it is worked off.

``ESTAFET_TEST_BACKLOG=200000 ./dev test -s tests/e2e/test_backlog.py`` prints what a large one takes.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psutil
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.e2e.conftest import Make
from tests.e2e.mailbox import Mailbox
from tests.e2e.publishing import report, submit
from tests.e2e.system import Deployed, until

pytestmark = pytest.mark.alone

REPORTS = int(os.environ.get("ESTAFET_TEST_BACKLOG", "1000"))
#: bytes; what a process may take, whatever waits for it
MEMORY = 300_000_000
#: Letters that a new report comes to.
LETTERS = 3
#: Seconds for a report, about: a slow machine has time.
EACH = 0.1


class Discarding(Mailbox):
    """Keeps nothing: of a large backlog it would be gigabytes."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 OK"


class Watched:
    """The most memory that each process had."""

    def __init__(self, system: Deployed) -> None:
        self.most: dict[str, int] = {}
        self._system = system
        self._stop = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        processes = {"-".join(group): psutil.Process(each.pid) for group, each in self._system.processes.items()}
        while not self._stop.wait(0.5):
            for name, process in processes.items():
                self.most[name] = max(self.most.get(name, 0), process.memory_info().rss)


@pytest.mark.timeout(int(600 + 3 * EACH * REPORTS))
def test_a_backlog_is_worked_off_in_little_memory(make: Make) -> None:
    system = make("deployed")
    assert isinstance(system, Deployed)
    with Discarding() as mailbox:
        system.environment["ESTAFET_SMTP_URL"] = mailbox.url
        system.prepare().start()
        system.wait_for_city()
        _work_off(system)


def _work_off(system: Deployed) -> None:
    system.stop()
    submit(system.amqp("intake"), (report(f"late-{uuid.uuid4().hex}") for _ in range(REPORTS)))
    patience, watched, began = 60 + EACH * REPORTS, Watched(system), time.monotonic()
    system.start()
    with watched.watching():
        until(lambda: _count(system, "tickets", _TAKEN) >= REPORTS, "every report taken", timeout=patience)
        taken = time.monotonic() - began
        until(lambda: _count(system, "tickets", _OFFERED) >= REPORTS, "every report offered", timeout=patience)
        offered = time.monotonic() - began
        until(lambda: _count(system, "notify", _TOLD) >= REPORTS * LETTERS, "everybody told", timeout=patience)
        told = time.monotonic() - began
    print(f"\n{datetime.now(UTC):%Y-%m-%d}: {REPORTS} reports were waiting. All taken after {taken:.0f} s, ", end="")
    print(f"offered after {offered:.0f} s, everybody told after {told:.0f} s ({REPORTS / offered:.0f} reports/s).")
    for name, size in sorted(watched.most.items()):
        print(f"{name:<8} at most {size / 1e6:.0f} MB")
    assert _count(system, "tickets", _OFFERED) == REPORTS
    assert max(watched.most.values()) < MEMORY


_TAKEN = "select count(*) from tickets"
_OFFERED = "select count(*) from tickets where status = 'offered'"
_TOLD = "select count(*) from deliveries where state not in ('created', 'sending')"


def _count(system: Deployed, service: str, query: str) -> int:
    return int(system.rows(service, query)[0][0])
