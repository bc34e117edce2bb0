"""When the certificates of those a service talks to by TLS run out."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from estafet.relay import metrics
from estafet.settings import Settings

_log = logging.getLogger(__name__)

#: Seconds between looks, and until the next one where somebody could not be looked at.
EVERY, AGAIN = 3600.0, 60.0
#: Seconds a look may take.
PATIENCE = 5.0
#: OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python does not name: one that has run out is to be told as well.
_WHATEVER_THE_TIME = 0x200000
#: What PostgreSQL is sent to begin TLS (its protocol's SSLRequest), and its yes.
_SSL_REQUEST, _WILLING = bytes.fromhex("0000000804d2162f"), b"S"


@dataclass(frozen=True, slots=True)
class Peer:
    """An address that speaks TLS; PostgreSQL's begins it only when asked to."""

    host: str
    port: int
    postgresql: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def peers_of(settings: Settings, service: str) -> tuple[Peer, ...]:
    """Whom a service talks to by TLS: the broker's nodes, its database, and the address that people are given."""
    nodes = [urlsplit(uri) for uri in settings.amqp_uri.split(";")]
    brokers = [Peer(each.hostname or "", each.port or 5671) for each in nodes if each.scheme == "amqps"]
    public = urlsplit(settings.public_url)
    web = [Peer(public.hostname or "", public.port or 443)] if public.scheme == "https" else []
    return tuple(dict.fromkeys([*brokers, *_databases(settings.database(service)), *web]))


def _databases(address: str) -> Iterator[Peer]:
    url = make_url(address)
    if url.get_backend_name() != "postgresql" or not str(url.query.get("sslmode", "")).startswith(
        ("require", "verify")
    ):
        return
    hosts = url.query.get("host", url.host or "")
    for each in (hosts,) if isinstance(hosts, str) else hosts:
        host, _, port = each.partition(":")
        yield Peer(host, int(port or url.port or 5432), postgresql=True)


def expires(peer: Peer, ca: Path | None) -> float:
    """When the certificate a peer shows runs out, in seconds since 1970, be it past. Name and authority must be right.

    Args:
        peer: whom to look at.
        ca: file with an authority that is trusted beside those of this machine.

    Raises:
        OSError: it does not answer, or its certificate is not to be trusted (ssl.SSLError).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    if ca is not None:
        context.load_verify_locations(ca)
    context.verify_flags |= _WHATEVER_THE_TIME
    with socket.create_connection((peer.host, peer.port), timeout=PATIENCE) as plain:
        if peer.postgresql:
            plain.sendall(_SSL_REQUEST)
            if plain.recv(1) != _WILLING:
                raise ConnectionError("it does not speak TLS")
        with context.wrap_socket(plain, server_hostname=peer.host) as connection:
            certificate = connection.getpeercert() or {}
    return float(ssl.cert_time_to_seconds(str(certificate["notAfter"])))


def watch(peers: Iterable[Peer], ca: Path | None, stop: threading.Event) -> None:
    """Look at each, now and every hour until stopped. Who is away keeps the last number that was seen."""
    while True:
        seen = [_look(peer, ca) for peer in peers]
        if stop.wait(EVERY if all(seen) else AGAIN):
            return


def _look(peer: Peer, ca: Path | None) -> bool:
    try:
        moment = expires(peer, ca)
    except (OSError, ValueError) as error:  # the latter: a host's name that can be none
        _log.warning("the certificate of %s could not be looked at: %s", peer, error)
        return False
    metrics.certificate_expires.labels(str(peer)).set(moment)  # only now: asked for, a label is there, and shows 0
    return True
