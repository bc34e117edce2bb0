"""Tokens end when they are told to, at once and everywhere: by their date, or because they were taken back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.bed.process import free_port
from tests.e2e.conftest import Running
from tests.e2e.system import ROOT, System, until

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def system(running: Running) -> System:
    return running("deployed")


@pytest.fixture(scope="module")
def replicas(system: System) -> Iterator[tuple[str, str]]:
    """The addresses of two processes of tickets on one database."""
    port = free_port()
    log = (system.folder / "tickets-replica.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "estafet.cli.main", "serve", "tickets"],
        cwd=ROOT,
        env={**system.environment_of(("tickets",)), "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{port}"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    second = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        assert process.poll() is None, system.logs()
        try:
            return httpx.get(f"{second}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    try:
        until(ready, "the second tickets to be ready")
        yield system.url, second
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def issue(system: System, *options: str) -> tuple[str, str]:
    """A token, and the number it is revoked by."""
    done = system.estafet("token", "issue", "officer", "dispendukcapil", "--label", "a test", *options)
    return done.stdout.strip(), done.stderr.split()[-1]


def statuses(replicas: tuple[str, str], token: str) -> list[int]:
    headers = {"Authorization": f"Bearer {token}"}
    return [httpx.get(f"{each}/api/v1/desk", headers=headers, timeout=10).status_code for each in replicas]


def test_a_revoked_token_is_worth_nothing_at_once_in_every_replica(system: System, replicas: tuple[str, str]) -> None:
    token, number = issue(system)
    for _ in range(3):
        assert statuses(replicas, token) == [200, 200]
    system.estafet("token", "revoke", number)
    assert statuses(replicas, token) == [401, 401]
    assert system.estafet("token", "revoke", number, check=False).returncode == 1


def test_a_token_ends_at_its_date(system: System, replicas: tuple[str, str]) -> None:
    def at(when: datetime) -> tuple[str, str]:
        return ("--expires", when.strftime("%Y-%m-%dT%H:%M:%S"))

    now = datetime.now(UTC)
    assert statuses(replicas, issue(system, *at(now - timedelta(seconds=1)))[0]) == [401, 401]
    assert statuses(replicas, issue(system, *at(now + timedelta(days=1)))[0]) == [200, 200]
    soon = datetime.now(UTC) + timedelta(seconds=6)
    token, _ = issue(system, *at(soon))
    assert statuses(replicas, token) == [200, 200]
    until(lambda: statuses(replicas, token) == [401, 401], "the token to expire")
    assert datetime.now(UTC) > soon.replace(microsecond=0)


def test_neither_the_token_nor_its_part_is_in_what_is_listed_or_logged(system: System) -> None:
    token, number = issue(system)
    listed = system.estafet("token", "list").stdout
    assert number in listed
    for text in (listed, *(log.read_text() for log in system.folder.glob("*.log"))):
        assert token.removeprefix("est_") not in text
