"""One attempt: a signed POST to an address that was looked at, within bounds of time."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import httpcore
import httpx

from estafet.relay.errors import HandlerTimeout
from services.notify.webhooks.guard import Guard, Refused, Unknown, read

#: Seconds.
CONNECT = 3.0
TOTAL = 10.0

#: Bounds the time of what is inside, whatever it waits for; ends it with HandlerTimeout.
Limit = Callable[[float], AbstractContextManager[None]]

_GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt. Of what the endpoint said only the status is read: the rest is nobody's business.

    Attributes:
        status: None when there was no answer.
        error: a class of error; None: it was delivered.
    """

    status: int | None
    error: str | None
    seconds: float

    @property
    def gone(self) -> bool:
        """The endpoint asks not to be called again."""
        return self.status == _GONE


class Poster:
    """Sends one request a connection: nothing is followed, no proxy asked, no cookie kept."""

    def __init__(
        self, guard: Guard, limit: Limit = lambda seconds: nullcontext(), tls: ssl.SSLContext | None = None
    ) -> None:
        self._guard = guard
        self._limit = limit
        self._tls = tls or ssl.create_default_context()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """It does not raise: what goes wrong is an answer too."""
        began = time.monotonic()
        status, error = None, None
        try:
            with self._limit(TOTAL):
                status = self._send(read(url), headers, body)
            error = None if 200 <= status < 300 else f"http-{status}"
        except Unknown:
            error = "unknown-name"
        except Refused:
            error = "refused-address"
        except (httpcore.TimeoutException, HandlerTimeout):
            error = "timeout"
        except httpcore.ConnectError as failed:
            error = "tls" if _is_tls(failed) else "connect"
        except httpcore.NetworkError:
            error = "connection"
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            error = "protocol"
        except Exception as unforeseen:  # one endpoint's alone, whatever it is
            error = f"unforeseen-{type(unforeseen).__name__.lower()}"[:64]
        return Answer(status, error, time.monotonic() - began)

    def _send(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> int:
        where = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        fields = [("host", url.netloc.decode()), *headers.items()]
        pinned = _Pinned(self._guard, url)
        timeouts = {"connect": CONNECT, "read": TOTAL, "write": TOTAL, "pool": TOTAL}
        with (
            httpcore.ConnectionPool(ssl_context=self._tls, network_backend=pinned) as pool,
            pool.stream("POST", where, headers=fields, content=body, extensions={"timeout": timeouts}) as answer,
        ):
            return answer.status


class _Pinned(httpcore.NetworkBackend):
    """Connects to an address that the guard has seen, and to no other. TLS and ``Host`` still go by the name."""

    def __init__(self, guard: Guard, url: httpx.URL) -> None:
        self._guard = guard
        self._url = url
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._guard.resolve(self._url)
        failure: Exception = httpcore.ConnectError()
        for address in addresses:
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _is_tls(error: BaseException) -> bool:
    """Whether it was the certificate or the handshake, and not the way there."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLError):
            return True
        inner = inner.__cause__ or inner.__context__
    return False
