"""A TCP proxy that can stall, freeze, delay or cut what goes through it: a network that misbehaves on demand."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Self

from tests.bed.process import free_port


class Proxy:
    """Listens on ``port`` of 127.0.0.1 and passes on to ``target``.

    While ``stalled`` nothing comes back; while frozen nothing goes either way and no connection is made. ``delay``:
    seconds that each piece waits, in each direction.
    """

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.delay = 0.0
        self._target = target
        self._forth, self._back = threading.Event(), threading.Event()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        self.flow()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.flow()
        self.cut()

    def stall(self) -> None:
        """Hold back what the server sends."""
        self._back.clear()

    def freeze(self) -> None:
        """Hold back everything."""
        self._forth.clear()
        self._back.clear()

    def flow(self) -> None:
        """Let it through, what was held back included."""
        self._forth.set()
        self._back.set()

    def cut(self) -> None:
        """End every connection at once."""
        for each in list(self._sockets):
            _end(each)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._forth.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self._target))
        except OSError:  # the server is down
            client.close()
            return
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets |= {client, server}
        threading.Thread(target=self._pump, args=(client, server, self._forth), daemon=True).start()
        self._pump(server, client, self._back)

    def _pump(self, source: socket.socket, sink: socket.socket, flowing: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.delay:
                    time.sleep(self.delay)
                flowing.wait()
                sink.sendall(data)
        for each in (source, sink):
            self._sockets.discard(each)
            _end(each)


def _end(each: socket.socket) -> None:
    """Shut down first: closing alone leaves another thread in ``recv``."""
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
