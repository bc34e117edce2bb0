"""The operator's console: what waits, and where a message is."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from estafet.events.definitions import definitions
from estafet.settings import SERVICES
from tests.bed import Broker
from tests.e2e.conftest import GOOD, Make
from tests.e2e.publishing import report
from tests.e2e.system import ROOT, Deployed, System, until

pytestmark = pytest.mark.alone

REPORTS = 5
#: To the reporter that it was opened and offered, and to the office.
LETTERS = 3
TELL = "evt-tickets-ticket.opened--notify.tell"


def told(system: System, *arguments: str) -> dict[str, Any]:
    """What a command tells programs."""
    said: dict[str, Any] = json.loads(system.estafet(*arguments, "--json").stdout)
    return said


def waiting(said: dict[str, Any], name: str) -> dict[str, Any]:
    """One queue of what ``estafet queues`` told."""
    [found] = (each for each in said["queues"] if each["name"] == name)
    return dict(found)


def when(system: System, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What ``estafet queues`` tells, as soon as it tells ``what``."""
    said: dict[str, Any] = until(lambda: what(seen := told(system, "queues")) and seen, "the queues to be so")
    return said


def nothing_waits(said: dict[str, Any]) -> bool:
    return not any(each["ready"] + each["unacked"] for each in said["queues"])


def states(system: System, wanted: str, *options: str) -> dict[tuple[str, str], str]:
    """(event, handler) → state."""
    return {
        (each["event"], handler["handler"]): handler["state"]
        for each in told(system, "trace", wanted, *options)["messages"]
        for handler in each["handlers"]
    }


def test_while_notify_is_down_both_say_what_waits(deployed: Deployed) -> None:
    when(deployed, nothing_waits)  # tickets knows the city by now; notify may not
    deployed.stop_group(["notify"])
    with deployed.client() as client:
        code, *_ = [client.report(GOOD)["code"] for _ in range(REPORTS)]
    said = when(deployed, lambda seen: waiting(seen, TELL)["ready"] == REPORTS)
    assert {each["name"] for each in said["queues"]} == {each["name"] for each in definitions()["queues"]}
    assert said["unreachable"] == {}
    assert {each["service"]: each["dead"] for each in said["services"]} == dict.fromkeys(SERVICES, 0)
    first = waiting(said, TELL)
    assert (first["consumers"], first["unacked"], first["needs"]) == (0, 0, "nobody reads it: start notify")
    assert said["queues"][0] == first
    [(oldest,)] = deployed.rows("tickets", "select min(created_at) from outbox where name = 'ticket.opened'")
    since = datetime.fromisoformat(said["at"]) - timedelta(seconds=first["oldest_seconds"])
    assert abs(since - oldest) < timedelta(seconds=0.01)

    until(lambda: ("handoff.offered", "notify.tell") in states(deployed, code), "the report to be offered")
    found = states(deployed, code, "--all")
    assert found["ticket.opened", "notify.tell"] == found["handoff.offered", "notify.tell"] == "on its way"
    assert found["ticket.opened", "routing.route"] == found["handoff.routed", "tickets.decide"] == "handled"
    drawn = deployed.estafet("trace", code.lower()).stdout
    assert "notify.tell on its way for" in drawn
    assert GOOD["text"] not in drawn

    deployed.start_group(["notify"])
    nothing = when(deployed, nothing_waits)
    assert waiting(nothing, TELL)["oldest_seconds"] is None
    when(deployed, lambda seen: waiting(seen, TELL)["needs"] is None)
    until(lambda: told(deployed, "trace", code)["unfinished"] == 0, "the report's messages to be handled")


def test_what_cannot_be_reached_is_said_and_the_rest_is_shown(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with deployed.client() as client:
        code = client.report(GOOD)["code"]
    whole = deployed.environment["ESTAFET_DATABASE_URL"]

    monkeypatch.setitem(deployed.environment, "ESTAFET_DATABASE_URL", whole.replace("{service}", "tickets"))
    said = told(deployed, "queues")
    assert "say whose, with --service" in said["unreachable"]["tickets"]
    assert said["services"] == []
    assert len(said["queues"]) == len(definitions()["queues"])
    said = told(deployed, "queues", "--service", "tickets")
    assert [each["service"] for each in said["services"]] == ["tickets"]
    found = told(deployed, "trace", code, "--all", "--service", "tickets")
    assert "--service names tickets alone" in found["unreachable"]["notify"]
    opened = next(each for each in found["messages"] if each["event"] == "ticket.opened")
    assert {each["handler"]: each["state"] for each in opened["handlers"]} == {
        "routing.route": "unknown",
        "notify.tell": "unknown",
    }

    monkeypatch.setitem(deployed.environment, "ESTAFET_DATABASE_URL", whole.replace("{service}", "nothing-{service}"))
    monkeypatch.setitem(deployed.environment, "ESTAFET_MANAGEMENT_URL", "http://ops:a-secret@127.0.0.1:9")
    done = deployed.estafet("queues")
    assert "management does not answer" in done.stdout
    assert "The database cannot be used" in done.stdout
    assert "a-secret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("account", "vhost", "says"),
    [("ops:wrong", None, "refuses the account"), ("ops:ops", "no-such", "no virtual host no-such")],
)
def test_a_broker_that_refuses_is_said_why(
    make: Make, rabbitmq: Broker, account: str, vhost: str | None, says: str
) -> None:
    system = make("deployed")
    assert isinstance(system, Deployed)
    system.environment["ESTAFET_AMQP_URI"] = rabbitmq.uri("ops", vhost=vhost) if vhost else system.amqp("ops")
    system.environment["ESTAFET_MANAGEMENT_URL"] = rabbitmq.management(*account.split(":"))
    assert says in told(system, "queues")["unreachable"]["broker"]


