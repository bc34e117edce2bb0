"""Whom the console answers: this machine, with the run's key; and forms of its own pages alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from estafet.console.app import App
from estafet.console.drawing import Drawing
from estafet.console.guard import Guard
from estafet.console.pages import Pages
from estafet.settings import from_environment

PORT = 8010
HERE = f"http://127.0.0.1:{PORT}"
OURS = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def guard() -> Guard:
    return Guard(PORT)


@pytest.fixture
def app(guard: Guard, tmp_path: Path) -> App:
    settings = from_environment({"ESTAFET_DATA": str(tmp_path)})
    return App(Pages(settings, None, Drawing(guard.token, "rini")), guard)


@pytest.fixture
def browser(app: App, guard: Guard) -> Client:
    """One that was given the key."""
    client = Client(app)
    assert client.get(f"/?key={guard.key}", base_url=HERE).status_code == 303
    return client


def decided(browser: Client, token: str, headers: dict[str, str], base_url: str = HERE) -> TestResponse:
    """A decision that says nothing: who may send a form is told so, and nobody else gets that far."""
    return browser.post("/deferred/tickets/1", data={"token": token}, headers=headers, base_url=base_url)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8010", "[", "", "evil@x"])
def test_a_name_of_somebody_elses_that_leads_here_is_not_answered(app: App, guard: Guard, host: str) -> None:
    answer = Client(app).get(f"/?key={guard.key}", base_url=HERE, headers={"Host": host})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9000", "localhost:9000"])
def test_the_port_may_be_a_tunnels(app: App, guard: Guard, host: str) -> None:
    browser = Client(app)
    assert browser.get(f"/?key={guard.key}", base_url=f"http://{host}").status_code == 303
    assert browser.get("/trace", base_url=f"http://{host}").status_code == 200


def test_without_the_key_nothing_is_shown(app: App, guard: Guard) -> None:
    for path in ("/", "/now", "/static/console.css", "/?key=wrong", "/?key=%ff"):
        answer = Client(app).get(path, base_url=HERE)
        assert (answer.status_code, "estafet console" in answer.text) == (403, True)
    let_in = Client(app).get(f"/?key={guard.key}", base_url=HERE)
    assert (let_in.status_code, let_in.headers["Location"]) == (303, "/")
    assert "HttpOnly" in let_in.headers["Set-Cookie"]
    assert guard.key not in repr(guard)


def test_a_form_of_ours_is_heard(browser: Client, guard: Guard) -> None:
    for headers in (OURS, {"Origin": HERE}, {"Sec-Fetch-Site": "same-origin"}):
        answer = decided(browser, guard.token, headers)
        assert (answer.status_code, "Say whether to replay" in answer.text) == (409, True)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": f"https://127.0.0.1:{PORT}"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_from_elsewhere_is_not_heard(browser: Client, guard: Guard, headers: dict[str, str]) -> None:
    assert decided(browser, guard.token, headers).status_code == 403


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_a_form_without_this_runs_token_is_not_heard(browser: Client, token: str) -> None:
    assert decided(browser, token, OURS).status_code == 403


def test_another_run_has_another_key_and_token() -> None:
    assert len({Guard(PORT).key, Guard(PORT).key, Guard(PORT).token, Guard(PORT).token}) == 4


def test_no_answer_may_be_framed_kept_or_given_a_script(browser: Client) -> None:
    for path, status in (("/trace", 200), ("/nothing", 404), ("/static/console.js", 200), ("/trace%00", 404)):
        answer = browser.get(path, base_url=HERE)
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status_code == status
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_too_long_or_not_text_is_refused(browser: Client, guard: Guard) -> None:
    long = {"token": guard.token, "act": "discard", "who": "rini", "why": "x" * 20_000}
    assert browser.post("/deferred/tickets/1", data=long, headers=OURS, base_url=HERE).status_code == 413
    assert browser.get("/trace?wanted=%00", base_url=HERE).status_code == 404
    assert browser.get("/static/..%2fapp.py", base_url=HERE).status_code == 404
    assert browser.delete("/deferred/tickets/1", headers=OURS, base_url=HERE).status_code == 403
