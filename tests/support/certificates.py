"""Certificates for tests, by the script that operators have for a trial, and a server that shows them."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from estafet.relay.certificates import Peer

_SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "certificates.sh"


def make(folder: Path, *names: str, days: int = 90) -> Path:
    """An authority and its certificates in ``folder``, which is answered."""
    subprocess.run(
        ["sh", str(_SCRIPT), str(folder), *names],
        env={**os.environ, "DAYS": str(days)},
        check=True,
        capture_output=True,
    )
    return folder


@contextmanager
def tls_server(folder: Path, *, postgresql: bool = False) -> Iterator[Peer]:
    """Shakes hands with whoever comes; as PostgreSQL does, only after it was asked to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "proxy.crt", folder / "proxy.key")

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with plain, contextlib.suppress(OSError):
                if postgresql:
                    plain.sendall(b"S" if plain.recv(8) == b"\0\0\0\x08\x04\xd2\x16\x2f" else b"N")
                context.wrap_socket(plain, server_side=True).recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield Peer("127.0.0.1", listener.getsockname()[1], postgresql)
        listener.shutdown(socket.SHUT_RDWR)
