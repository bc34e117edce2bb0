"""``estafet webhook``: what operators do, on notify's own database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estafet.cli.failure import Failure
from estafet.cli.main import group
from estafet.relay.work import Works
from services.notify.webhooks.endpoints import OVERLAP
from tests.integration.notify.conftest import arrive, event, prepared
from tests.integration.notify.webhooks.conftest import rows, sender, states
from tests.support.receiver import Receiver

Run = Callable[..., Result]


@pytest.fixture
def works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Works]:
    """notify's database where the command looks for it."""
    monkeypatch.setenv("ESTAFET_DATA", str(tmp_path))
    monkeypatch.setenv("ESTAFET_WEBHOOK_NETWORKS", "127.0.0.0/8, ::1/128")
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.delenv("ESTAFET_DATABASE_URL", raising=False)
    database = prepared(f"sqlite:///{tmp_path / 'notify.sqlite'}")
    yield Works("notify", database)
    database.engine.dispose()


@pytest.fixture
def run(works: Works) -> Run:
    def run(*arguments: str, fails: str | None = None) -> Result:
        done = CliRunner().invoke(group, ["webhook", *arguments])
        if fails is None:
            assert done.exit_code == 0, (done.output, done.exception)
        else:
            assert isinstance(done.exception, Failure), (done.output, done.exception)
            assert re.search(fails, str(done.exception))
        return done

    return run


def add(run: Run, url: str, *options: str) -> tuple[str, str]:
    """The new webhook's id and its secret."""
    done = run("add", url, "--owner", "tim@app.example", *options)
    return done.stderr.partition("Its webhook is ")[2].partition(";")[0], done.stdout.strip()


def test_a_webhook_from_its_beginning_to_its_end(works: Works, run: Run) -> None:
    arrive(works, event("directory.published", "e-0"))
    with Receiver() as receiver:
        id, receiver.secret = add(run, receiver.url, "--event", "ticket.opened", "--category", "road")
        assert receiver.secret.startswith("whsec_")
        listed = run("list").output
        for expected in (id, receiver.url, "tim@app.example", "ticket.opened", "road", "on"):
            assert expected in listed
        arrive(works, event("ticket.opened", "e-1", 1))
        run("test", id)
        sender(works).run()
        assert states(works) == ["delivered"] * 2
        assert receiver.forged == 0
        shown = run("show", id).output
        assert "webhook.tested" in shown
        assert "200" in shown
        for page in (listed, shown):
            assert "whsec_" not in page
        assert "2 will be sent again" in run("replay", id, "--since", "2020-01-01").output
        assert "1 will be sent again" not in run("replay", id).output
        sender(works).run()
        assert set(receiver.calls.values()) == {2}
        old, receiver.secret = receiver.secret, run("rotate", id).stdout.strip()
        assert old != receiver.secret
        for secret in (old, receiver.secret):
            receiver.secret = secret
            run("replay", id, rows(works)[0].id)
            sender(works).run()
        assert receiver.forged == 0
    run("disable", id, "--why", "pindah")
    assert "off" in run("list").output
    assert "pindah" in run("show", id).output
    run("replay", id, fails="it is switched off")
    run("test", id, fails="it is switched off")
    run("enable", id, "--why", "selesai", "--who", "sri")
    assert "sri" in run("show", id).output
    run("remove", id)
    assert "There is no webhook." in run("list").output
    assert rows(works) == []


@pytest.mark.parametrize(
    ("url", "options", "says"),
    [
        ("https://10.0.0.7/hook", [], "ESTAFET_WEBHOOK_NETWORKS"),
        ("https://app.invalid/hook", [], "nobody knows the name app.invalid"),
        ("not a url", [], "such as https://app.example/estafet"),
        ("https://u:p@127.0.0.1/", [], "no user, no password"),
        ("https://127.0.0.1/", ["--event", "reporter.given"], "no webhook hears reporter.given; it may be handoff"),
        ("https://127.0.0.1/", ["--event", "nonsense"], "no webhook hears nonsense"),
        ("https://127.0.0.1/", ["--category", "nonsense"], "no category nonsense; it may be bribe, fire, road"),
        ("https://127.0.0.1/", ["--owner", "nobody"], "such as tim@app.example"),
        ("https://127.0.0.1/", ["--owner", "a@b\r\nBcc: x@y"], "such as tim@app.example"),
    ],
)
def test_what_cannot_be_a_webhook_is_said_with_what_can(
    works: Works, run: Run, url: str, options: list[str], says: str
) -> None:
    arrive(works, event("directory.published", "e-0"))
    run("add", url, "--owner", "tim@app.example", *options, fails=says)
    assert "There is no webhook." in run("list").output


def test_what_is_not_there_or_is_so_already_is_said(works: Works, run: Run) -> None:
    for command in (["show"], ["remove"], ["rotate"], ["test"], ["replay"], ["disable", "--why", "x"]):
        run(command[0], "nothing", *command[1:], fails="There is no webhook nothing. See: estafet webhook list")
    id, _ = add(run, "https://127.0.0.1/hook")
    run("enable", id, "--why", "x", fails="is on already")
    run("disable", id, "--why", "x")
    run("disable", id, "--why", "x", fails="is off already")
    run("enable", id, "--why", "x")
    run("replay", id, "nothing", fails="There is no ended delivery nothing")
    run("replay", id, "nothing", "--since", "2020-01-01", fails="either which delivery, or since when")


def test_a_day_of_two_secrets_is_told_by_its_end(works: Works, run: Run) -> None:
    id, _ = add(run, "https://127.0.0.1/hook")
    until = works.clock.now() + OVERLAP
    assert f"{until:%Y-%m-%d}" in run("rotate", id).stderr
