from __future__ import annotations

import json
from typing import Any

import pytest

from estafet.events import CONTRACTS, Event, encode, topology
from estafet.events.envelope import MAX_BODY
from estafet.relay.errors import Unreadable
from estafet.relay.message import Delivery
from estafet.relay.subscription import Subscription
from tests.support.messages import event

REMEMBER = Subscription("notify.remember", lambda event, work: None)
GIVEN = {"name": None, "email": "siti@example.org", "phone": None, "locale": "id", "secret": "s"}


def delivery(body: bytes, name: str | None = "reporter.given") -> Delivery:
    return Delivery("notify.remember", body, name=name)


def read(subscription: Subscription, delivery: Delivery) -> Event:
    return subscription.validated(subscription.unwrap(delivery))


def test_it_has_the_queues_its_contracts_list() -> None:
    assert REMEMBER.queues["evt-tickets-reporter.given--notify.remember"].name == "reporter.given"
    assert {contract.name for contract in REMEMBER.queues.values()} == {
        contract.name for contract in CONTRACTS if "notify.remember" in contract.listeners
    }
    assert Subscription("notify.nobody", lambda event, work: None).queues == {}


def test_every_listener_of_every_contract_is_some_services_queue() -> None:
    found = {queue for service in topology.services() for queue in topology.queues_of(service)}
    assert found == {queue for contract in CONTRACTS for queue in contract.queues}


def test_it_reads_data_as_python_values_and_ignores_what_it_does_not_know() -> None:
    sent = event("reporter.given", {**GIVEN, "shoe size": 43}, subject="KDR-1")
    heard = read(REMEMBER, delivery(encode(sent)))
    assert heard.data == GIVEN
    assert (heard.id, heard.subject) == (sent.id, "KDR-1")


@pytest.mark.parametrize(
    ("reason", "body", "name"),
    [
        ("malformed", b"\xff", "reporter.given"),
        ("malformed", b"[" * 10_000, "reporter.given"),
        ("malformed", b'{"data":' * 10_000 + b"1" + b"}" * 10_000, "reporter.given"),
        ("too-large", b"x" * 20_000_000, "reporter.given"),
        ("too-large", encode(event("reporter.given", {**GIVEN, "name": "x" * MAX_BODY})), "reporter.given"),
        ("malformed", json.dumps({"specversion": "1.0"}).encode(), "reporter.given"),
        ("foreign", encode(event("note.added", {})), "reporter.given"),
        ("foreign", encode(event("reporter.given", GIVEN)), "reporter.erased"),
        ("foreign", encode(event("reporter.given", GIVEN, version=2)), "reporter.given"),
        ("invalid", encode(event("reporter.given", {})), "reporter.given"),
    ],
)
def test_what_is_not_as_agreed_is_refused_with_its_reason(reason: str, body: bytes, name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(REMEMBER, delivery(body, name))
    assert caught.value.reason == reason


def test_a_handler_that_validates_itself_gets_the_data_as_it_came() -> None:
    lenient = Subscription("notify.remember", lambda event, work: None, validate=False)
    data: dict[str, Any] = {"name": 5, "shoe size": 43}
    assert read(lenient, delivery(encode(event("reporter.given", data)))).data == data


def test_a_service_speaks_only_for_itself() -> None:
    def hear(publisher: str | None, source: str) -> None:
        body = encode(event("reporter.given", GIVEN, source=source))
        read(REMEMBER, Delivery("notify.remember", body, publisher=publisher, name="reporter.given"))

    hear("tickets", "/estafet/tickets")
    hear(None, "/estafet/tickets")  # memory:// vouches for nobody
    hear("admin", "/estafet/tickets")  # one account for all: then there is nothing to compare
    for source in ("/estafet/tickets", "/estafet/routing/", "/elsewhere"):
        with pytest.raises(Unreadable) as caught:
            hear("routing", source)
        assert caught.value.reason == "forged"
