"""The client: what it sends, what it makes of answers, and what it repeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from estafet.client import Client, Problem, TimedOut, Unreachable, wait

Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer, token: str | None = "est_x") -> Client:
    return Client("http://estafet.example/", token, http=httpx.Client(transport=httpx.MockTransport(answer)))


def test_an_act_names_its_version_and_its_token() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"version": 5})

    assert client(answer).accept("KDR-1", 4) == {"version": 5}
    assert seen[0].url == "http://estafet.example/api/v1/tickets/KDR-1/accept"
    assert seen[0].headers["If-Match"] == '"4"'
    assert seen[0].headers["Authorization"] == "Bearer est_x"


def test_a_problem_says_its_slug_and_fields() -> None:
    body = {
        "type": "urn:estafet:problem:invalid",
        "title": "Invalid",
        "detail": "Correct the field.",
        "errors": [{"field": "category", "reason": "unknown"}],
    }
    with pytest.raises(Problem) as caught:
        client(lambda request: httpx.Response(422, json=body)).report({})
    assert (caught.value.status, caught.value.slug) == (422, "invalid")
    assert str(caught.value) == "Correct the field.\n  category: unknown"


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(404, json=["x"])])
def test_what_is_not_estafet_is_told(answer: httpx.Response) -> None:
    with pytest.raises(Unreachable, match="is not Estafet"):
        client(lambda request: answer).directory()


@pytest.mark.parametrize(
    ("act", "tries"),
    [
        (lambda client: client.ticket("KDR-1"), 5),
        (lambda client: client.report({}, key="k"), 5),
        (lambda client: client.report({}), 1),
        (lambda client: client.accept("KDR-1", 1), 1),
    ],
)
def test_only_what_may_be_repeated_is(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[Client], Any], tries: int
) -> None:
    monkeypatch.setattr("estafet.client.http.time.sleep", lambda seconds: None)
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise httpx.ConnectError("refused")

    with pytest.raises(Unreachable, match="estafet up"):
        act(client(answer))
    assert len(seen) == tries


@pytest.mark.parametrize(
    ("act", "status", "tries"),
    [
        (lambda client: client.ticket("KDR-1"), 503, 3),
        (lambda client: client.report({}, key="k"), 503, 3),
        (lambda client: client.report({}), 503, 1),
        (lambda client: client.report({}), 429, 3),
        (lambda client: client.accept("KDR-1", 1), 503, 1),
        (lambda client: client.accept("KDR-1", 1), 429, 3),
    ],
)
def test_who_is_asked_to_wait_waits(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[Client], Any], status: int, tries: int
) -> None:
    """What is refused as one too many was not done, so even an act is tried again."""
    slept: list[float] = []
    monkeypatch.setattr("estafet.client.http.time.sleep", slept.append)
    answers = [httpx.Response(status, headers={"Retry-After": "7"}, json={"detail": "Wait."}) for _ in range(2)]
    answers.append(httpx.Response(200, json={}))
    asked = client(lambda request: answers.pop(0))
    if tries == 1:
        with pytest.raises(Problem, match="Wait"):
            act(asked)
    else:
        act(asked)
    assert slept == [7.0] * (tries - 1)


@pytest.mark.parametrize(
    ("retry_after", "pauses"), [("3600", []), ("Wed, 21 Oct 2026 07:28:00 GMT", [0.2, 0.4, 0.6, 0.8])]
)
def test_waiting_to_be_asked_has_its_bounds(
    monkeypatch: pytest.MonkeyPatch, retry_after: str, pauses: list[float]
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("estafet.client.http.time.sleep", slept.append)
    answer = httpx.Response(429, headers={"Retry-After": retry_after}, json={"detail": "You ask too often."})
    with pytest.raises(Problem, match="too often"):
        client(lambda request: answer).directory()
    assert slept == pytest.approx(pauses)


def test_a_chain_is_read_page_by_page() -> None:
    pages = {"0": {"entries": [{"position": 1}], "next": 1}, "1": {"entries": [{"position": 2}], "next": None}}
    read = client(lambda request: httpx.Response(200, json=pages[request.url.params["after"]])).chain("KDR-1")
    assert [each["position"] for each in read] == [1, 2]


def test_waiting_ends() -> None:
    with pytest.raises(TimedOut, match="stands at 'requested'"):
        wait(lambda: {"status": "requested"}, lambda seen: False, timeout=0.05, what="it")
