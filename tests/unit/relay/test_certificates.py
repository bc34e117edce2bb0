"""Whom a service talks to by TLS, and when what they show runs out: from a real server."""

from __future__ import annotations

import ssl
import threading
import time
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from estafet.relay.certificates import Peer, expires, peers_of, watch
from estafet.settings import from_environment
from tests.bed.process import free_port, wait_until
from tests.support import certificates

DAY = 86400


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.make(tmp_path_factory.mktemp("certificates"), days=30)


@pytest.mark.parametrize("postgresql", [False, True])
def test_a_peer_s_certificate_says_when_it_runs_out(folder: Path, postgresql: bool) -> None:
    with certificates.tls_server(folder, postgresql=postgresql) as peer:
        assert expires(peer, folder / "ca.crt") == pytest.approx(time.time() + 30 * DAY, abs=120)


def test_one_that_has_run_out_says_so_too(tmp_path: Path) -> None:
    folder = certificates.make(tmp_path / "old", days=0)
    wait_until(lambda: time.time() > (folder / "proxy.crt").stat().st_mtime + 1, what="out of date")
    with certificates.tls_server(folder) as peer:
        assert expires(peer, folder / "ca.crt") < time.time()


def test_a_stranger_s_is_not_believed(folder: Path) -> None:
    with certificates.tls_server(folder) as peer, pytest.raises(ssl.SSLCertVerificationError):
        expires(peer, None)


def test_all_are_looked_at_and_one_that_is_away_keeps_nobody_from_it(folder: Path) -> None:
    stop = threading.Event()
    away = Peer("127.0.0.1", free_port())
    with certificates.tls_server(folder) as peer:
        thread = threading.Thread(target=watch, args=((away, peer), folder / "ca.crt", stop))
        thread.start()
        wait_until(lambda: number(peer), what="looked at")
        stop.set()
        thread.join()
    assert number(peer) == pytest.approx(time.time() + 30 * DAY, abs=120)
    assert number(away) is None


def number(peer: Peer) -> float | None:
    return REGISTRY.get_sample_value("estafet_certificate_expires_timestamp_seconds", {"peer": str(peer)})


def test_who_is_looked_at_follows_from_the_settings() -> None:
    settings = from_environment(
        {
            "ESTAFET_AMQP_URI": "amqps://tickets:x@one/estafet;amqps://tickets:x@two:5700/estafet",
            "ESTAFET_DATABASE_URL": "postgresql+psycopg://tickets:x@/tickets?host=a&host=b:5433&sslmode=verify-full",
            "ESTAFET_PUBLIC_URL": "https://laporan.example",
        }
    )
    seen = [str(each) for each in peers_of(settings, "tickets")]
    assert seen == ["one:5671", "two:5700", "a:5432", "b:5433", "laporan.example:443"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {
            "ESTAFET_AMQP_URI": "amqp://tickets:x@broker/estafet",
            "ESTAFET_DATABASE_URL": "postgresql+psycopg://tickets:x@postgres/tickets",
            "ESTAFET_PUBLIC_URL": "http://127.0.0.1:8000",
        },
    ],
)
def test_where_nothing_is_encrypted_there_is_nobody_to_look_at(environment: dict[str, str]) -> None:
    assert peers_of(from_environment(environment), "tickets") == ()
