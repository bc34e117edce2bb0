"""The operator's console as a page, with the real broker and databases behind it: seen and used as by a browser."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.bed.process import free_port
from tests.e2e.conftest import GOOD
from tests.e2e.publishing import report, submit
from tests.e2e.system import ROOT, Deployed, System, until

pytestmark = pytest.mark.alone

TELL = "evt-tickets-ticket.opened--notify.tell"
#: More than are decided on in one transaction.
MANY = 650


class Page:
    """``estafet console`` as a process, and a browser that was given its key."""

    def __init__(self, system: System) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "estafet.cli.main", "console", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=system.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self.process.stdout
        told = self.process.stdout.readline().decode()
        found = re.search(r"http://\S+", told)
        assert found, told
        self.browser = httpx.Client(base_url=self.url, headers={"Origin": self.url}, follow_redirects=True, timeout=30)
        self.browser.get(found[0]).raise_for_status()

    def shown(self, path: str, status: int = 200) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def link(self, path: str, text: str) -> str:
        """Where a link of a page leads."""
        found = re.search(rf'<a href="([^"]*)">{re.escape(text)}</a>', self.browser.get(path).text)
        assert found, f"no link {text} on {path}"
        return unescape(found[1])

    def decide(self, path: str, act: str, why: str = "a test") -> httpx.Response:
        """Fill in the form of a page as it is, and send it."""
        form = re.search(r'<form class="decide".*?</form>', self.browser.get(path).text, re.DOTALL)
        assert form, f"nothing to decide on {path}"
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))
        target = re.search(r'action="([^"]*)"', form[0])
        assert target
        given = {name: unescape(value) for name, value in fields.items()}
        return self.browser.post(unescape(target[1]), data={**given, "act": act, "who": "Rini", "why": why})

    def close(self) -> str:
        """Answers what it said."""
        self.browser.close()
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=10)
        return said.decode()


@pytest.fixture
def page(deployed: Deployed) -> Iterator[Page]:
    page = Page(deployed)
    yield page
    if page.process.poll() is None:
        page.close()


def test_a_queue_that_nobody_reads_is_a_need_until_its_service_is_back(deployed: Deployed, page: Page) -> None:
    deployed.stop_group(["notify"])
    with deployed.client() as client:
        code = client.report({**GOOD, "reporter": {"name": "Rahayu Wulandari", "email": "rahayu@contoh.id"}})["code"]
    until(lambda: _ready(page) == "1", "the queue to show its message")
    front = page.shown("/")
    assert "nobody reads it: start notify" in front
    assert front.index("nobody reads it: start notify") < front.index("<h2>Services") < front.index("<h2>Queues")
    until(lambda: re.search('class="here"><span>queue', page.shown(f"/trace?wanted={code}")), "it to be in its queue")
    traced = page.shown(f"/trace?wanted={code.lower()}&all=1")
    assert 'class="passed"><span>handler' in traced
    assert "Rahayu" not in front + traced
    assert GOOD["text"] not in front + traced

    deployed.start_group(["notify"])
    until(lambda: "Nothing needs a person" in page.shown("/now"), "the need to go away")
    until(lambda: " 0 not finished" in page.shown(f"/trace?wanted={code}"), "its messages to be handled")
    said = page.close()
    assert page.process.returncode == 0
    assert said == ""


def _ready(page: Page) -> str | None:
    found = re.search(rf'data-key="{re.escape(TELL)} ready">([^<]*)<', page.shown("/now"))
    return found[1] if found else None


def test_a_dead_message_is_seen_and_replayed_when_its_cause_is_mended(deployed: Deployed, page: Page) -> None:
    """The cause: a constraint that somebody added."""
    reference = f"app-{uuid.uuid4().hex}"
    execute(deployed, "tickets", f"alter table tickets add constraint wrong check (reference <> '{reference}')")
    deployed.publish("intake.events", "report.submitted", report(reference).encode())
    until(lambda: deployed.deferred("tickets"), "it to be deferred")
    execute(deployed, "tickets", "update deferred set attempts = 7, due_at = now()")
    until(lambda: [each.state for each in deployed.deferred("tickets")] == ["dead"], "it to be dead")
    [row] = deployed.deferred("tickets")

    until(lambda: "decide: estafet deferred list --groups" in page.shown("/now"), "the page to ask for a decision")
    group = page.link("/deferred", row.error)
    assert "1 of tickets.submit" in page.shown(group)
    message = page.link(group, row.id)
    shown = page.shown(message)
    assert row.detail in shown
    assert f"estafet deferred show {row.id} --body" in shown
    assert "KTP saya" not in shown
    traced = page.shown(f"/trace?wanted={reference}")
    assert 'class="stuck"><span>handler' in traced
    assert message in traced

    execute(deployed, "tickets", "alter table tickets drop constraint wrong")
    refused = page.decide(message, "replay", why=" ")
    assert (refused.status_code, "Say who decides this" in refused.text) == (409, True)
    assert page.decide(message, "replay").status_code == 200
    until(lambda: [each.state for each in deployed.deferred("tickets")] == ["replayed"], "it to be handled")
    [(ended_by, ended_why)] = deployed.rows("tickets", "select ended_by, ended_why from deferred")
    assert (ended_by, ended_why) == ("Rini", "a test")
    assert deployed.rows("tickets", f"select count(*) from tickets where reference = '{reference}'") == [(1,)]
    assert "replayed" in page.shown(message)
    until(lambda: "Nothing needs a person" in page.shown("/now"), "the need to go away")
    assert "Nothing is deferred" in page.shown("/deferred")


def test_many_are_discarded_in_batches_and_it_is_shown_how_far_that_is(deployed: Deployed, page: Page) -> None:
    submit(deployed.amqp("intake"), (f"not JSON: {number}" for number in range(MANY)))
    until(lambda: dead(deployed) == MANY, "all to be dead")
    group = page.link("/deferred", "malformed")
    assert f"The oldest 100 of {MANY}" in page.shown(group)
    later = "select id from deferred where state = 'dead' order by id offset 400 limit 1"
    hold = f"select 1 from deferred where id = ({later}) for update"
    with held(deployed, "tickets", hold):
        begun = page.decide(group, "discard", why="<script>alert(1)</script>")
        assert re.search(r"/rounds/\d+$", str(begun.url))
        now = f"{begun.url}/now"
        until(lambda: f"300 of {MANY} seen" in page.shown(now), "the first batch to be done")
        assert "data-ended" not in page.shown(now)
        assert page.shown("/deferred")  # others do not wait
    until(lambda: "data-ended" in page.shown(now), "all to be discarded")
    assert f"discarded {MANY} (tickets)" in page.shown(now)
    assert dead(deployed) == 0
    [(id,)] = deployed.rows("tickets", "select id from deferred where state = 'discarded' limit 1")
    raw = page.browser.get(f"/deferred/tickets/{id}").text
    assert "<script>alert" not in raw
    assert "&lt;script&gt;alert(1)" in raw
    assert "None is left" in page.shown(group)


def test_what_cannot_be_reached_is_said_and_nothing_secret_with_it(deployed: Deployed) -> None:
    away = {
        "ESTAFET_DATABASE_URL": "postgresql+psycopg://ops:a-secret@127.0.0.1:9/{service}",
        "ESTAFET_MANAGEMENT_URL": "http://ops:a-secret@127.0.0.1:9",
    }
    system = System(deployed.folder, deployed.groups, {**deployed.environment, **away})
    page = Page(system)
    try:
        shown = [page.shown("/"), page.shown("/deferred"), page.shown("/deferred/tickets/1", 409)]
        shown.append(page.shown("/trace?wanted=KDR-NONE", 404))
        assert "management does not answer" in shown[0]
        assert all("The database cannot be used" in each for each in shown)
        assert "a-secret" not in "".join(shown)
    finally:
        assert page.close() == ""


def test_a_port_that_is_taken_is_said(deployed: Deployed, page: Page) -> None:
    done = deployed.estafet("console", "--port", str(page.port), check=False)
    assert done.returncode == 1
    assert "choose another with --port" in done.stderr


def test_a_long_look_lets_the_others_pass(deployed: Deployed, page: Page) -> None:
    """The look waits for a lock of routing's; what is of tickets is answered meanwhile."""
    deployed.stop_group(["routing"])
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            page.shown("/now")

    with held(deployed, "routing", "lock table deferred in access exclusive mode"):
        looking = threading.Thread(target=look)
        looking.start()
        waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        until(lambda: deployed.rows("routing", waits), "the look to wait")
        assert "None is left" in page.shown("/deferred/tickets?subscription=tickets.submit&error=none")
        assert deployed.rows("routing", waits)
        over.set()
    looking.join(30)
    assert not looking.is_alive()
    deployed.start_group(["routing"])


def dead(deployed: Deployed) -> int:
    return int(deployed.rows("tickets", "select count(*) from deferred where state = 'dead'")[0][0])


def execute(deployed: Deployed, service: str, statement: str) -> None:
    with held(deployed, service, statement):
        pass


@contextmanager
def held(deployed: Deployed, service: str, statement: str) -> Iterator[None]:
    """What a statement locks is locked meanwhile."""
    engine = create_engine(deployed.environment["ESTAFET_DATABASE_URL"].replace("{service}", service))
    with engine.begin() as connection:
        connection.execute(text(statement))
        yield
    engine.dispose()
