"""Webhooks go to nowhere they may not: no redirect is followed, and no name leads into the house."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from estafet.relay.work import Works
from services.notify.webhooks.guard import Guard
from tests.integration.notify.webhooks.conftest import (
    happen,
    now_of,
    rows,
    sender,
    states,
    subscribe,
)
from tests.support.receiver import Receiver


@pytest.mark.parametrize("answer", ["301", "302", "307", "308"])
def test_no_redirect_is_followed(works: Works, answer: str) -> None:
    with Receiver(lambda number: answer) as receiver:
        subscribe(works, receiver)
        receiver.secret = ""
        happen(works, 1)
        sender(works).run()
        assert receiver.calls.total() == 1
        assert [(row.state, row.error) for row in rows(works)] == [("created", f"http-{answer}")]


def test_nothing_is_sent_to_an_address_of_the_house(works: Works) -> None:
    with Receiver() as receiver:
        subscribe(works, receiver.url)
        happen(works, 1)
        sender(works, guard=Guard()).run()
        assert [(row.state, row.error) for row in rows(works)] == [("created", "refused-address")]
        assert not receiver.calls


def test_a_name_that_is_moved_into_the_house_is_refused_at_sending(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outside world's name server is the one thing here that a test cannot have."""
    real, answers = socket.getaddrinfo, iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        if host != "app.example":
            return real(host, *rest, **more)
        asked.append(host)
        return real(next(answers), *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with Receiver() as receiver:
        url = f"https://app.example:{receiver.port}/hook"
        Guard().check(url)
        subscribe(works, url)
        happen(works, 1)
        sender(works, guard=Guard()).run()
        assert [row.error for row in rows(works)] == ["refused-address"]
        assert not receiver.calls
        assert asked == ["app.example"] * 2


def test_the_address_that_was_looked_at_is_the_one_connected_to(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers otherwise each time it is asked gains nothing: it is asked once."""
    works = now_of(works)
    real, answers = socket.getaddrinfo, iter(["127.0.0.1"])

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        return real(next(answers) if host == "app.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with Receiver() as receiver:
        endpoint = subscribe(works, f"http://app.example:{receiver.port}/hook?a=b")
        receiver.secret = endpoint.secret
        happen(works, 1)
        sender(works).run()
        assert states(works) == ["delivered"]
        assert receiver.headers["host"] == f"app.example:{receiver.port}"
