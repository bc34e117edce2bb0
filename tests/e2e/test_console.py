"""The operator's console: what waits, and where a message is, while notify is down and after it is back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from estafet.events.definitions import definitions
from estafet.settings import SERVICES
from tests.bed import Broker
from tests.e2e.conftest import GOOD, Make
from tests.e2e.system import Deployed, System, until

REPORTS = 5
TELL = "evt-tickets-ticket.opened--notify.tell"


def queues(system: System) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(system.estafet("queues", "--json").stdout)
    return told


def queue(system: System, name: str) -> dict[str, Any]:
    [found] = (each for each in queues(system)["queues"] if each["name"] == name)
    return dict(found)


@pytest.fixture
def deployed(make: Make, rabbitmq: Broker) -> Deployed:
    """One whose operator also knows the broker's management."""
    system = make("deployed")
    assert isinstance(system, Deployed)
    system.environment["ESTAFET_AMQP_URI"] = system.amqp("ops")
    system.environment["ESTAFET_MANAGEMENT_URL"] = rabbitmq.management("ops", "ops")
    system.prepare().start()
    system.wait_for_city()
    return system


def test_while_notify_is_down_its_queues_say_so(deployed: Deployed) -> None:
    listed = {each["name"] for each in definitions()["queues"]}
    assert {each["name"] for each in queues(deployed)["queues"]} == listed

    deployed.stop_group(["notify"])
    with deployed.client() as client:
        _ = [client.report(GOOD)["code"] for _ in range(REPORTS)]
    until(lambda: queue(deployed, TELL)["ready"] == REPORTS, "the reports to wait")
    waiting = queue(deployed, TELL)
    assert (waiting["consumers"], waiting["unacked"]) == (0, 0)
    assert waiting["needs"] == "nobody reads it: start notify"
    assert 0 < waiting["oldest_seconds"] < 120
    said = queues(deployed)
    assert said["queues"][0]["oldest_seconds"] == max(each["oldest_seconds"] or 0 for each in said["queues"])
    assert said["unreachable"] == {}
    assert {each["service"]: each["dead"] for each in said["services"]} == dict.fromkeys(SERVICES, 0)

    deployed.start_group(["notify"])
    until(lambda: not any(each["ready"] + each["unacked"] for each in queues(deployed)["queues"]), "nothing to wait")
    assert queue(deployed, TELL)["oldest_seconds"] is None
    until(lambda: queue(deployed, TELL)["needs"] is None, "notify to be seen reading")