def test_a_message_is_traced_from_its_outbox_to_every_handler(system: System) -> None:
    with system.client() as client:
        code = client.report({**GOOD, "reporter": {"name": "Rahayu Wulandari", "email": "rahayu@contoh.id"}})["code"]
    expected = {"ticket.opened", "reporter.given", "handoff.routed", "handoff.offered", "notification.sent"}

    def settled() -> dict[str, Any] | None:
        """A letter is sent a moment after its cause was handled, and says so by one more message."""
        seen = told(system, "trace", code, "--all")
        whole = expected <= {each["event"] for each in seen["messages"]}
        letters = sum(each["event"] == "notification.sent" for each in seen["messages"])
        return seen if whole and letters == LETTERS and not seen["unfinished"] else None

    found: dict[str, Any] = until(settled, "the report's messages to be handled")
    assert len(told(system, "trace", code)["messages"]) == 5
    opened = next(each for each in found["messages"] if each["event"] == "ticket.opened")
    one = told(system, "trace", opened["id"])
    assert one["messages"] == [opened]
    assert {each["state"] for each in opened["handlers"]} == {"handled"}
    for handler in opened["handlers"]:
        assert opened["committed_at"] <= handler["since"]
    shown = system.estafet("trace", code, "--all").stdout + json.dumps(found)
    assert "Rahayu" not in shown
    assert "rahayu" not in shown


def test_a_message_of_an_app_is_traced_while_it_is_dead_and_when_it_was_discarded(system: System) -> None:
    id = f"app-{uuid.uuid4().hex}"
    bad = json.dumps({**json.loads(report(id)), "type": "id.estafet.note.added.v1", "data": {"text": "Rahasia."}})
    system.publish("intake.events", "report.submitted", bad.encode())
    until(lambda: any(id.encode() in row.body for row in system.deferred("tickets")), "it to be dead")
    [message] = told(system, "trace", id)["messages"]
    [handler] = message["handlers"]
    assert (message["event"], message["source"], message["finished"]) == ("report.submitted", "/load", False)
    assert (handler["handler"], handler["state"], handler["deferred"]["error"]) == ("tickets.submit", "dead", "foreign")
    drawn = system.estafet("trace", id).stdout
    assert f"estafet deferred replay {handler['deferred']['id']} --why" in drawn
    assert "Rahasia" not in drawn
    system.estafet("deferred", "discard", handler["deferred"]["id"], "--why", "a test")
    assert states(system, id) == {("report.submitted", "tickets.submit"): "discarded"}


def test_what_is_nowhere_is_not_found(system: System) -> None:
    done = system.estafet("trace", "KDR-NONE", check=False)
    assert done.returncode == 1
    assert "There is no report and no message KDR-NONE" in done.stderr


def test_embedded_the_queues_are_in_memory_and_the_rest_is_shown_again_and_again(make: Make) -> None:
    """On a terminal, until Ctrl-C."""
    system = make("embedded").prepare()
    ours, theirs = pty.openpty()
    watching = subprocess.Popen(
        [sys.executable, "-m", "estafet.cli.main", "queues", "--watch"],
        cwd=ROOT,
        env={**system.environment, "TERM": "xterm"},
        stdout=theirs,
        stderr=theirs,
        # Whoever runs the tests may have told its children not to listen to it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    seen = b""
    while seen.count(b"unpublished") < 2:
        seen += os.read(ours, 4096)
    watching.send_signal(signal.SIGINT)
    assert watching.wait(timeout=20) == 0
    os.close(ours)
    assert b"the queues are in the memory of the process that serves" in seen
    assert b"Traceback" not in seen
